"""What an approval on a page is made of: steps in their picture, people, buttons."""

from dataclasses import dataclass, field
from datetime import datetime

from blueprints.approval_events import ApprovalEvent
from engine.fields.types.link import Link


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done, or why it cannot."""

    name: str
    label: str
    icon: str
    url: str
    allowed: bool
    reason: str
    danger: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is asked, or was: `mark` says how they answered."""

    name: str
    id: int | None
    mark: str
    word: str
    comment: str = ""
    instead_of: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a choice or of parallel steps."""

    label: str
    applies: bool
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A step in the picture; `look` is its class, such as flow-now."""

    name: str
    label: str
    kind: str
    look: str
    icon: str
    word: str
    why: str
    people: tuple[Person, ...]
    due_at: datetime | None
    overdue: bool
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Mine:
    """What the visitor is asked."""

    task: int
    kind: str
    step: str
    request: str
    due_at: datetime | None
    overdue: bool
    answers: tuple[Button, ...]
    further: tuple[Button, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A whole approval."""

    id: int
    label: str
    to: str
    status: str
    word: str
    ongoing: bool
    returned: bool
    release: int
    submitter: Link | None
    started_at: datetime
    ended_at: datetime | None
    nodes: tuple[Node, ...]
    now: tuple[Node, ...]
    following: tuple[Node, ...]
    passed: tuple[Node, ...]
    """Steps that were or will be passed over, as far as there is a reason to tell."""
    events: tuple[ApprovalEvent, ...]
    mine: tuple[Mine, ...]
    buttons: tuple[Button, ...]
    comment_url: str
    back: str
    loose: tuple[Button, ...] = field(default=())
    """What can be done with answers that were given, such as taking one back."""
