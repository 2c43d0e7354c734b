"""The steps of an approval as somebody looks at it: begun, or still to come, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.definition.approval import Ask, Choose, Collect, Copy, Parallel, Step, Subflow
from engine.fields.types.link import Link
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow import course
from engine.workflow.answering import ACTIONS
from engine.workflow.around import Around
from engine.workflow.flow import Flow
from engine.workflow.running import Running
from engine.workflow.state import StepState, Task
from engine.workflow.task_action import Doing, reason_against
from engine.workflow.views import ActionView, StepView, TaskView


@dataclass(slots=True)
class Seeing:
    """An instance as somebody looks at it. `hidden` are the steps whose people they may not know."""

    transaction: Transaction
    flow: Flow
    running: Running
    around: Around
    hidden: frozenset[str]
    names: dict[int, str]

    def link(self, person: int | None) -> Link | None:
        if person is None:
            return None
        return Link(person, self.names.get(person) or self.around.name(person))


def steps_of(seeing: Seeing) -> Iterator[StepView]:
    """The steps of an approval in their order, begun or still to come."""
    for name, step in seeing.flow.steps.items():
        inside = seeing.flow.inside[name]
        state = seeing.running.current(name) or _last(seeing.running, name)
        shown: dict[str, Any] = {
            "name": name,
            "label": step.label,
            "kind": KINDS[type(step)],
            "depth": len(inside),
            "branch": inside[-1][1] if inside else "",
            "branch_label": _branch_label(seeing.flow, inside[-1]) if inside else None,
            "form": step.form if isinstance(step, Collect) else None,
        }
        current = seeing.running.current(name)
        goes_on = seeing.running.instance.status in ("open", "returned")
        if current is None and goes_on:
            yield _to_come(seeing, step, shown)
        elif state is not None:
            yield StepView(
                **shown,
                status=state.status,
                why=_why(seeing, step, state),
                due_at=state.due_at,
                started_at=state.started_at,
                ended_at=state.ended_at,
                tasks=tuple(_task(seeing, each) for each in seeing.running.tasks_of(state)),
                returnable=tuple(course.returnable(seeing.running, seeing.flow, name))
                if state.status == "active"
                else (),
            )


def _branch_label(flow: Flow, place: tuple[str, str]) -> Text:
    container = flow.steps[place[0]]
    assert isinstance(container, (Choose, Parallel))
    return next(each.label for each in container.branches if each.name == place[1])


KINDS: Mapping[type[Step], str] = {
    Ask: "ask",
    Collect: "collect",
    Choose: "choose",
    Parallel: "parallel",
    Copy: "copy",
    Subflow: "subflow",
}


def _last(running: Running, name: str) -> StepState | None:
    """How a step ended that does not count any more."""
    found = [each for each in running.steps.values() if each.name == name]
    return found[-1] if found else None


def _to_come(seeing: Seeing, step: Step, shown: Mapping[str, Any]) -> StepView:
    """A step before its turn: whether it will be asked as things stand, why, and whom."""
    expected, why = _expectation(seeing, step)
    people: tuple[Link, ...] = ()
    if expected and isinstance(step, (Ask, Collect)) and step.name not in seeing.hidden:
        found = seeing.around.people(step, ()).people
        people = tuple(link for each in found if (link := seeing.link(each.person)) is not None)
    return StepView(**shown, status="waiting", why=why, expected=expected, people=people)


def _expectation(seeing: Seeing, step: Step) -> tuple[bool, Message | None]:
    for container, branch in seeing.flow.inside[step.name]:
        state = seeing.running.current(container)
        taken = state.detail.get("branch") if state else None
        applying = state.detail.get("branches") if state else None
        if (taken is not None and taken != branch) or (applying is not None and branch not in applying):
            return False, say("Its branch does not apply.")
        if state is None and not _branch_applies(seeing, container, branch):
            return False, say("Its branch does not apply as the record stands.")
    if step.when is None:
        return True, None
    if seeing.around.holds(step.when):
        return True, say("Because {condition}.", condition=step.when.text)
    return False, say("Only when {condition}.", condition=step.when.text)


def _branch_applies(seeing: Seeing, container: str, name: str) -> bool:
    step = seeing.flow.steps[container]
    assert isinstance(step, (Choose, Parallel))
    holding = [each.name for each in step.branches if each.when is None or seeing.around.holds(each.when)]
    return name in (holding[:1] if isinstance(step, Choose) else holding)


def _why(seeing: Seeing, step: Step, state: StepState) -> Message | None:
    """Why a step was passed over, or how it came to be as it is."""
    because = state.detail.get("because")
    if because == "when" and step.when is not None:
        return say("Only when {condition}.", condition=step.when.text)
    return REASONS.get(str(because))


REASONS: Mapping[str, Message] = {
    "jump": say("An administrator passed it over."),
    "migrated": say("It was added after the approval began."),
    "nobody": say("There was nobody to ask."),
}


def _task(seeing: Seeing, task: Task) -> TaskView:
    actor = seeing.transaction.actor
    hidden = task.step in seeing.hidden and task.kind == "answer" and task.person != actor.id
    mine = task.person is not None and task.person == actor.id
    return TaskView(
        id=task.id,
        kind=task.kind,
        status=task.status,
        person=None if hidden else seeing.link(task.person),
        hidden=hidden,
        instead_of=None if hidden else seeing.link(task.instead_of),
        relation=task.relation,
        comment=task.comment,
        opened_at=task.opened_at,
        due_at=task.due_at,
        decided_at=task.decided_at,
        mine=mine,
        actions=tuple(_task_actions(seeing, task, mine=mine)),
    )


def _task_actions(seeing: Seeing, task: Task, *, mine: bool) -> Iterator[ActionView]:
    """What the actor could do with a task: with their own all of its kind, remove one that they added."""
    if seeing.running.instance.status != "open":
        return
    for action in ACTIONS.values():
        if task.kind not in action.kinds or (action.own and not mine):
            continue
        doing = Doing(seeing.running, seeing.flow, seeing.around, task)
        reason = reason_against(action, doing)
        if not action.own and reason is not None:
            continue
        yield ActionView(action.name, reason is None, reason)
    if seeing.transaction.actor.administrator and task.status in ("open", "waiting", "delegated"):
        yield ActionView("reassign", allowed=True)
