"""The approvals of a record: what happened, who is asked, what comes next and why, what the actor may do."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from engine.definition.approval import Collect
from engine.fields.types.link import Link
from engine.problems import NotFound, NotPossible
from engine.records.read import exists, titles
from engine.records.saved_rows import stored_values
from engine.schema.workflow_tables import workflow_event
from engine.text import Text, say
from engine.transaction import Transaction
from engine.workflow import course, store
from engine.workflow.around import Around, look_around
from engine.workflow.firing import fire_by_itself
from engine.workflow.flow import Flow
from engine.workflow.principals import is_among
from engine.workflow.releases import catalog_of, flow_of
from engine.workflow.running import Running
from engine.workflow.seeing import Seeing, steps_of
from engine.workflow.state import Instance
from engine.workflow.views import ActionView, EventView, InstanceView, StepView
from engine.workflow.work import Work


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
    return tuple(steps_of(Seeing(transaction, flow, running, around, frozenset(), names={})))


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
    seeing = Seeing(transaction, flow, running, around, hidden, names)
    return InstanceView(
        id=instance.id,
        transition=instance.transition,
        label=flow.label,
        status=instance.status,
        release=instance.release,
        submitter=seeing.link(instance.submitter),
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        steps=tuple(steps_of(seeing)),
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


def _instance_actions(seeing: Seeing) -> Iterator[ActionView]:
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


def _reason(detail: Mapping[str, Any], locale: str) -> str:
    """What publishing noted, which is kept in every language."""
    return Text(detail["reason"]).to(locale) if "reason" in detail else ""


def _event(seeing: Seeing, row: Mapping[str, Any]) -> EventView:
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
        comment=row["comment"] or _reason(row["detail"], seeing.transaction.actor.locale),
        detail={} if hidden else row["detail"],
    )
