"""Steps that add columns, and let them be blank or not."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column

from engine.definition.model import Field
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.releases.restore_steps import restored_marker
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import counted, value_of
from engine.schema import ddl
from engine.schema.tables import is_many_to_many
from engine.text import Message, say


def new_fields(work: TableWork) -> Iterator[Step]:
    """Fields that the definition adds, and columns that the table lacks."""
    added, live = work.names("field_added"), work.live_fields
    for each in work.entity.fields.values():
        if is_many_to_many(each):
            yield from _links_field(work, each)
        elif _is_missing(work, each.name) and (each.name not in live or each.name in added):
            yield _stored_field(work, each)
        elif each.name in added:
            yield work.step("field_added", say("Adds {field} to {entity}.", **work.labels(each)), each=each)


def freezing(work: TableWork) -> Iterator[Step]:
    """Columns for values that are stored for good from some stage on."""
    added, live = work.names("field_added"), work.live_fields
    markers = {column.name for column in work.table.c} - set(work.entity.fields) - {"id"}
    kept = [
        column
        for column in work.table.c
        if _is_missing(work, column.name)
        and (column.name in markers or (column.name in live and column.name not in added))
    ]
    sql, back = [], False
    for each in kept:
        restored = restored_marker(work, each.name)
        back = back or restored is not None
        sql += [ddl.add_column(each, True, work.dialect)] if restored is None else restored
    if back:
        sentence = say(
            "Keeps computed values of {entity} as they are when a record enters a freezing stage; what was "
            "frozen before is so again.",
            **work.labels(),
        )
        yield work.step("freeze_added", sentence, sql)
    elif kept:
        sentence = say(
            "Keeps computed values of {entity} as they are when a record enters a freezing stage; records "
            "that are there already stay live.",
            **work.labels(),
        )
        yield work.step("freeze_added", sentence, sql)


def blanks(work: TableWork) -> Iterator[Step]:
    """Fields that become required or optional, and columns that have to be able to be blank."""
    required, optional = work.names("required_added"), work.names("required_removed")
    for each in work.entity.fields.values():
        if each.name not in work.table.c or each.name not in work.live.columns or each.name == "id":
            if each.name in optional | required:
                yield _asked_for(work, each, each.name in required)
            continue
        column, may_be_blank = work.table.c[each.name], work.live.columns[each.name]
        if each.name in required:
            yield _required(work, each, column)
        elif column.nullable and not may_be_blank:
            sql = work.in_place(ddl.allow_blank(column, work.dialect))
            yield work.step("field_optional", _optional(work, each), sql, each=each)
        elif each.name in optional:
            yield work.step("field_optional", _optional(work, each), each=each)
        elif may_be_blank:
            # Records without a value were there when it became required: the column stays as it is.
            column.nullable = True


def _is_missing(work: TableWork, name: str) -> bool:
    return name in work.table.c and name not in work.live.columns


def _links_field(work: TableWork, each: Field) -> Iterator[Step]:
    situation = work.situation
    table = situation.target.links_table(work.entity.key, each.name)
    if table.name in situation.live or table in situation.created:
        return
    standing = {*situation.live, *(created.name for created in situation.created)}
    sql = ddl.create_table(table, standing, work.dialect)
    situation.created.append(table)
    yield work.step("field_added", say("Adds {field} to {entity}.", **work.labels(each)), sql, each=each)


def _stored_field(work: TableWork, each: Field) -> Step:
    column, dialect = work.table.c[each.name], work.dialect
    records = work.situation.count(work.table)
    value = _first_value(work, each)
    must_be_filled = not column.nullable
    sql = [ddl.add_column(column, column.nullable or records > 0, dialect)]
    if records and value is not None and dialect == "postgresql":
        # The rows that are there are not written at all: the catalog remembers their value.
        sql = ddl.add_filled_column(column, value, dialect)
    elif records and value is not None:
        sql.append(ddl.fill_column(column, value, dialect))
        if must_be_filled:
            sql += work.in_place(ddl.refuse_blank(column, dialect))
    elif records and must_be_filled:
        column.nullable = True
    work.checked |= {str(check.name) for check in ddl.checks_on(column)}
    for index in work.table.indexes:
        if [indexed.name for indexed in index.columns] == [each.name]:
            work.indexed.add(str(index.name))
            sql.append(ddl.create_index(index, dialect))
            work.index_sql.add(sql[-1])
            if index.unique and value is not None and records > 1:
                _refuse_shared_default(work, each, records, value)
    sentence, risk = _addition(work, each, records, value)
    return work.step("field_added", sentence, sql, each=each, risk=risk, records=records)


def _first_value(work: TableWork, each: Field) -> Any:
    """What the records that are there already get: the first stage, or a default that is no formula."""
    if each.system and each.name == "stage" and work.entity.workflow:
        return work.entity.workflow.initial.name
    plain = each.formula is None and not each.encrypted and not isinstance(each.default, Expression)
    return each.default if plain else None


def _addition(work: TableWork, each: Field, records: int, value: Any) -> tuple[Message, Risk]:
    labels = work.labels(each)
    if not records or each.formula:
        return say("Adds {field} to {entity}.", **labels), Risk.SAFE
    labels["records"] = counted(records, work.entity)
    if each.system and work.entity.workflow:
        stage = work.entity.workflow.initial.label
        return say("Adds stages to {entity}, with {records} in {stage}.", **labels, stage=stage), Risk.SAFE
    if value is not None:
        shown = value_of(each, value)
        return say("Adds {field} to {entity}, with “{value}” in {records}.", **labels, value=shown), Risk.SAFE
    if each.required:
        sentence = say(
            "Adds {field} to {entity}. It is required. Left without it until somebody edits them: {records}.",
            **labels,
        )
        return sentence, Risk.CONFIRM
    if FIELD_TYPES[each.type].numbering(each.options):
        sentence = say("Adds {field} to {entity}. Left without a number: {records}.", **labels)
        return sentence, Risk.CONFIRM
    return say("Adds {field} to {entity}.", **labels), Risk.SAFE


def _refuse_shared_default(work: TableWork, each: Field, records: int, value: Any) -> None:
    work.refuse(
        each.place,
        say(
            "'{name}' of {entity} is unique, but its default would give “{value}” to {records}. Leave the "
            "default or 'unique' out.",
            **work.labels(each),
            name=each.name,
            value=value_of(each, value),
            records=counted(records, work.entity),
        ),
    )


def _required(work: TableWork, each: Field, column: Column[Any]) -> Step:
    empty = 0 if each.formula else work.situation.blanks(work.table, each.name)
    empty += work.emptied.get(each.name, 0)
    if not empty:
        sql = []
        if not column.nullable and work.live.columns[each.name]:
            sql = work.in_place(ddl.refuse_blank(column, work.dialect))
        return work.step("field_required", _needed(work, each), sql, each=each)
    value = _first_value(work, each)
    labels = {**work.labels(each), "records": counted(empty, work.entity)}
    if value is not None:
        sql = _filled(work, column, value)
        if not column.nullable and work.live.columns[each.name]:
            sql += work.in_place(ddl.refuse_blank(column, work.dialect))
        sentence = say(
            "Makes {field} of {entity} required: {records} have none and get “{value}”."
            if empty > 1
            else "Makes {field} of {entity} required: {records} has none and gets “{value}”.",
            **labels,
            value=value_of(each, value),
        )
        return work.step("field_required", sentence, sql, each=each, risk=Risk.CONFIRM, records=empty)
    column.nullable = True
    sentence = say(
        (
            "Makes {field} of {entity} required: {records} have none, and can be left so until "
            "somebody edits them."
        )
        if empty > 1
        else (
            "Makes {field} of {entity} required: {records} has none, and can be left so until "
            "somebody edits it."
        ),
        **labels,
    )
    return work.step("field_required", sentence, each=each, risk=Risk.CONFIRM, records=empty)


def _filled(work: TableWork, column: Column[Any], value: Any) -> list[str]:
    """Gives the value to records without one; a column that a copy of the table makes gets it there."""
    if not work.rebuilt:
        return [ddl.fill_column(column, value, work.dialect)]
    copied = work.copies.get(column.name, work.quoted(column.name))
    work.copies[column.name] = f"coalesce({copied}, {ddl.value_text(column, value, work.dialect)})"
    return []


def _asked_for(work: TableWork, each: Field, required: bool) -> Step:
    """A field without a column of its own, such as child rows."""
    if required:
        return work.step("field_required", _needed(work, each), each=each)
    return work.step("field_optional", _optional(work, each), each=each)


def _needed(work: TableWork, each: Field) -> Message:
    return say("Makes {field} of {entity} required.", **work.labels(each))


def _optional(work: TableWork, each: Field) -> Message:
    return say("Lets {field} of {entity} be blank.", **work.labels(each))
