"""TableWork: what the steps of one table share while they are planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, Executable, MetaData, Table
from sqlalchemy.types import UserDefinedType

from engine.definition.model import Entity, Field
from engine.problems import Place, Problem
from engine.releases.diff import Change
from engine.releases.situation import Origin, Situation
from engine.releases.step import Risk, Step
from engine.schema import ddl
from engine.schema.live import LiveTable
from engine.schema.tables import live_fields
from engine.text import Message


@dataclass(slots=True)
class TableWork:
    """The target table beside the live one, and what the steps so far have decided.

    `before` is the entity as it is published, `kept` maps each column that goes on to its former name;
    `indexed`: indexes that a step makes; `checked`: checks that hold for all records and come into force;
    `emptied`: field → how many values a conversion leaves behind; `again`: columns made anew by one;
    `index_sql`: what makes indexes, needless where the table is copied; `late_sql`: what is done last;
    `rebuilt`: SQLite cannot change the table
    in place and replaces it by a copy, with `copies` of columns that are not taken as they are.
    """

    situation: Situation
    entity: Entity
    changes: Sequence[Change]
    before: Entity | None = None
    former: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    indexed: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    emptied: dict[str, int] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    index_sql: set[str] = field(default_factory=set)
    late_sql: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    rebuilt: bool = False

    @property
    def table(self) -> Table:
        return self.situation.target.table(self.entity.key)

    @property
    def before_table(self) -> Table | None:
        """The table as the published definition describes it."""
        return self.situation.standing.table(self.before.key) if self.before else None

    def values(self, column: str) -> int:
        """How many records have a value in a column of the published table; asked while a plan is made."""
        table = self.as_it_is()
        return self.situation.number(table, table.c[column].is_not(None))

    def as_it_is(self) -> Table:
        """The table as it is while the plan is made, with the columns that the published definition names."""
        assert self.before_table is not None
        origin = self.situation.origins.get(self.table.name, Origin(self.table.name))
        return Table(
            origin.table, MetaData(), *(Column(each.name, each.type) for each in self.before_table.c)
        )

    @property
    def live(self) -> LiveTable:
        return self.situation.live[self.table.name]

    @property
    def dialect(self) -> str:
        return self.situation.dialect

    @property
    def live_fields(self) -> frozenset[str]:
        """The fields that are computed when they are read."""
        return live_fields(self.entity, self.situation.checked.formulas)

    @property
    def live_before(self) -> frozenset[str]:
        """The fields that are computed when they are read until now."""
        return live_fields(self.before, self.situation.previous.formulas) if self.before else frozenset()

    def field_before(self, name: str) -> Field | None:
        """The published field that is called `name` now."""
        old = self.former.get(name)
        return self.before.fields[old] if self.before and old else None

    def of_kind(self, *kinds: str) -> list[Change]:
        return [change for change in self.changes if change.kind in kinds]

    def names(self, *kinds: str) -> set[str]:
        """The fields that changes of these kinds concern."""
        return {change.field.name for change in self.of_kind(*kinds) if change.field}

    def step(
        self,
        kind: str,
        sentence: Message,
        sql: Sequence[str] = (),
        *,
        each: Field | None = None,
        risk: Risk = Risk.SAFE,
        records: int | None = None,
    ) -> Step:
        return Step(
            kind=kind,
            sentence=sentence,
            risk=risk,
            entity=self.entity.key,
            field=each.name if each else None,
            sql=tuple(sql),
            records=records,
        )

    def in_place(self, *statements: str) -> list[str]:
        """Statements for PostgreSQL whose work on SQLite is done by the copy."""
        if self.dialect == "sqlite":
            self.rebuilt = True
            return []
        return list(statements)

    def quoted(self, name: str) -> str:
        return ddl.quoted(name, self.dialect)

    def alter(self, action: str) -> str:
        """ALTER TABLE of this table."""
        return f"ALTER TABLE {self.quoted(self.table.name)} {action}"

    def text(self, statement: Executable) -> str:
        """A statement with its values as SQL text."""
        return ddl.statement_text(statement, self.dialect)

    def refuse(self, place: Place, message: Message) -> None:
        self.situation.problems.append(Problem(place, message))

    def labels(self, each: Field | None = None) -> dict[str, Any]:
        """The parameters `entity` and `field` of a sentence."""
        return {"entity": self.entity.label, "field": each.label if each else ""}

    def renamed_column(self, old: str, new: str) -> None:
        """Notes that a step has given a column of the live table another name."""
        live = self.live

        def name(column: str) -> str:
            return new if column == old else column

        self._now(
            replace(
                live,
                columns={name(column): blank for column, blank in live.columns.items()},
                types={name(column): type_ for column, type_ in live.types.items()},
                links={name(column): link for column, link in live.links.items()},
                indexes={
                    index: replace(found, columns=tuple(map(name, found.columns)))
                    for index, found in live.indexes.items()
                },
            )
        )
        origin = self.situation.origins.get(self.table.name, Origin(self.table.name))
        columns = {column: was for column, was in origin.columns.items() if column != old}
        columns[new] = origin.columns.get(old, old)
        self.situation.origins[self.table.name] = Origin(origin.table, columns)

    def lost_column(self, name: str) -> list[str]:
        """Notes that a column is gone, and gives the indexes that go with it."""
        live = self.live
        gone = [index for index, found in live.indexes.items() if name in found.columns]
        self._now(
            replace(
                live,
                columns={column: blank for column, blank in live.columns.items() if column != name},
                types={column: type_ for column, type_ in live.types.items() if column != name},
                links={column: link for column, link in live.links.items() if column != name},
                indexes={index: found for index, found in live.indexes.items() if index not in gone},
            )
        )
        return gone

    def has_column(self, name: str, may_be_blank: bool, type_: str = "") -> None:
        """Notes that a step has added a column."""
        live = self.live
        self._now(
            replace(live, columns={**live.columns, name: may_be_blank}, types={**live.types, name: type_})
        )

    def has_checks(self, gone: set[str], come: set[str]) -> None:
        """Notes that checks came and went."""
        self._now(replace(self.live, checks=(self.live.checks - gone) | come))

    def has_indexes(self, renamed: Mapping[str, str]) -> None:
        """Notes that indexes are called otherwise: name → new name."""
        live = self.live
        self._now(
            replace(live, indexes={renamed.get(name, name): found for name, found in live.indexes.items()})
        )

    def _now(self, table: LiveTable) -> None:
        self.situation.live[self.table.name] = table


class DeclaredType(UserDefinedType[Any]):
    """A type of SQLite as the table declares it, for columns that no definition describes any more."""

    cache_ok = True

    def __init__(self, words: str) -> None:
        self.words = words

    def get_col_spec(self, **_: Any) -> str:
        return self.words


def declared(name: str, words: str) -> Column[Any]:
    """A column of that type which may be blank."""
    return Column(name, DeclaredType(words), nullable=True)
