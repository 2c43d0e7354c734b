"""What the machine asks of the world: conditions, people, times, other records.

The machine itself has no SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from engine.definition.approval import Approver, Ask, Collect, Subflow
from engine.formula.expression import Expression
from engine.text import Message, Text
from engine.working_time import Wait


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody to ask; `instead_of` is the person whose substitute they are."""

    person: int
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a step asks. When nobody is left: `nobody` says skip or reject, or that it is an incident."""

    people: tuple[Asked, ...]
    nobody: str | None = None


class Surroundings(Protocol):
    """The record and the people around an instance, as they are now."""

    def holds(self, condition: Expression) -> bool:
        """Whether a condition about the record holds; what cannot be decided does not."""

    def people(self, step: Ask | Collect, chosen: Sequence[int]) -> Found:
        """Whom the step asks (rule 8, without `repeat_approver`); `chosen` were chosen by a person."""

    def everyone(self, approvers: Sequence[Approver]) -> tuple[int, ...]:
        """The active people whom these entries name."""

    def weights(self, path: str) -> dict[int, Fraction]:
        """How much the votes of people weigh, by the rows of the record."""

    def after(self, wait: Wait) -> datetime:
        """The instant at which a wait that begins now is over."""

    def begin_subflow(self, step: Subflow) -> str | Message | Text:
        """Starts the linked record's transition: approved, rejected, waiting, skipped, or why it cannot."""

    def collected(self, step: Collect, answers: Sequence[int]) -> None:
        """Writes the results of a collection into the record."""

    def title(self) -> str:
        """How the record is called."""

    def name(self, person: int) -> str:
        """How a person is called."""
