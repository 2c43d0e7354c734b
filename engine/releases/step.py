"""Plan and Step: what publishing would do, part by part, each with its sentence, its risk and its SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.releases.conversion import Conversion
from engine.releases.index_builds import IndexBuild
from engine.text import Message, in_all_locales

AT_ONCE = re.compile(
    r"(?:--|CREATE TABLE|CREATE TEMP|DROP INDEX|DROP TABLE|INSERT INTO dougong_|DELETE FROM sqlite_sequence|"
    r"UPDATE sqlite_sequence|"
    r"ALTER INDEX .* RENAME|ALTER TABLE .* (?:RENAME|DROP CONSTRAINT|DROP NOT NULL|DROP DEFAULT)|"
    r"ALTER TABLE (?!.*(?:NOT NULL|CHECK)).* ADD COLUMN)",
    re.DOTALL,
)
"""Statements that take no longer over many records than over few."""


class Risk(StrEnum):
    """What a person has to think about before agreeing."""

    SAFE = "safe"
    CONFIRM = "confirm"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a plan. `entity` is named in full; `fields` are those that a recomputation concerns.

    `conversion` reads the values that `sql` then writes. `affected`: who else has to know, a sentence each.
    `build` is an index that is made when the release stands.
    """

    kind: str
    sentence: Message
    risk: Risk = Risk.SAFE
    entity: str | None = None
    field: str | None = None
    sql: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    records: int | None = None
    """How many records the step touches, where that is known."""
    conversion: Conversion | None = None
    affected: tuple[Message, ...] = ()
    build: IndexBuild | None = None
    words: bool = False
    """Whether the records are indexed anew for the search."""

    secret: bool = False
    """Whether the field is encrypted from now on, so that what was remembered of it has to go."""

    @property
    def statements(self) -> tuple[str, ...]:
        """What is sent to the database, that which comes after the release included."""
        return (*self.sql, self.build.creation) if self.build else self.sql

    @property
    def blocks_writers(self) -> bool:
        """Whether people who save have to wait for longer than a moment: its work grows with the records."""
        works = bool(self.fields) or self.words or not all(AT_ONCE.match(statement) for statement in self.sql)
        return works and self.records != 0

    def to_json(self) -> dict[str, Any]:
        """The step for the row of the release: its sentences in every locale."""
        return {
            "kind": self.kind,
            "risk": self.risk.value,
            "entity": self.entity,
            "field": self.field,
            "sentence": in_all_locales(self.sentence),
            "sql": list(self.statements),
            "fields": list(self.fields),
            "records": self.records,
            "blocks_writers": self.blocks_writers,
            "affected": [in_all_locales(each) for each in self.affected],
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps from a release (0: from nothing) to the new definitions, in the order they are done.

    `apps` are the texts that the new release will hold: those of the plan, and of the apps that it leaves.
    """

    release: int
    steps: tuple[Step, ...]
    apps: Mapping[str, Mapping[str, str]]

    @property
    def nothing_to_do(self) -> bool:
        return not self.steps

    @property
    def only_builds(self) -> bool:
        """Whether nothing is left to do but indexes that a build which was killed did not finish."""
        return all(step.build and not step.sql for step in self.steps)

    @property
    def builds(self) -> tuple[IndexBuild, ...]:
        return tuple(step.build for step in self.steps if step.build)

    @property
    def risks(self) -> frozenset[Risk]:
        return frozenset(step.risk for step in self.steps)

    def to_json(self) -> list[dict[str, Any]]:
        return [step.to_json() for step in self.steps]
