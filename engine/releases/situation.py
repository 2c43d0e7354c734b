"""What a plan has to know about the live database: which tables stand, and how many records are concerned."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    false,
    func,
    not_,
    select,
)
from sqlalchemy.sql.visitors import replacement_traverse

from engine.definition.check import Checked
from engine.definition.model import Entity, Stage
from engine.problems import Problem
from engine.releases.conversion import Conversion, Write
from engine.releases.renames import Names, former_entities
from engine.releases.retired import Retired, all_retired
from engine.releases.under_way import UnderWay, find_under_way
from engine.schema.live import LiveTable, live_tables
from engine.schema.tables import EntityTables, entity_tables, own_entity_tables
from engine.text import Message, say


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows of a table are while a plan is made: its name and those of its columns, now → then."""

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A stage that goes while records stand there, or approvals would go back there; where to is not said."""

    entity: Entity
    stage: Stage
    records: int
    approvals: int

    @property
    def key(self) -> str:
        """Such as `crm.deal.proposal`."""
        return f"{self.entity.key}.{self.stage.name}"

    @property
    def stages(self) -> Mapping[str, Stage]:
        """Where they can go."""
        return self.entity.workflow.stages if self.entity.workflow else {}

    @property
    def sentence(self) -> Message:
        """What is there."""
        if self.records:
            return say("Records that stand there: {records}", records=f"{self.records:,}")
        return say("Approvals that would go back there: {count}", count=f"{self.approvals:,}")


@dataclass(slots=True)
class Situation:
    """The database on one side, the tables that the new definitions need on the other.

    `previous` are the definitions that are published, `former` the former name of each entity that was there;
    `release` is the number that the plan would get. `live` is how the steps so far leave the tables, by their
    new names; `origins` where they are now. `created` are the tables that the plan makes, in order;
    `problems` what stands in its way.
    """

    connection: Connection
    checked: Checked
    previous: Checked
    target: EntityTables
    standing: EntityTables
    former: Names
    release: int
    live: dict[str, LiveTable]
    retired: list[Retired]
    begin: Callable[[Conversion], Write]
    """What takes the converted values: a temporary table, when the plan is about to be carried out."""
    at: datetime
    under_way: list[UnderWay] = field(default_factory=list)
    """The approvals that are under way."""
    origins: dict[str, Origin] = field(default_factory=dict)
    created: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    moved: Mapping[str, str] = field(default_factory=dict)
    """`app.entity.stage` → the stage where its records go, as the person says who publishes."""
    ending: list[ColumnElement[bool]] = field(default_factory=list)
    """The conditions of approvals that steps so far cancel, as they are found while the plan is made."""
    held: list[Held] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def before(self, entity: Entity) -> Entity | None:
        """The entity as it is published."""
        old = self.former.get(entity.key)
        return None if old is None else entity_of(self.previous, old)

    def moved_to(self, entity: Entity, stage: str) -> str | None:
        """Where the records of a stage go that is gone; None when nobody says."""
        workflow = entity.workflow
        said = self.moved.get(f"{entity.key}.{stage}")
        if workflow is None or said is None or said not in workflow.stages:
            return workflow.moved_stages.get(stage) if workflow else None
        return said

    def now(self, table: Table) -> Table:
        """The table as statements find it while the plan is made; its columns keep their new names as keys.

        It has those columns that are there.
        """
        origin = self.origins.get(table.name, Origin(table.name))
        live = self.live[table.name].columns
        columns = [
            Column(origin.columns.get(each.name, each.name), each.type, key=each.name)
            for each in table.c
            if each.name in live
        ]
        return Table(origin.table, MetaData(), *columns)

    def count(self, table: Table) -> int:
        """The number of records; 0 where there is no such table yet."""
        if table.name not in self.live:
            return 0
        if table.name not in self.counts:
            self.counts[table.name] = self.number(self.now(table))
        return self.counts[table.name]

    def blanks(self, table: Table, column: str) -> int:
        """How many records have no value."""
        found = self.now(table)
        return self.number(found, found.c[column].is_(None))

    def holding(self, table: Table, column: str, value: Any) -> int:
        """How many records have this value."""
        found = self.now(table)
        return self.number(found, found.c[column] == value)

    def outside(self, table: Table, checks: Sequence[CheckConstraint]) -> int:
        """How many records do not keep to at least one of the checks."""
        return self.outside_of(self.now(table), checks)

    def outside_of(self, found: Table, checks: Sequence[CheckConstraint]) -> int:
        """As `outside`, of a table that is called as it is now."""
        broken: ColumnElement[bool] = false()
        for check in checks:
            assert isinstance(check.sqltext, ColumnElement)
            condition = replacement_traverse(check.sqltext, {}, partial(_column_in, found))
            broken = broken | not_(condition)
        return self.number(found, broken)

    def repeated(self, table: Table, columns: Sequence[str]) -> tuple[int, tuple[object, ...] | None]:
        """How many combinations of values occur more than once, and one of them."""
        found = self.now(table)
        chosen = [found.c[name] for name in columns]
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

    def number(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        """How many rows of a table that `now` gave fulfil the conditions."""
        return self.connection.execute(
            select(func.count()).select_from(table).where(*conditions)
        ).scalar_one()


def entity_of(checked: Checked, key: str) -> Entity:
    """The entity `app.name`."""
    app, _, name = key.partition(".")
    return checked.apps[app].entities[name]


def entities_of(checked: Checked) -> Iterator[Entity]:
    """Every entity of all apps."""
    for app in checked.apps.values():
        yield from app.entities.values()


def find_situation(
    connection: Connection,
    checked: Checked,
    previous: Checked,
    release: int,
    begin: Callable[[Conversion], Write],
    moved: Mapping[str, str] = MappingProxyType({}),
) -> Situation:
    """The database as it is now, beside the tables for `checked`."""
    target = own_entity_tables(checked)
    standing = entity_tables(previous)
    retired = all_retired(connection)
    names = {
        *target.metadata.tables,
        *standing.metadata.tables,
        *(each.table for each in retired if each.column is None),
    }
    return Situation(
        connection=connection,
        checked=checked,
        previous=previous,
        target=target,
        standing=standing,
        former=former_entities(previous.apps, checked.apps),
        release=release,
        live=live_tables(connection, names),
        retired=retired,
        begin=begin,
        at=datetime.now(UTC),
        moved=moved,
        under_way=find_under_way(connection, release - 1, previous.apps),
    )


def _column_in(table: Table, element: Any, **_: Any) -> Any:
    return table.c[element.name] if isinstance(element, Column) and element.name in table.c else None
