"""The gate on a transition: an instance begins, goes on, and ends in a stage of the approval (rule 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.catalog import Catalog, CompiledEntity
from engine.definition.model import Transition
from engine.problems import NotFound, NotPossible
from engine.records.compute import Values
from engine.records.lock import Held, hold
from engine.records.write import amend
from engine.text import Message, say
from engine.workflow import course, store
from engine.workflow.around import Around, look_around
from engine.workflow.arrival import Move, arrive, change_stage
from engine.workflow.flow import Flow
from engine.workflow.machine import advance
from engine.workflow.releases import catalog_of, flow_of
from engine.workflow.running import Running
from engine.workflow.state import Instance
from engine.workflow.work import Parent, Work


@dataclass(slots=True)
class Gate:
    """An instance at work on its locked record; `before` is what was loaded."""

    work: Work
    catalog: Catalog
    entity: CompiledEntity
    transition: Transition
    flow: Flow
    held: Held
    running: Running
    before: Running
    around: Around
    fresh: bool
    """Whether the instance began in this transaction: then who began it sees how it ends."""

    @property
    def instance(self) -> Instance:
        return self.running.instance


def submit(
    work: Work,
    entity: CompiledEntity,
    transition: Transition,
    held: Held,
    accepted: Values,
    comment: str,
    parent: Parent | None,
) -> str:
    """Begins the approval of a transition that somebody fired; gives the status of the instance."""
    transaction = work.transaction
    catalog, identity = transaction.catalog, held.values["id"]
    assert transition.approval is not None
    source = held.stage or ""
    values = {
        "entity": entity.key,
        "record_id": identity,
        "transition": transition.name,
        "release": catalog.release,
        "submitter": transaction.actor.id,
        "source": source,
        "parent": parent.instance if parent else None,
        "parent_step": parent.step if parent else None,
    }
    running = store.begin(transaction, values)
    _enter(work, entity, transition, held, accepted, comment, running.instance)
    gate = _at_work(work, catalog, entity, transition, running, fresh=True)
    running.note("submitted", comment=comment)
    advance(running, gate.flow, gate.around)
    settle(gate)
    return gate.instance.status


def submit_again(
    work: Work,
    entity: CompiledEntity,
    transition: Transition,
    held: Held,
    accepted: Values,
    comment: str,
    instance: Instance,
) -> str:
    """Goes on with an approval that was returned to the submitter, in the release in which it began."""
    _enter(work, entity, transition, held, accepted, comment, instance)
    gate = open_gate(work, instance.id)
    gate.running.note("submitted_again", comment=comment)
    course.resume(gate.running, gate.flow, gate.around)
    settle(gate)
    return gate.instance.status


def _enter(
    work: Work,
    entity: CompiledEntity,
    transition: Transition,
    held: Held,
    accepted: Values,
    comment: str,
    instance: Instance,
) -> None:
    """Writes what was sent along and moves the record to where it waits."""
    approval = transition.approval
    assert approval is not None
    source = held.stage or ""
    pending = approval.pending or source
    if pending != source:
        change_stage(work, entity, held, transition, pending, accepted, comment, instance.id)
    elif accepted:
        amend(work.transaction, entity, held, accepted)


def open_gate(work: Work, identity: int) -> Gate:
    """An instance with its record, both locked in the order of rule 14: those that wait for it come first."""
    instance = store.instance_of(work.transaction, identity)
    if instance is None:
        raise NotFound(say("There is no approval {id}.", id=identity))
    _lock_above(work, instance)
    entity = work.transaction.catalog.entity(instance.entity)
    hold(work.whole, entity, instance.record_id)
    running = store.load(work.transaction, identity)
    catalog = catalog_of(work.transaction, running.instance.release)
    workflow = catalog.entity(instance.entity).definition.workflow
    transition = workflow.transitions.get(instance.transition) if workflow else None
    if transition is None:
        sentence = say(
            "{entity} has no transition '{name}'.", entity=instance.entity, name=instance.transition
        )
        raise NotFound(sentence)
    return _at_work(work, catalog, entity, transition, running, fresh=False)


def _lock_above(work: Work, instance: Instance) -> None:
    """Locks what waits for this one, the outermost first, so that no two block each other."""
    line: list[Instance] = []
    at = instance
    while at.parent is not None and len(line) < 20:
        above = store.instance_of(work.transaction, at.parent)
        if above is None:
            break
        line.append(above)
        at = above
    for above in reversed(line):
        hold(work.whole, work.transaction.catalog.entity(above.entity), above.record_id)
        store.load(work.transaction, above.id)


def _at_work(
    work: Work,
    catalog: Catalog,
    entity: CompiledEntity,
    transition: Transition,
    running: Running,
    *,
    fresh: bool,
) -> Gate:
    flow = flow_of(catalog, entity.key, transition.name)
    if flow is None:
        raise NotPossible(say("'{transition}' has no approval in this release.", transition=transition.label))
    held = hold(work.whole, entity, running.instance.record_id)
    around = look_around(work, catalog, running.instance, held.values)
    before = snapshot(running)
    return Gate(work, catalog, entity, transition, flow, held, running, before, around, fresh)


def snapshot(running: Running) -> Running:
    """The state before an event, for writing the difference."""
    return replace(running, steps=dict(running.steps), tasks=dict(running.tasks))


def settle(gate: Gate) -> dict[int, int]:
    """Writes what happened; when the instance ended the record moves, and who waits for it goes on."""
    identities = store.save(gate.work.transaction, gate.running, gate.before)
    status = gate.instance.status
    if status != gate.before.instance.status and status in ENDINGS:
        ENDINGS[status](gate)
        if not gate.fresh:
            _tell_parent(gate)
    return identities


def _approved(gate: Gate) -> None:
    held = hold(gate.work.whole, gate.entity, gate.instance.record_id)
    arriving = Move(gate.catalog, gate.transition, held, {}, "", gate.instance.submitter, gate.instance.id)
    arrive(gate.work, gate.entity, arriving)
    _tell(gate, say("'{transition}' was approved: {title}.", **_named(gate)))


def _rejected(gate: Gate) -> None:
    assert gate.transition.approval is not None
    _go(gate, gate.transition.approval.rejected)
    _tell(gate, say("'{transition}' was rejected: {title}.", **_named(gate)))


def _returned(gate: Gate) -> None:
    assert gate.transition.approval is not None
    _go(gate, gate.transition.approval.returned)


def _withdrawn(gate: Gate) -> None:
    assert gate.transition.approval is not None
    _go(gate, gate.transition.approval.withdrawn)


def _cancelled(gate: Gate) -> None:
    assert gate.transition.approval is not None
    _go(gate, gate.transition.approval.withdrawn)
    _tell(gate, say("'{transition}' was cancelled: {title}.", **_named(gate)))


ENDINGS: Mapping[str, Callable[[Gate], None]] = {
    "approved": _approved,
    "rejected": _rejected,
    "returned": _returned,
    "withdrawn": _withdrawn,
    "cancelled": _cancelled,
}


def _go(gate: Gate, stage: str | None) -> None:
    """Moves the record to where the approval leaves it; without a stage to where it came from."""
    held = hold(gate.work.whole, gate.entity, gate.instance.record_id)
    to = stage or gate.instance.source
    if held.stage != to:
        comment = next((each.comment for each in reversed(gate.running.happenings) if each.comment), "")
        change_stage(gate.work, gate.entity, held, gate.transition, to, {}, comment, gate.instance.id)


def _named(gate: Gate) -> dict[str, object]:
    return {"transition": gate.transition.label, "title": gate.around.title()}


def _tell(gate: Gate, message: Message) -> None:
    """Tells the submitter how it ended."""
    running = Running(gate.instance, gate.running.now, gate.running.actor)
    running.tell(gate.instance.status, [gate.instance.submitter], message, "ended:{instance}")
    store.save(gate.work.transaction, running, running)


def _tell_parent(gate: Gate) -> None:
    """Lets the step that waits for this instance go on."""
    instance = gate.instance
    if instance.parent is None or instance.status == "returned":
        return
    above = open_gate(gate.work, instance.parent)
    state = above.running.current(instance.parent_step or "")
    if above.instance.status != "open" or state is None or state.status != "active":
        return
    outcome = "approved" if instance.status == "approved" else "rejected"
    above.running.change_step(state, detail={**state.detail, "outcome": outcome})
    advance(above.running, above.flow, above.around)
    settle(above)
