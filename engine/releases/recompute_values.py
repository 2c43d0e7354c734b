"""Stored formulas computed again for all records: one UPDATE a field, in the transaction of the publish."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, update

from engine.definition.check import Checked
from engine.definition.model import Entity, Field
from engine.fields.field_type import TIME_ZONE
from engine.formula.compile_sql import compile_sql, moment_parameters
from engine.formula.evaluate import Moment
from engine.schema.names import frozen_marker
from engine.schema.tables import EntityTables, entity_tables, stages_that_freeze

Recompute = Callable[[Connection, str, tuple[str, ...]], None]
"""Computes fields of all records of an entity again, each after those it reads."""


def stored_formulas(checked: Checked) -> Recompute:
    """What recomputes the stored formulas of these definitions."""
    tables = entity_tables(checked.apps, checked.formulas)

    def recompute(connection: Connection, entity: str, fields: tuple[str, ...]) -> None:
        app, _, name = entity.partition(".")
        definition = checked.apps[app].entities[name]
        for field in fields:
            _recompute(connection, checked, tables, definition, definition.fields[field])

    return recompute


def _recompute(
    connection: Connection, checked: Checked, tables: EntityTables, entity: Entity, each: Field
) -> None:
    assert each.formula
    table = tables.table(entity.key)
    value = compile_sql(checked.formulas[each.formula], _OwnRow(tables), table, connection.dialect.name)
    statement = update(table).values({each.name: value})
    for stage in stages_that_freeze(entity, each):
        # What was stored for good stays, whatever the formula says now.
        statement = statement.where(table.c[frozen_marker(stage)].is_(None))
    asked = statement.compile(dialect=connection.dialect).params.keys()
    moment = Moment(user=None, roles=frozenset(), now=datetime.now(UTC), time_zone=TIME_ZONE)
    known = moment_parameters(moment)
    connection.execute(statement, {name: known[name] for name in known.keys() & asked})


@dataclass(frozen=True, slots=True)
class _OwnRow:
    """The compiler's view of a table whose formulas read only the row that they are computed for."""

    tables: EntityTables

    def source(self, entity: str) -> FromClause:
        return self.tables.table(entity).alias()

    def column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        assert self.tables.stored(entity, field)
        return source.c[field]

    def frozen_column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        return self.column(source, entity, field)

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        raise AssertionError(f"{entity}.{field}: a formula that reads other rows is not stored")
