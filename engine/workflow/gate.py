"""The gate on a transition: an instance begins, goes on, and ends in a stage of the approval (rule 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.catalog import Catalog, CompiledEntity
from engine.definition.model import Transition
from engine.problems import NotPossible
from engine.records.lock import Held, hold
from engine.records.write import amend
from engine.text import Message, say
from engine.workflow import course, guards, store
from engine.workflow.around import Around, look_around
from engine.workflow.arrival import Move, arrive, change_stage
from engine.workflow.flow import Flow
from engine.workflow.machine import advance
from engine.workflow.releases import catalog_of, flow_of
from engine.workflow.running import Running
from engine.workflow.saving import begin, save
from engine.workflow.state import Instance
from engine.workflow.work import Work

DEEPEST = 20
"""How many approvals may wait for one another."""


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


def submit(work: Work, going: Move) -> str:
    """Begins the approval of a transition that somebody fired; gives the status of the instance."""
    assert going.transition.approval is not None
    values = {
        "entity": going.entity.key,
        "record_id": going.identity,
        "transition": going.transition.name,
        "release": going.catalog.release,
        "submitter": going.submitter,
        "source": going.held.stage or "",
        "parent": going.parent.instance if going.parent else None,
        "parent_step": going.parent.step if going.parent else None,
    }
    running = begin(work.transaction, values)
    gate = _at_work(work, _enter(work, going, running.instance), running, fresh=True)
    running.note("submitted", comment=going.comment)
    advance(running, gate.flow, gate.around)
    settle(gate)
    return gate.instance.status


def submit_again(work: Work, going: Move, instance: Instance) -> str:
    """Goes on with an approval that was returned to the submitter, in the release in which it began."""
    _enter(work, going, instance)
    gate = open_gate(work, instance)
    gate.running.note("submitted_again", comment=going.comment)
    course.resume(gate.running, gate.flow, gate.around)
    settle(gate)
    return gate.instance.status


def _enter(work: Work, going: Move, instance: Instance) -> Move:
    """Writes what was sent along and moves the record to where it waits; the move as it stands there."""
    approval = going.transition.approval
    assert approval is not None
    pending = approval.pending or going.held.stage
    if pending != going.held.stage:
        change_stage(work, replace(going, instance=instance.id), str(pending), going.accepted)
    elif going.accepted:
        amend(work.transaction, going.entity, going.held, going.accepted)
    else:
        return going
    return replace(going, held=hold(work.whole, going.entity, going.identity))


def open_gate(work: Work, instance: Instance) -> Gate:
    """An instance with its record, both locked in the order of rule 14: those that wait for it come first."""
    _lock_above(work, instance)
    entity = work.transaction.catalog.entity(instance.entity)
    held = hold(work.whole, entity, instance.record_id)
    running = store.load(work.transaction, instance.id)
    catalog = catalog_of(work.transaction, running.instance.release)
    definition = catalog.entity(instance.entity).definition
    transition = guards.find_transition(definition, instance.transition)
    return _at_work(work, Move(entity, catalog, transition, held), running, fresh=False)


def _lock_above(work: Work, instance: Instance) -> None:
    """Locks what waits for this one, the outermost first, so that no two block each other."""
    line: list[Instance] = []
    at = instance
    while at.parent is not None and len(line) < DEEPEST:
        at = store.instance_of(work.transaction, at.parent)
        line.append(at)
    for above in reversed(line):
        hold(work.whole, work.transaction.catalog.entity(above.entity), above.record_id)
        store.load(work.transaction, above.id)


def _at_work(work: Work, going: Move, running: Running, *, fresh: bool) -> Gate:
    """The instance on its record; `going` says which transition of which release waits there."""
    entity, catalog, transition = going.entity, going.catalog, going.transition
    flow = flow_of(catalog, entity.key, transition.name)
    if flow is None:
        raise NotPossible(say("'{transition}' has no approval in this release.", transition=transition.label))
    around = look_around(work, catalog, running.instance, going.held.values)
    return Gate(work, catalog, entity, transition, flow, going.held, running, running.copy(), around, fresh)


def settle(gate: Gate) -> None:
    """Writes what happened; when the instance ended the record moves, and who waits for it goes on."""
    save(gate.work.transaction, gate.running, gate.before)
    status = gate.instance.status
    if status != gate.before.instance.status and status in ENDINGS:
        ENDINGS[status](gate)
        if not gate.fresh:
            _tell_parent(gate)


def _approved(gate: Gate) -> None:
    arrive(gate.work, _going(gate, ""))
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
    comment = next((each.comment for each in reversed(gate.running.happenings) if each.comment), "")
    going, to = _going(gate, comment), stage or gate.instance.source
    if going.held.stage != to:
        change_stage(gate.work, going, to, {})


def _going(gate: Gate, comment: str) -> Move:
    """The move that the instance decides, on the record as it is now."""
    held = hold(gate.work.whole, gate.entity, gate.instance.record_id)
    submitter, instance = gate.instance.submitter, gate.instance.id
    gate.held = held
    return Move(gate.entity, gate.catalog, gate.transition, held, {}, comment, submitter, instance)


def _named(gate: Gate) -> dict[str, object]:
    gate.around.renew(gate.held.values)
    return {"transition": gate.transition.label, "title": gate.around.title()}


def _tell(gate: Gate, message: Message) -> None:
    """Tells the submitter how it ended."""
    running = Running(gate.instance, gate.running.now, gate.running.actor)
    running.tell(gate.instance.status, [gate.instance.submitter], message, "ended:{instance}")
    save(gate.work.transaction, running, running)


def _tell_parent(gate: Gate) -> None:
    """Lets the step that waits for this instance go on."""
    instance = gate.instance
    if instance.parent is None or instance.status == "returned":
        return
    above = open_gate(gate.work, store.instance_of(gate.work.transaction, instance.parent))
    state = above.running.current(instance.parent_step or "")
    if above.instance.status != "open" or state is None or state.status != "active":
        return
    outcome = "approved" if instance.status == "approved" else "rejected"
    above.running.change_step(state, detail={**state.detail, "outcome": outcome})
    advance(above.running, above.flow, above.around)
    settle(above)
