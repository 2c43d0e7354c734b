"""What a plan has to know about the live database: which tables stand, and how many records are concerned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import CheckConstraint, ColumnElement, Connection, Table, false, func, not_, select

from engine.definition.check import Checked
from engine.problems import Problem
from engine.schema.live import LiveTable, live_tables
from engine.schema.tables import EntityTables, entity_tables


@dataclass(slots=True)
class Situation:
    """The database on one side, the tables that the new definitions need on the other.

    `created` are the tables that the plan makes, in order; `problems` what stands in its way.
    """

    connection: Connection
    checked: Checked
    target: EntityTables
    live: Mapping[str, LiveTable]
    created: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def count(self, table: Table) -> int:
        """The number of records; 0 where there is no such table yet."""
        if table.name not in self.live:
            return 0
        if table.name not in self.counts:
            self.counts[table.name] = self._count(table)
        return self.counts[table.name]

    def blanks(self, table: Table, column: str) -> int:
        """How many records have no value."""
        return self._count(table, table.c[column].is_(None))

    def outside(self, table: Table, checks: Sequence[CheckConstraint]) -> int:
        """How many records do not keep to at least one of the checks."""
        broken: ColumnElement[bool] = false()
        for check in checks:
            assert isinstance(check.sqltext, ColumnElement)
            broken = broken | not_(check.sqltext)
        return self._count(table, broken)

    def repeated(self, table: Table, columns: Sequence[str]) -> tuple[int, tuple[object, ...] | None]:
        """How many combinations of values occur more than once, and one of them."""
        chosen = [table.c[name] for name in columns]
        groups = (
            select(*chosen)
            .where(*(column.is_not(None) for column in chosen))
            .group_by(*chosen)
            .having(func.count() > 1)
        )
        example = self.connection.execute(groups.order_by(*chosen).limit(1)).first()
        if example is None:
            return 0, None
        count = self.connection.execute(select(func.count()).select_from(groups.subquery())).scalar_one()
        return count, tuple(example)

    def _count(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        return self.connection.execute(
            select(func.count()).select_from(table).where(*conditions)
        ).scalar_one()


def find_situation(connection: Connection, checked: Checked) -> Situation:
    """The database as it is now, beside the tables for `checked`."""
    target = entity_tables(checked.apps, checked.formulas)
    names = [table.name for table in target.metadata.tables.values()]
    return Situation(connection, checked, target, live_tables(connection, names))
