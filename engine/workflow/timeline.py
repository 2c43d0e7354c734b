"""The approvals of a record: what happened, who is asked, what comes next and why, what the actor may do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.definition.approval import Ask, Choose, Collect, Copy, Parallel, Step, Subflow
from engine.fields.types.link import Link
from engine.problems import NotFound, NotPossible
from engine.records.read import exists, titles
from engine.records.saved_rows import stored_values
from engine.schema.workflow_tables import workflow_event
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow import course, store
from engine.workflow.answering import ACTIONS, Doing, reason_against
from engine.workflow.around import Around, look_around
from engine.workflow.firing import fire_by_itself
from engine.workflow.flow import Flow
from engine.workflow.principals import is_among
from engine.workflow.releases import catalog_of, flow_of
from engine.workflow.running import Running
from engine.workflow.state import Instance, StepState, Task
from engine.workflow.work import Work


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


def approvals(transaction: Transaction, key: str, identity: int) -> list[InstanceView]:
    """All approvals of a record, the latest first; NotFound like `get`."""
    if not exists(transaction, key, identity):
        entity = transaction.catalog.entity(key)
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    return [view_of(transaction, each) for each in store.instances(transaction, key, identity)]


def foresee(
    transaction: Transaction,
    key: str,
    identity: int,
    transition: str,
    changed: Mapping[str, Any] | None = None,
) -> tuple[StepView, ...]:
    """The steps that a transition would have to pass if the actor fired it now; none without an approval.

    `changed` are values that would be sent along, links as ids.
    """
    flow = flow_of(transaction.catalog, key, transition)
    if flow is None:
        return ()
    stage = ""
    instance = Instance(
        0,
        key,
        identity,
        transition,
        transaction.catalog.release,
        "open",
        transaction.actor.id,
        stage,
        transaction.now,
    )
    around = _around(transaction, instance, changed or {})
    condition = flow.approval.needed_when
    if condition is not None and not around.holds(condition):
        return ()
    running = Running(instance, transaction.now, transaction.actor.id)
    return tuple(_steps(_Seeing(transaction, flow, running, around, frozenset(), names={})))


@dataclass(slots=True)
class _Seeing:
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


def view_of(transaction: Transaction, instance: Instance) -> InstanceView:
    """An approval as the actor may see it; whether they may see the record is asked elsewhere."""
    running = store.read(transaction, instance)
    flow = _flow(transaction, instance)
    events = _events_of(transaction, instance)
    seen = {instance.submitter, *(each.person for each in running.tasks.values())}
    seen |= {row["by"] for row in events} | {row["instead_of"] for row in events}
    names = titles(transaction, "system.user", (each for each in seen if each is not None))
    if flow is None:
        label = Text({"en": instance.transition})
        return _bare(instance, label, names)
    around = _around(transaction, instance)
    hidden = frozenset(
        step.name
        for step in flow.approval.walk()
        if isinstance(step, Collect) and step.hide_from and _is_hidden(transaction, instance, step)
    )
    seeing = _Seeing(transaction, flow, running, around, hidden, names)
    return InstanceView(
        id=instance.id,
        transition=instance.transition,
        label=flow.label,
        status=instance.status,
        release=instance.release,
        submitter=seeing.link(instance.submitter),
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        steps=tuple(_steps(seeing)),
        events=tuple(_event(seeing, row) for row in events),
        actions=tuple(_instance_actions(seeing)),
    )


def _bare(instance: Instance, label: Text, names: Mapping[int, str]) -> InstanceView:
    """An approval whose definition cannot be read any more."""
    submitter = (
        None if instance.submitter is None else Link(instance.submitter, names.get(instance.submitter, ""))
    )
    return InstanceView(
        instance.id, instance.transition, label, instance.status, instance.release, submitter,
        instance.started_at, instance.ended_at, (), (), (),
    )  # fmt: skip


def _flow(transaction: Transaction, instance: Instance) -> Flow | None:
    try:
        return flow_of(catalog_of(transaction, instance.release), instance.entity, instance.transition)
    except NotPossible:
        return None


def _around(transaction: Transaction, instance: Instance, changed: Mapping[str, Any] | None = None) -> Around:
    entity = transaction.catalog.entity(instance.entity)
    stored = stored_values(transaction, entity, instance.record_id)
    values = {**stored, **{name: value for name, value in (changed or {}).items() if name in stored}}
    catalog = catalog_of(transaction, instance.release)
    return look_around(Work(transaction, fire_by_itself), catalog, instance, values)


def _is_hidden(transaction: Transaction, instance: Instance, step: Collect) -> bool:
    if transaction.actor.administrator:
        return False
    entity = transaction.catalog.entity(instance.entity)
    return is_among(transaction, entity, step.hide_from, instance.record_id, instance.submitter)


def _steps(seeing: _Seeing) -> Iterator[StepView]:
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


def _to_come(seeing: _Seeing, step: Step, shown: Mapping[str, Any]) -> StepView:
    """A step before its turn: whether it will be asked as things stand, why, and whom."""
    expected, why = _expectation(seeing, step)
    people: tuple[Link, ...] = ()
    if expected and isinstance(step, (Ask, Collect)) and step.name not in seeing.hidden:
        found = seeing.around.people(step, ()).people
        people = tuple(link for each in found if (link := seeing.link(each.person)) is not None)
    return StepView(**shown, status="waiting", why=why, expected=expected, people=people)


def _expectation(seeing: _Seeing, step: Step) -> tuple[bool, Message | None]:
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


def _branch_applies(seeing: _Seeing, container: str, name: str) -> bool:
    step = seeing.flow.steps[container]
    assert isinstance(step, (Choose, Parallel))
    holding = [each.name for each in step.branches if each.when is None or seeing.around.holds(each.when)]
    return name in (holding[:1] if isinstance(step, Choose) else holding)


def _why(seeing: _Seeing, step: Step, state: StepState) -> Message | None:
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


def _task(seeing: _Seeing, task: Task) -> TaskView:
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


def _task_actions(seeing: _Seeing, task: Task, *, mine: bool) -> Iterator[ActionView]:
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


def _instance_actions(seeing: _Seeing) -> Iterator[ActionView]:
    instance, transaction = seeing.running.instance, seeing.transaction
    if instance.status not in store.ONGOING:
        return
    approval = seeing.flow.approval
    entity = transaction.catalog.entity(instance.entity)
    by = approval.withdraw.by
    concerned = transaction.actor.administrator or is_among(
        transaction, entity, by, instance.record_id, instance.submitter
    )
    if concerned:
        late = course.refuse_withdrawal(seeing.running, approval.withdraw.until)
        yield ActionView("withdraw", late is None, late)
        if instance.status == "open":
            yield ActionView("remind", allowed=True)
    if transaction.actor.administrator:
        yield from (ActionView(name, allowed=True) for name in ("cancel", "jump", "migrate"))


def _events_of(transaction: Transaction, instance: Instance) -> list[Mapping[str, Any]]:
    table = workflow_event
    rows = transaction.connection.execute(
        select(table).where(table.c.instance_id == instance.id).order_by(table.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def _event(seeing: _Seeing, row: Mapping[str, Any]) -> EventView:
    hidden = row["step"] in seeing.hidden and row["kind"] in ("answered", "asked", "transferred", "chosen")
    hidden = hidden and row["by"] != seeing.transaction.actor.id
    step = seeing.flow.steps.get(row["step"] or "")
    return EventView(
        at=row["at"],
        kind=row["kind"],
        by=None if hidden else seeing.link(row["by"]),
        hidden=hidden,
        instead_of=None if hidden else seeing.link(row["instead_of"]),
        step=step.label if step else None,
        task=row["task_id"],
        comment=row["comment"],
        detail={} if hidden else row["detail"],
    )
