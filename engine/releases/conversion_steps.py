"""Steps that change the type of a field over its values: money into a number, text into a choice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import ColumnElement, MetaData, Table, column, not_

from engine.definition.model import Field
from engine.fields.field_type import TakeOver
from engine.fields.registry import FIELD_TYPES
from engine.releases.column_moves import retire_column
from engine.releases.conversion import Conversion, Survey, survey
from engine.releases.counters import counted_on
from engine.releases.encryption import refuse_encryption
from engine.releases.retired import COLUMN, kept_for
from engine.releases.sameness import stored_alike
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import value_of
from engine.schema import ddl, names
from engine.schema.tables import limits_name
from engine.text import Message, say


def conversions(work: TableWork) -> Iterator[Step]:
    """Columns that go on with another type."""
    if work.before is None:
        return
    for name, was in work.kept.items():
        after, before = work.entity.fields.get(name), work.before.fields.get(was)
        if after and before and not stored_alike(before, after):
            yield _converted(work, before, after)


def _converted(work: TableWork, before: Field, after: Field) -> Step:
    found = work.as_it_is()
    locked = before.encrypted or after.encrypted
    if before.encrypted != after.encrypted:
        refuse_encryption(work, before, after)
    kept = None if locked else kept_for(work.situation.retired, work.entity.key, after, COLUMN)
    back = kept.column if kept and kept.column in work.live.columns else None
    own, fits = (None, False) if back or locked else _take_over(work, before, after, found)
    # What is written differently can become the same: “7” and “007”.
    may_repeat = after.unique and FIELD_TYPES[before.type].group != FIELD_TYPES[after.type].group
    if own is not None and fits and not may_repeat:
        values = work.values(before.name)
        counters = counted_on(work, Conversion("", found, before, after))
        sql = [*_in_database(work, before, after, own), *counters]
        return _step(work, before, after, Survey(values, 0, 0), sql)
    table = Table(
        found.name,
        MetaData(),
        TableColumn("id", found.c.id.type),
        TableColumn(before.name, found.c[before.name].type),
        *([TableColumn(back, work.table.c[after.name].type)] if back else []),
    )
    name = names.shortened(f"_dougong_converted_{after.name}")
    # Values that become the same, and numbers of a sequence, are looked at one by one.
    one_by_one = after.unique or FIELD_TYPES[after.type].numbering(after.options) is not None
    partly = None if back or locked or one_by_one else _of_column(work, before, after, table.c[before.name])
    conversion = Conversion(name, table, before, after, back, partly)
    connection = work.situation.connection
    counted = survey(connection, conversion, after.unique, work.situation.begin(conversion))
    if counted.repeated is not None:
        work.refuse(
            after.place,
            say(
                "{field} of {entity} is unique, but as {type} several records would have “{value}”. Make "
                "them different first.",
                **work.labels(after),
                type=after.type,
                value=value_of(after, counted.repeated),
            ),
        )
    work.emptied[after.name] = counted.lost
    sql = [*_by_table(work, before, after, conversion, counted), *counted_on(work, conversion)]
    step = _step(work, before, after, counted, sql)
    return replace(step, conversion=conversion, secret=after.encrypted and not before.encrypted)


def _take_over(work: TableWork, before: Field, after: Field, found: Table) -> tuple[TakeOver | None, bool]:
    """The conversion by the database, and whether it is right for all values that are there."""
    own = _of_column(work, before, after, found.c[before.name])
    if own is None:
        return None, False
    if work.situation.number(found, found.c[before.name].is_not(None), not_(own.fits)):
        return own, False
    return _of_column(work, before, after, column(after.name, found.c[before.name].type)), True


def _of_column(work: TableWork, before: Field, after: Field, values: ColumnElement[Any]) -> TakeOver | None:
    target, source = FIELD_TYPES[after.type], FIELD_TYPES[before.type]
    return target.take_over(after.options, source, before.options, values, work.dialect)


def _in_database(work: TableWork, before: Field, after: Field, own: TakeOver) -> list[str]:
    new = work.table.c[after.name]
    old_type = ddl.column_type(work.as_it_is().c[before.name], work.dialect)
    new_type = ddl.column_type(new, work.dialect)
    value = ddl.expression_text(own.value, work.dialect)
    plain = value == work.quoted(after.name)
    old_check = limits_name(work.table.name, replace(before, name=after.name))
    gone = {old_check} & work.live.checks
    checks = ddl.checks_on(new)
    work.checked |= {str(check.name) for check in checks}
    if old_type == new_type and plain and not gone and not checks:
        return []
    if work.dialect == "sqlite":
        if old_type == new_type and not gone and not checks:
            name, table = work.quoted(after.name), work.quoted(work.table.name)
            return [f"UPDATE {table} SET {name} = {value} WHERE {name} IS NOT NULL"]  # noqa: S608
        work.rebuilt = True
        work.copies[after.name] = value
        return []
    sql = [ddl.drop_check(work.table.name, name, work.dialect) for name in gone]
    if old_type != new_type:
        action = f"ALTER COLUMN {work.quoted(after.name)} TYPE {new_type}"
        sql.append(work.alter(action if plain else f"{action} USING {value}"))
    sql += [ddl.add_check(check, work.dialect) for check in checks]
    work.has_checks(gone, {str(check.name) for check in checks})
    return sql


def _by_table(
    work: TableWork, before: Field, after: Field, conversion: Conversion, counted: Survey
) -> list[str]:
    """The values come from the temporary table; the old ones are kept where not all came through whole."""
    new, dialect, release = work.table.c[after.name], work.dialect, work.situation.release
    keeps = counted.lost > 0 or counted.rounded > 0
    kept = names.retired_name(release, after.name)
    waiting, table = work.quoted(conversion.name), work.quoted(work.table.name)
    note = f"-- {conversion.name} (id, now) holds every value of {before.name} as {after.type}"
    checks = ddl.checks_on(new)
    work.checked |= {str(check.name) for check in checks}
    work.again.add(after.name)
    old = replace(before, name=after.name)
    blank = work.live.columns[after.name] or counted.lost > 0
    if counted.lost:
        new.nullable = True
    if dialect == "sqlite":
        entry = []
        if keeps:
            entry = [
                sql
                for sql in retire_column(work, after.name, old, kept)
                if sql.startswith("INSERT INTO dougong_")
            ]
            work.copies[kept] = work.quoted(after.name)
            work.has_column(after.name, blank)
        work.rebuilt = True
        work.copies[after.name] = f"(SELECT {waiting}.now FROM {waiting} WHERE {waiting}.id = {table}.id)"  # noqa: S608
        return [note, *entry]
    sql = retire_column(work, after.name, old, kept)
    sql = sql if keeps else sql[:-1]
    sql.append(ddl.add_column(new, nullable=True, dialect=dialect))
    name = work.quoted(after.name)
    sql.append(f"UPDATE {table} SET {name} = {waiting}.now FROM {waiting} WHERE {waiting}.id = {table}.id")  # noqa: S608
    if not keeps:
        sql += [work.alter(f"DROP COLUMN {work.quoted(kept)}")]
        work.lost_column(kept)
    if not (blank or new.nullable):
        sql.append(ddl.refuse_blank(new, dialect))
    work.has_column(after.name, blank or bool(new.nullable), ddl.column_type(new, dialect))
    work.has_checks(set(), {str(check.name) for check in checks})
    return [note, *sql]


def _step(work: TableWork, before: Field, after: Field, counted: Survey, sql: list[str]) -> Step:
    loses = counted.lost > 0 or counted.rounded > 0
    return work.step(
        "type_changed",
        _sentence(work, before, after, counted),
        sql,
        each=after,
        risk=Risk.DESTRUCTIVE if loses else Risk.SAFE if _is_small(before, after) else Risk.CONFIRM,
        records=counted.values,
    )


def _is_small(before: Field, after: Field) -> bool:
    """Whether only the decimals change."""
    return before.type == after.type and before.encrypted == after.encrypted


def _sentence(work: TableWork, before: Field, after: Field, counted: Survey) -> Message:
    change = _change(work, before, after)
    values = f"{counted.values:,}"
    parts = {
        "change": change,
        "values": values,
        "lost": f"{counted.lost:,}",
        "rounded": f"{counted.rounded:,}",
    }
    if counted.lost and counted.rounded:
        return say(
            "{change}: {lost} of {values} values cannot be converted and {rounded} are rounded; as they were "
            "they are kept in a column that you can look at until you purge it.",
            **parts,
        )
    if counted.lost:
        return say(
            "{change}: {lost} of {values} values cannot be converted; they are kept in a column that you can "
            "look at until you purge it.",
            **parts,
        )
    if counted.rounded:
        return say(
            "{change}: {rounded} of {values} values are rounded; the exact ones are kept in a column "
            "that you can look at until you purge it.",
            **parts,
        )
    return say(
        "{change}; 1 value is converted."
        if counted.values == 1
        else "{change}; {values} values are converted.",
        **parts,
    )


def _change(work: TableWork, before: Field, after: Field) -> Message:
    labels = work.labels(after)
    if before.encrypted != after.encrypted:
        if after.encrypted:
            return say("Encrypts {field} of {entity}", **labels)
        return say("No longer encrypts {field} of {entity}", **labels)
    if before.type != after.type:
        return say(
            "Changes {field} of {entity} from {before} to {after}",
            **labels,
            before=before.type,
            after=after.type,
        )
    old, new = before.options.get("decimals"), after.options.get("decimals")
    return say(
        "Changes {field} of {entity} from {before} to {after} decimals", **labels, before=old, after=new
    )
