"""Where an approval stands: its instance, the steps that were begun, the tasks of people, what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from engine.text import Message

OPEN_STEP = "active"
PASSED = ("approved", "skipped")
UNDECIDED = ("open", "waiting", "delegated")
"""Task statuses that may still become an answer."""
DECIDING = ("decide", "tie")
"""Kinds of tasks whose answers decide a step."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One approval of one record: status open, returned, approved, rejected, withdrawn or cancelled.

    `source` is the stage where the record came from, `parent` and `parent_step` the step of another instance
    that waits for this one.
    """

    id: int
    entity: str
    record_id: int
    transition: str
    release: int
    status: str
    submitter: int | None
    source: str
    started_at: datetime
    ended_at: datetime | None = None
    parent: int | None = None
    parent_step: str | None = None
    reminded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepState:
    """A step that was begun: active, approved, rejected, returned, skipped or cancelled.

    Only one that `counts` says where the flow stands; what was returned or begun again is kept as history.
    `detail` holds what was chosen when it began: a branch, the branches that apply.
    """

    id: int
    name: str
    status: str
    counts: bool
    started_at: datetime
    ended_at: datetime | None = None
    due_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What one person is asked. `kind`: decide, tie, choose, answer, copy or incident.

    `seat` numbers those who were asked at first; who takes somebody's place, or was added, has the same one.
    `origin` is the task that this one came from, `relation` how: transferred, delegated, before, after,
    escalated. `instead_of` is the person for whom a substitute is asked.
    """

    id: int
    step_id: int
    step: str
    kind: str
    person: int | None
    status: str
    seat: int = 0
    weight: Fraction = Fraction(1)
    instead_of: int | None = None
    origin: int | None = None
    relation: str | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: int | None = None
    comment: str = ""
    answer: int | None = None
    """The record with which a collection was answered."""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it will be written; who and when are the transaction's."""

    kind: str
    step: str | None = None
    task: int | None = None
    comment: str = ""
    instead_of: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is to be looked at again at an instant; `key` exists once."""

    kind: str
    due_at: datetime
    key: str
    step_id: int | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """Something people are told when the transaction is done."""

    kind: str
    people: tuple[int, ...]
    message: Message
    key: str
    task: int | None = None
