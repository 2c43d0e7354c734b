"""Drawing an approval for the visitor: its steps with their people, and the buttons for what they may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import url_for

from blueprints import visitor
from blueprints.approval_shapes import Branch, Button, Mine, Node, Person
from blueprints.condition_words import in_words
from blueprints.task_actions import INSTANCE_ACTIONS, RECORD_ACTIONS, TASK_ACTIONS, PageAction
from blueprints.values import entity_url, label
from engine.catalog import CompiledEntity
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workflow.views import ActionView, InstanceView, StepView, TaskView

ANSWERS = ("approve", "reject", "answer", "choose")
"""What somebody who is asked does first of all; the other actions lie beside."""
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


@dataclass(slots=True)
class Drawing:
    """An approval of a record as it is drawn; `back` is where the visitor comes from."""

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
                url = (
                    url_for("approvals.migrate", approval=view.id, next=self.back or None)
                    if each.name == "migrate"
                    else url_for("approvals.administer", instance=view.id, action=each.name)
                )
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
