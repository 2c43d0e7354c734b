"""Stored formulas computed again for all records, in the transaction of the publish.

One UPDATE computes all fields that do not read one another.
"""

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
    tables = entity_tables(checked)

    def recompute(connection: Connection, entity: str, fields: tuple[str, ...]) -> None:
        app, _, name = entity.partition(".")
        definition = checked.apps[app].entities[name]
        for together in _rounds(checked, definition, fields):
            _recompute(connection, checked, tables, definition, together)

    return recompute


def _rounds(checked: Checked, entity: Entity, names: tuple[str, ...]) -> list[list[Field]]:
    """The fields in rounds: those of one read none of it, and freeze at the same stages."""
    rounds: list[list[Field]] = []
    for each in (entity.fields[name] for name in names):
        assert each.formula
        own, last = checked.formulas[each.formula].own, rounds[-1] if rounds else []
        alike = last and stages_that_freeze(entity, each) == stages_that_freeze(entity, last[0])
        if alike and not any(other.name in own for other in last):
            last.append(each)
        else:
            rounds.append([each])
    return rounds


def _recompute(
    connection: Connection, checked: Checked, tables: EntityTables, entity: Entity, fields: list[Field]
) -> None:
    table, rows = tables.table(entity.key), _OwnRow(tables)
    values = {
        each.name: compile_sql(checked.formulas[each.formula], rows, table, connection.dialect.name)
        for each in fields
        if each.formula
    }
    statement = update(table).values(values)
    for stage in stages_that_freeze(entity, fields[0]):
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

    def gathers(self, _entity: str, _field: str) -> bool:
        return False

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        raise AssertionError(f"{entity}.{field}: a formula that reads other rows is not stored")
