"""An approval as a page shows it: the picture of its flow, who is asked, what comes next and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import url_for

from blueprints import visitor
from blueprints.approval_events import ShownEvent, shown_events
from blueprints.condition_words import in_words
from blueprints.task_actions import INSTANCE_ACTIONS, RECORD_ACTIONS, TASK_ACTIONS, PageAction
from blueprints.values import entity_url, label
from engine.catalog import CompiledEntity
from engine.fields.types.link import Link
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workflow.timeline import ActionView, InstanceView, StepView, TaskView

ANSWERS = ("approve", "reject", "answer", "choose")
"""What somebody who is asked does first of all; the other actions lie beside."""
CONTAINERS = ("choose", "parallel")


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
    events: tuple[ShownEvent, ...]
    mine: tuple[Mine, ...]
    buttons: tuple[Button, ...]
    comment_url: str
    back: str
    loose: tuple[Button, ...] = field(default=())
    """What can be done with answers that were given, such as taking one back."""


STATUS: Mapping[str, tuple[Message, str]] = {
    "open": (say("Waiting for approval"), "hue-azure"),
    "returned": (say("Sent back"), "hue-orange"),
    "approved": (say("Approved"), "hue-green"),
    "rejected": (say("Rejected"), "hue-red"),
    "withdrawn": (say("Withdrawn"), "hue-gray"),
    "cancelled": (say("Cancelled"), "hue-gray"),
}
LOOKS: Mapping[str, tuple[str, str, Message]] = {
    "active": ("flow-now", "hourglass", say("waiting now")),
    "approved": ("flow-done", "check", say("done")),
    "rejected": ("flow-bad", "x", say("rejected")),
    "returned": ("flow-back", "corner-up-left", say("sent back")),
    "skipped": ("flow-passed", "minus", say("not needed")),
    "cancelled": ("flow-passed", "minus", say("cancelled")),
    "waiting": ("flow-next", "clock", say("to come")),
}
"""Status of a step → look, icon, word."""
ICONS: Mapping[str, str] = {"copy": "mail", "collect": "pencil", "subflow": "git-branch"}
"""Kind of a step that is still to come → icon."""
MARKS: Mapping[str, tuple[str, Message]] = {
    "open": ("asked-now", say("asked")),
    "waiting": ("asked-next", say("asked later")),
    "delegated": ("asked-now", say("asked somebody else first")),
    "approved": ("asked-done", say("approved")),
    "answered": ("asked-done", say("filled in")),
    "chosen": ("asked-done", say("has chosen")),
    "rejected": ("asked-bad", say("rejected")),
    "returned": ("asked-back", say("sent back")),
    "copied": ("asked-done", say("has a copy")),
}
"""Status of a task → look and word; others are told in the history alone."""


def shown_approval(transaction: Transaction, key: str, identity: int, view: InstanceView, back: str) -> Shown:
    """An approval for the visitor; `back` is where they come from."""
    entity = transaction.catalog.entity(key)
    maker = _Maker(transaction, entity, identity, back)
    nodes = maker.nodes(view.steps)
    flat = list(every_step(nodes))
    workflow = entity.definition.workflow
    transition = workflow.transitions.get(view.transition) if workflow else None
    word, _ = STATUS[view.status]
    ongoing = view.status in ("open", "returned")
    return Shown(
        id=view.id,
        label=label(view.label),
        to=label(workflow.stages[transition.to].label) if workflow and transition else "",
        status=STATUS[view.status][1],
        word=visitor.translated(word.template),
        ongoing=ongoing,
        returned=view.status == "returned",
        release=view.release,
        submitter=view.submitter,
        started_at=view.started_at,
        ended_at=view.ended_at,
        nodes=nodes,
        now=tuple(each for each in flat if each.look == "flow-now" and each.kind not in CONTAINERS),
        following=tuple(
            each for each in flat if ongoing and each.word == maker.to_come and each.kind not in CONTAINERS
        ),
        passed=tuple(each for each in flat if each.look == "flow-passed" and each.why),
        events=tuple(shown_events(transaction, view)),
        mine=tuple(maker.mine(view)),
        buttons=tuple(maker.instance_buttons(view)),
        comment_url=f"{entity_url(key, identity)}/approval/comment",
        back=back,
        loose=tuple(maker.loose(view)),
    )


def forecast_nodes(transaction: Transaction, key: str, steps: Sequence[StepView]) -> tuple[Node, ...]:
    """The picture of steps that a transition would have to pass."""
    return _Maker(transaction, transaction.catalog.entity(key), 0, "").nodes(steps)


def every_step(nodes: Iterable[Node]) -> Iterable[Node]:
    """Steps with those inside them, in the order of the flow."""
    for node in nodes:
        yield node
        for branch in node.branches:
            yield from every_step(branch.nodes)


@dataclass(slots=True)
class _Maker:
    transaction: Transaction
    entity: CompiledEntity
    identity: int
    back: str
    to_come: str = field(init=False)

    def __post_init__(self) -> None:
        self.to_come = visitor.translated(LOOKS["waiting"][2].template)

    def nodes(self, steps: Sequence[StepView]) -> tuple[Node, ...]:
        """Steps in the order of the flow, those inside containers below them."""
        found = []
        at = 0
        while at < len(steps):
            end = at + 1
            while end < len(steps) and steps[end].depth > steps[at].depth:
                end += 1
            found.append(self._node(steps[at], steps[at + 1 : end]))
            at = end
        return tuple(found)

    def _node(self, step: StepView, inner: Sequence[StepView]) -> Node:
        status = step.status
        look, icon, word = LOOKS[status]
        if status == "waiting" and not step.expected:
            look, icon, word = LOOKS["skipped"]
        elif status == "waiting":
            icon = ICONS.get(step.kind, icon)
        now = self.transaction.now
        return Node(
            name=step.name,
            label=label(step.label),
            kind=step.kind,
            look=look,
            icon=icon,
            word=visitor.translated(word.template),
            why=in_words(self.transaction.catalog, self.entity, step.why),
            people=tuple(self._people(step)),
            due_at=step.due_at if status == "active" else None,
            overdue=status == "active" and step.due_at is not None and step.due_at < now,
            branches=tuple(self._branches(step, inner)),
        )

    def _branches(self, step: StepView, inner: Sequence[StepView]) -> Iterable[Branch]:
        groups: dict[str, list[StepView]] = {}
        labels: dict[str, str] = {}
        current = ""
        for each in inner:
            if each.depth == step.depth + 1:
                current = each.branch
                labels[current] = label(each.branch_label) if each.branch_label else ""
            groups.setdefault(current, []).append(each)
        for name, steps in groups.items():
            nodes = self.nodes(steps)
            yield Branch(labels.get(name, ""), any(each.look != "flow-passed" for each in nodes), nodes)

    def _people(self, step: StepView) -> Iterable[Person]:
        for each in step.people:
            yield Person(each.title, each.id, "asked-next", "")
        for task in step.tasks:
            if task.status in MARKS and task.kind != "revise":
                yield self._person(task)

    def _person(self, task: TaskView) -> Person:
        mark, word = MARKS[task.status]
        hidden = visitor.translated("Somebody whose name is hidden")
        administrators = visitor.translated("Administrators")
        name = task.person.title if task.person else hidden if task.hidden else administrators
        removable = [each for each in task.actions if each.name in ("remove_approver", "reassign")]
        return Person(
            name,
            task.person.id if task.person else None,
            mark,
            visitor.translated(word.template),
            task.comment,
            task.instead_of.title if task.instead_of else "",
            tuple(self._task_buttons(task, removable)),
        )

    def mine(self, view: InstanceView) -> Iterable[Mine]:
        """The open tasks of the visitor, with what they can do."""
        for step in view.steps:
            for task in step.tasks:
                own = task.mine or (task.person is None and not task.hidden and task.kind == "incident")
                allowed = [each for each in task.actions if each.allowed]
                if not own or task.status != "open" or not allowed:
                    continue
                answers = [each for each in allowed if each.name in ANSWERS]
                further = [
                    each
                    for each in task.actions
                    if each.name not in (*ANSWERS, "comment", "take_back", "remove_approver")
                    and (task.mine is False or each.name != "reassign")
                ]
                yield Mine(
                    task=task.id,
                    kind=task.kind,
                    step=label(step.label),
                    request=uuid4().hex,
                    due_at=task.due_at,
                    overdue=task.due_at is not None and task.due_at < self.transaction.now,
                    answers=tuple(self._task_buttons(task, answers)),
                    further=tuple(self._task_buttons(task, further)),
                    url=url_for("tasks.show", identity=task.id),
                )

    def loose(self, view: InstanceView) -> Iterable[Button]:
        for step in view.steps:
            for task in step.tasks:
                if task.mine and task.status == "approved":
                    taking = [each for each in task.actions if each.name == "take_back"]
                    yield from self._task_buttons(task, taking)

    def instance_buttons(self, view: InstanceView) -> Iterable[Button]:
        """What can be done with the whole approval."""
        for each in view.actions:
            if each.name in RECORD_ACTIONS:
                url = f"{entity_url(self.entity.key, self.identity)}/approval/{each.name}"
                yield self._button(RECORD_ACTIONS[each.name], each, url)
            elif each.name in INSTANCE_ACTIONS and (
                each.name != "migrate" or view.release != self.transaction.catalog.release
            ):
                url = url_for("approvals.administer", instance=view.id, action=each.name)
                yield self._button(INSTANCE_ACTIONS[each.name], each, url)

    def _task_buttons(self, task: TaskView, actions: Iterable[ActionView]) -> Iterable[Button]:
        for each in actions:
            url = url_for("tasks.act", identity=task.id, action=each.name, next=self.back or None)
            yield self._button(TASK_ACTIONS[each.name], each, url)

    def _button(self, action: PageAction, view: ActionView, url: str) -> Button:
        reason: Any = view.reason
        return Button(
            action.name,
            action.words,
            action.icon,
            url,
            view.allowed,
            reason.to(visitor.locale()) if reason else "",
            action.danger,
        )
