"""TableWork: what the steps of one table share while they are planned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from engine.definition.model import Entity, Field
from engine.problems import Place, Problem
from engine.releases.diff import Change
from engine.releases.situation import Situation
from engine.releases.step import Risk, Step
from engine.schema.live import LiveTable
from engine.schema.tables import live_fields
from engine.text import Message


@dataclass(slots=True)
class TableWork:
    """The target table beside the live one, and what the steps so far have decided.

    `indexed`: indexes that a step makes; `checked`: checks that hold for all records and come into force;
    `rebuilt`: SQLite cannot change the table in place and replaces it by a copy.
    """

    situation: Situation
    entity: Entity
    changes: Sequence[Change]
    indexed: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    rebuilt: bool = False

    @property
    def table(self) -> Table:
        return self.situation.target.table(self.entity.key)

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

    def refuse(self, place: Place, message: Message) -> None:
        self.situation.problems.append(Problem(place, message))

    def labels(self, each: Field | None = None) -> dict[str, Any]:
        """The parameters `entity` and `field` of a sentence."""
        return {"entity": self.entity.label, "field": each.label if each else ""}
