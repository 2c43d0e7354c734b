"""Personal fields that are shown only when somebody asks: asking is written into the audit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.access import audit
from engine.access.field_policy import masked
from engine.access.policy import row_condition
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.problems import InputRefused, NotFound, Problem, unknown
from engine.records.read import showing, titles
from engine.records.select import MASKED, Record
from engine.text import Message, say
from engine.transaction import Transaction

ROW_FIELD = re.compile(r"(?P<table>\w+)\.(?P<row>[0-9]{1,19})\.(?P<name>\w+)")


def personal_in(entity: CompiledEntity, columns: Iterable[str]) -> dict[str, list[str]]:
    """What the audit tells of an export: which of its columns are personal; nothing when none is."""
    found = [name for name in columns if entity.fields[name].definition.personal]
    return {"personal": found} if found else {}


def show_personal(transaction: Transaction, key: str, identity: int, names: Iterable[str]) -> dict[str, Any]:
    """The values of personal fields of a record that may be seen; that they were asked for is written down.

    A name is that of a field, or `loans.31.rate`: the field of a child row by its number. The rows come back
    as `{"loans": [{"id": 31, "rate": …}]}`. Raises NotFound like `get`, InputRefused for a field that is not
    hidden from the actor.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "read", entity)
    wanted = list(dict.fromkeys(names))
    own, rows = [each for each in wanted if "." not in each], _rows_asked(entity, wanted)
    problems = _unknown_fields(transaction, entity, own)
    for table, asked in rows.items():
        child = transaction.catalog.entity(entity.children[table])
        problems += _unknown_fields(
            transaction, child, {name: None for each in asked.values() for name in each}
        )
    if problems or not wanted:
        raise InputRefused(problems or [Problem("fields", say("Name at least one field."))])
    seen = entity.table.c.id == identity, row_condition(transaction, "read", entity)
    found = dict(zip(own, _only_row(transaction, entity, own, identity, *seen), strict=True))
    for table, asked in rows.items():
        found[table] = _row_values(transaction, entity, identity, table, asked)
    audit.record(
        transaction,
        "personal_shown",
        about=key,
        identity=identity,
        subject=titles(transaction, key, [identity]).get(identity, ""),
        detail={"fields": wanted},
    )
    return found


def with_shown(record: Record, shown: Mapping[str, Any]) -> Record:
    """The record with the values that `show_personal` gave, no longer hidden; rows as well."""
    found = {**record, **{name: value for name, value in shown.items() if not isinstance(value, list)}}
    if MASKED in record:
        found[MASKED] = record[MASKED] - shown.keys()
    for table, rows in shown.items():
        if isinstance(rows, list):
            asked = {row["id"]: row for row in rows}
            found[table] = [with_shown(row, asked.get(row["id"], {})) for row in record.get(table, ())]
    return found


def _rows_asked(entity: CompiledEntity, names: Iterable[str]) -> dict[str, dict[int, list[str]]]:
    """Table → number of the row → its fields, of the names that are those of child rows."""
    found: dict[str, dict[int, list[str]]] = {}
    for each in names:
        if "." in each:
            match = ROW_FIELD.fullmatch(each)
            if match is None or match["table"] not in entity.children or int(match["row"]) > LARGEST_ID:
                raise InputRefused([Problem(each, _nothing_to_show(entity, each))])
            found.setdefault(match["table"], {}).setdefault(int(match["row"]), []).append(match["name"])
    return found


def _unknown_fields(transaction: Transaction, entity: CompiledEntity, names: Iterable[str]) -> list[Problem]:
    known = masked(transaction, entity)
    return [
        Problem(name, unknown(_nothing_to_show(entity, name), name, known))
        for name in names
        if name not in known or not entity.fields[name].column
    ]


def _nothing_to_show(entity: CompiledEntity, name: str) -> Message:
    label = entity.definition.label
    return say("{entity} has no personal field '{name}' to show.", entity=label, name=name)


def _row_values(
    transaction: Transaction,
    entity: CompiledEntity,
    identity: int,
    table: str,
    asked: Mapping[int, Sequence[str]],
) -> list[Record]:
    child = transaction.catalog.entity(entity.children[table])
    if not showing(transaction, entity, table, [identity]):
        raise NotFound(say("There is no {entity} {id}.", entity=child.definition.label, id=next(iter(asked))))
    seen = child.table.c[child.parent_link or ""] == identity, row_condition(transaction, "read", child)
    return [
        {
            "id": row,
            **dict(
                zip(
                    names,
                    _only_row(transaction, child, names, row, child.table.c.id == row, *seen),
                    strict=True,
                )
            ),
        }
        for row, names in asked.items()
    ]


def _only_row(
    transaction: Transaction,
    entity: CompiledEntity,
    names: Sequence[str],
    identity: int,
    *conditions: ColumnElement[bool],
) -> Sequence[Any]:
    """These values of the one record for which the conditions hold; NotFound."""
    statement = select(*(entity.table.c[name] for name in names), entity.table.c.id).where(*conditions)
    row = None
    if 0 < identity <= LARGEST_ID:
        row = transaction.connection.execute(statement, moment_parameters(transaction.moment)).first()
    if row is None:
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    return row[:-1]
