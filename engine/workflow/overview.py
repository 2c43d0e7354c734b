"""Approvals that go on, for administrators: where they stand by release, and those that cannot go on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select

from engine.definition.approval import Choose, Parallel
from engine.fields.types.link import Link
from engine.problems import NotAllowed, NotFound, NotPossible
from engine.records.read import titles
from engine.schema.workflow_tables import workflow_instance, workflow_step, workflow_task
from engine.text import Text, say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.flow import Flow
from engine.workflow.releases import catalog_of, flow_of
from engine.workflow.state import Instance


@dataclass(frozen=True, slots=True)
class Standing:
    """How many approvals of a transition and release stand at a step; `step` "" when they were sent back."""

    entity: str
    entity_label: Text
    transition: str
    label: Text
    release: int
    current: bool
    step: str
    step_label: Text | None
    count: int


@dataclass(frozen=True, slots=True)
class Ongoing:
    """An approval that goes on, with the steps at which it stands; `incident` says why it cannot go on."""

    id: int
    entity: str
    entity_label: Text
    record: Link
    label: Text
    release: int
    current: bool
    status: str
    submitter: Link | None
    started_at: datetime
    steps: tuple[Text, ...]
    people: tuple[Link, ...]
    due_at: datetime | None
    overdue: bool
    incident: Text | None
    incident_task: int | None


@dataclass(frozen=True, slots=True)
class About:
    """A record that an approval is about."""

    entity: str
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """An active step and the steps of the current release that it may become, its own name first."""

    name: str
    label: Text
    targets: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Migrating:
    """Approvals of one transition that run in one older release, with the steps that are active in them."""

    entity: str
    label: Text
    release: int
    approvals: tuple[int, ...]
    steps: tuple[Mapped, ...]


def standings(transaction: Transaction) -> list[Standing]:
    """Where the approvals that go on stand, older releases first; for administrators."""
    _refuse_others(transaction)
    instance, step = workflow_instance, workflow_step
    at = (step.c.instance_id == instance.c.id) & step.c.counts & (step.c.status == "active")
    rows = transaction.connection.execute(
        select(instance.c.entity, instance.c.transition, instance.c.release, step.c.name, func.count())
        .select_from(instance.outerjoin(step, at))
        .where(instance.c.status.in_(store.ONGOING))
        .group_by(instance.c.entity, instance.c.transition, instance.c.release, step.c.name)
        .order_by(instance.c.release, instance.c.entity, instance.c.transition, step.c.name)
    )
    found = []
    for key, transition, release, name, count in rows:
        flow = _flow(transaction, key, transition, release)
        at_step = flow.steps.get(name or "") if flow else None
        if key in transaction.catalog.entities and not isinstance(at_step, (Choose, Parallel)):
            found.append(
                Standing(
                    entity=key,
                    entity_label=transaction.catalog.entity(key).definition.label,
                    transition=transition,
                    label=flow.label if flow else Text({"en": transition}),
                    release=release,
                    current=release == transaction.catalog.release,
                    step=name or "",
                    step_label=at_step.label if at_step else None,
                    count=count,
                )
            )
    return found


def ongoing(
    transaction: Transaction, limit: int, before: int | None = None, *, incidents: bool = False
) -> list[Ongoing]:
    """Approvals that go on, the latest first, or only those with an incident; for administrators."""
    _refuse_others(transaction)
    table = workflow_instance
    statement: Select[Any] = select(table).where(table.c.status.in_(store.ONGOING))
    statement = statement.where(table.c.entity.in_(list(transaction.catalog.entities)))
    if incidents:
        task = workflow_task
        open_incident = (
            (task.c.instance_id == table.c.id) & (task.c.kind == "incident") & (task.c.status == "open")
        )
        statement = statement.where(exists().where(open_incident))
    if before is not None:
        statement = statement.where(table.c.id < before)
    rows = transaction.connection.execute(statement.order_by(table.c.id.desc()).limit(limit)).all()
    tasks = _open_tasks(transaction, [row.id for row in rows])
    named = _titles(transaction, rows)
    asked = {task.person for each in tasks.values() for task in each} | {row.submitter for row in rows}
    people = titles(transaction, "system.user", (each for each in asked if each is not None))
    return [_ongoing(transaction, row, tasks[row.id], named, people) for row in rows]


def mapping_choices(transaction: Transaction, identities: Sequence[int]) -> list[Migrating]:
    """What the active steps of approvals could become in the current release; for administrators.

    Approvals of one transition and release are told together.
    """
    _refuse_others(transaction)
    alike: defaultdict[tuple[str, str, int], list[Instance]] = defaultdict(list)
    for identity in dict.fromkeys(identities):
        each = store.instance_of(transaction, identity)
        alike[(each.entity, each.transition, each.release)].append(each)
    found = []
    for (entity, transition, release), some in sorted(alike.items()):
        flow = _flow(transaction, entity, transition, release)
        target = _flow(transaction, entity, transition, transaction.catalog.release)
        label = flow.label if flow else Text({"en": transition})
        steps = tuple(_mapped(transaction, some, flow, target)) if flow and target else ()
        found.append(Migrating(entity, label, release, tuple(each.id for each in some), steps))
    return found


def _mapped(
    transaction: Transaction, instances: Iterable[Instance], flow: Flow, target: Flow
) -> Iterator[Mapped]:
    active = {state.name for each in instances for state in store.read(transaction, each).active()}
    for name in sorted(active & flow.steps.keys(), key=lambda each: flow.order[each]):
        step = flow.steps[name]
        alike = [each for each in target.steps.values() if type(each) is type(step)]
        alike.sort(key=lambda each, name=name: each.name != name)  # type: ignore[misc]
        yield Mapped(name, step.label, tuple((each.name, each.label) for each in alike))


def standing_at(
    transaction: Transaction, entity: str, transition: str, release: int, step: str, limit: int
) -> list[int]:
    """The ids of the approvals that a Standing counts; `step` "" for those that were sent back."""
    _refuse_others(transaction)
    table, at = workflow_instance, workflow_step
    of_kind = (table.c.entity == entity, table.c.transition == transition, table.c.release == release)
    active = (at.c.instance_id == table.c.id) & at.c.counts & (at.c.status == "active")
    place = exists().where(active & (at.c.name == step)) if step else ~exists().where(active)
    going_on = select(table.c.id).where(*of_kind, table.c.status.in_(store.ONGOING), place)
    return list(transaction.connection.execute(going_on.order_by(table.c.id).limit(limit)).scalars())


def records_of(transaction: Transaction, identities: Sequence[int]) -> dict[int, About]:
    """Approval → the record that it is about; for administrators."""
    _refuse_others(transaction)
    table = workflow_instance
    wanted = select(table.c.id, table.c.entity, table.c.record_id).where(table.c.id.in_(identities))
    rows = transaction.connection.execute(wanted).all()
    named = _titles(transaction, rows)
    return {
        row.id: About(row.entity, row.record_id, named.get((row.entity, row.record_id), "")) for row in rows
    }


def jump_choices(transaction: Transaction, identity: int) -> list[tuple[str, Text]]:
    """The steps of an approval in the order of its release; for administrators."""
    _refuse_others(transaction)
    instance = store.instance_of(transaction, identity)
    flow = _flow(transaction, instance.entity, instance.transition, instance.release)
    return [(each.name, each.label) for each in flow.steps.values()] if flow else []


def _refuse_others(transaction: Transaction) -> None:
    if not transaction.actor.administrator:
        raise NotAllowed(say("Only administrators see this."))


def _flow(transaction: Transaction, entity: str, transition: str, release: int) -> Flow | None:
    try:
        return flow_of(catalog_of(transaction, release), entity, transition)
    except (NotPossible, NotFound):
        return None


def _open_tasks(transaction: Transaction, instances: list[int]) -> Mapping[int, list[Any]]:
    task = workflow_task
    rows = transaction.connection.execute(
        select(task)
        .where(task.c.instance_id.in_(instances), task.c.status == "open")
        .order_by(task.c.due_at, task.c.id)
    )
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.instance_id].append(row)
    return found


def _titles(transaction: Transaction, rows: Iterable[Any]) -> Mapping[tuple[str, int], str]:
    wanted: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        wanted[row.entity].append(row.record_id)
    return {
        (key, identity): title
        for key, ids in wanted.items()
        for identity, title in titles(transaction, key, ids).items()
    }


def _ongoing(
    transaction: Transaction,
    row: Any,
    tasks: list[Any],
    named: Mapping[tuple[str, int], str],
    people: Mapping[int, str],
) -> Ongoing:
    flow = _flow(transaction, row.entity, row.transition, row.release)
    incident = next((each for each in tasks if each.kind == "incident"), None)
    due = min((each.due_at for each in tasks if each.due_at is not None), default=None)
    steps = dict.fromkeys(each.step for each in tasks if each.kind != "revise")
    asked = dict.fromkeys(each.person for each in tasks if each.person is not None)
    return Ongoing(
        id=row.id,
        entity=row.entity,
        entity_label=transaction.catalog.entity(row.entity).definition.label,
        record=Link(row.record_id, named.get((row.entity, row.record_id), "")),
        label=flow.label if flow else Text({"en": row.transition}),
        release=row.release,
        current=row.release == transaction.catalog.release,
        status=row.status,
        submitter=Link(row.submitter, people.get(row.submitter, "")) if row.submitter else None,
        started_at=row.started_at,
        steps=tuple(
            flow.steps[name].label if flow and name in flow.steps else Text({"en": name}) for name in steps
        ),
        people=tuple(Link(each, people.get(each, "")) for each in asked),
        due_at=due,
        overdue=due is not None and due < transaction.now,
        incident=Text(incident.detail["words"]) if incident and incident.detail.get("words") else None,
        incident_task=incident.id if incident else None,
    )
