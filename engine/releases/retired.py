"""Data that no definition names any more: it is kept under another name until somebody purges it.

A column that goes becomes `_old_7_amount` in its table, a table `_old_7_crm__account`; 7 is the release that
took it out of use. `dougong_retired` knows them all, so that a field that comes back finds its values.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Insert, column, delete, func, literal_column, select, table

from engine.definition.model import Entity, Field
from engine.fields.registry import FIELD_TYPES
from engine.schema import ddl, names
from engine.schema.database import Database
from engine.schema.locks import hold_writers, lock_structure
from engine.schema.system_tables import explanation, history, sequence
from engine.schema.system_tables import retired as retired_table
from engine.text import Text

COLUMN, PAIRS, TABLE = "column", "pairs", "table"
ENCRYPTED = "encrypted"
"""The option of a column out of use whose values are encrypted."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A column or a table out of use. `column` is None for a table, `field` for that of an entity.

    `values` is how many it holds, where that was asked for.
    """

    id: int
    release: int
    entity: str
    field: str | None
    kind: str
    table: str
    column: str | None
    type: str | None
    options: Mapping[str, Any] | None
    label: Text
    values: int | None = None

    def to_json(self) -> dict[str, Any]:
        """It for programs."""
        return {
            "id": self.id,
            "release": self.release,
            "entity": self.entity,
            "field": self.field,
            "table": self.table,
            "column": self.column,
            "values": self.values,
        }


def all_retired(connection: Connection) -> list[Retired]:
    """Everything out of use, the latest first."""
    rows = connection.execute(select(retired_table).order_by(retired_table.c.id.desc()))
    return [
        Retired(
            row.id,
            row.release,
            row.entity,
            row.field,
            row.kind,
            row.table_name,
            row.column_name,
            row.type,
            row.options,
            Text(row.label),
        )
        for row in rows
    ]


def kept_for(found: Collection[Retired], entity: str, each: Field, kind: str) -> Retired | None:
    """What was kept of this field when it went, if it is of the same type still."""
    return next(
        (
            kept
            for kept in found
            if (kept.entity, kept.field, kept.kind) == (entity, each.name, kind)
            and (kept.type, kept.options) == (each.type, type_options(each))
        ),
        None,
    )


def type_options(each: Field) -> Any:
    """The options on which it depends how the field's values are stored, as JSON."""
    raw = FIELD_TYPES[each.type].raw_options(each.options)
    stored: dict[str, Any] = {name: raw[name] for name in ("decimals", "to", "of", "currency") if name in raw}
    if each.encrypted:
        stored[ENCRYPTED] = True
    return orjson.loads(orjson.dumps(stored, default=str))


def retiring(
    release: int, entity: Entity, each: Field | None, kind: str, table: str, column: str | None
) -> Insert:
    """The statement that enters a column or table among those that are out of use."""
    return retired_table.insert().values(
        release=release,
        entity=entity.key,
        field=each.name if each else None,
        kind=kind,
        table_name=table,
        column_name=column,
        type=each.type if each else None,
        options=_json(type_options(each) if each else None),
        label=_json(dict((each or entity).label.words)),
    )


def _json(value: Any) -> ColumnElement[Any]:
    """A JSON value as it stands in SQL, which both databases take for their JSON columns."""
    written = orjson.dumps(value).decode().replace("'", "''")
    return literal_column("NULL" if value is None else f"'{written}'")


def list_retired(database: Database) -> list[Retired]:
    """Everything out of use, the latest first, with how many values it holds."""
    with database.reading() as connection:
        return [_counted(connection, each) for each in all_retired(connection)]


def purge(database: Database, chosen: Collection[int] | None = None) -> list[Retired]:
    """Drops what is out of use for good (of these ids alone, if given) and gives what it was.

    With the table of an entity goes what was remembered of its records.
    """
    with database.restructuring() as connection:
        lock_structure(connection)
        hold_writers(connection)
        found = [
            _counted(connection, each)
            for each in all_retired(connection)
            if chosen is None or each.id in chosen
        ]
        # Pairs before the tables that they point to.
        for each in sorted(found, key=lambda one: (one.kind == TABLE, one.id)):
            for statement in _drop(each, connection.dialect.name):
                connection.exec_driver_sql(statement)
            known = retired_table.c.id == each.id
            if each.kind == TABLE:
                # What was kept inside of it goes with it.
                known |= retired_table.c.table_name == each.table
                _forget(connection, names.retired_entity(each.entity, each.table))
            connection.execute(delete(retired_table).where(known))
    return found


def _forget(connection: Connection, entity: str) -> None:
    """Removes what was remembered of the records of an entity that is out of use."""
    for kept in (history, explanation, sequence):
        connection.execute(delete(kept).where(kept.c.entity == entity))


def _counted(connection: Connection, each: Retired) -> Retired:
    found = table(each.table)
    counting = select(func.count()).select_from(found)
    if each.column is not None:
        counting = counting.where(column(each.column).is_not(None))
    count = connection.execute(counting).scalar_one()
    return Retired(
        each.id, each.release, each.entity, each.field, each.kind, each.table, each.column,
        each.type, each.options, each.label, count,
    )  # fmt: skip


def _drop(each: Retired, dialect: str) -> list[str]:
    name = ddl.quoted(each.table, dialect)
    if each.column is None:
        return [f"DROP TABLE {name}"]
    return [f"ALTER TABLE {name} DROP COLUMN {ddl.quoted(each.column, dialect)}"]
