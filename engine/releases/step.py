"""Plan and Step: what publishing would do, part by part, each with its sentence, its risk and its SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.text import LOCALES, Message


class Risk(StrEnum):
    """What a person has to think about before agreeing."""

    SAFE = "safe"
    CONFIRM = "confirm"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a plan. `entity` is named in full; `fields` are those that a recomputation concerns."""

    kind: str
    sentence: Message
    risk: Risk = Risk.SAFE
    entity: str | None = None
    field: str | None = None
    sql: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    records: int | None = None
    """How many records the step touches, where that is known."""

    def to_json(self) -> dict[str, Any]:
        """The step for the row of the release: its sentence in every locale."""
        return {
            "kind": self.kind,
            "risk": self.risk.value,
            "entity": self.entity,
            "field": self.field,
            "sentence": {locale: self.sentence.to(locale) for locale in LOCALES},
            "sql": list(self.sql),
            "fields": list(self.fields),
            "records": self.records,
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
    def risks(self) -> frozenset[Risk]:
        return frozenset(step.risk for step in self.steps)

    def to_json(self) -> list[dict[str, Any]]:
        return [step.to_json() for step in self.steps]
