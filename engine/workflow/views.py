"""Approvals as somebody sees them: steps, tasks, events, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.fields.types.link import Link
from engine.text import Message, Text


@dataclass(frozen=True, slots=True)
class ActionView:
    """Something that can be done; when the actor may not now, `reason` says why."""

    name: str
    allowed: bool
    reason: Message | Text | None = None


@dataclass(frozen=True, slots=True)
class TaskView:
    """One person's question. `person` is None where the name is hidden from the actor (`hidden`)."""

    id: int
    kind: str
    status: str
    person: Link | None
    hidden: bool
    instead_of: Link | None
    relation: str | None
    comment: str
    opened_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    mine: bool
    actions: tuple[ActionView, ...] = ()


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the flow: active, approved, rejected, returned, skipped, cancelled, or waiting for its turn.

    `depth` says how deep it lies in choices and parallel branches. For one that is still to come `expected`
    is whether its condition holds as the record stands, and `people` whom it would ask then.
    """

    name: str
    label: Text
    kind: str
    depth: int
    branch: str
    branch_label: Text | None
    status: str
    why: Message | Text | None = None
    expected: bool = True
    people: tuple[Link, ...] = ()
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tasks: tuple[TaskView, ...] = ()
    returnable: tuple[str, ...] = ()
    """For an active step: the steps to which it can be sent back."""
    form: str | None = None
    """For a step that gathers answers: the entity whose record is an answer."""


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened, in order."""

    at: datetime
    kind: str
    by: Link | None
    hidden: bool
    instead_of: Link | None
    step: Text | None
    task: int | None
    comment: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An approval of the record, with its steps in the order of the flow."""

    id: int
    transition: str
    label: Text
    status: str
    release: int
    submitter: Link | None
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepView, ...]
    events: tuple[EventView, ...]
    actions: tuple[ActionView, ...]
