"""Taking a move back: the record returns to the stage it left, where nothing but the record has followed.

A move that asked for approval, told people or changed other records is not taken back: what it began goes on
elsewhere. Nor is one after which the record was changed again.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.definition.action import Create, Fire, Notify, Set, Update
from engine.definition.model import Transition
from engine.fields.encryption import HIDDEN
from engine.problems import NotAllowed, NotFound, NotPossible
from engine.records import stage_timers
from engine.records.freeze import thaw_stage
from engine.records.history import Event
from engine.records.lock import hold
from engine.records.past import Past, events_after, events_before, is_own
from engine.records.write import move_back as write_back
from engine.schema.workflow_tables import workflow_event
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workflow.events import event_row, write_event
from engine.workflow.guards import find_transition
from engine.workflow.mentions import mentions

POSSIBLE_FOR = timedelta(hours=1)
"""How long after a move: later on others rely on where the record stands."""
BESIDE = ("commented", "attached", "detached")
"""Kinds of later events that are no change of the record."""
OF_A_MOVE = ("moved", "gate_open")
"""Events that every move writes; all others tell of approvals and of further moves."""
EFFECTS: Mapping[type, str] = {
    Create: "“{transition}” made another record; that cannot be taken back with it.",
    Update: "“{transition}” changed another record; that cannot be taken back with it.",
    Notify: "“{transition}” told people about it; that cannot be taken back.",
    Fire: "“{transition}” set off another move; that cannot be taken back with it.",
}
"""What a move did beyond its record → why it stays."""


def move_back(transaction: Transaction, key: str, identity: int, moved: Past) -> None:
    """Undoes a move of the actor's own, with what it wrote into the record.

    Raises NotFound, NotAllowed, NotPossible with the reason, InputRefused where the record as it was would
    not be valid any more.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "update", entity)
    held = hold(transaction, entity, identity)
    if moved.kind != "transition" or moved.from_stage is None:
        raise NotFound(say("There is no change {id} that could be undone.", id=moved.id))
    if moved.by is None or moved.by != transaction.actor.id:
        raise NotAllowed(say("Only who moved this {entity} takes that back.", entity=entity.definition.label))
    if transaction.catalog.release != moved.release:
        raise NotPossible(say("The application was published anew since; moves before are not taken back."))
    transition = find_transition(entity.definition, moved.transition or "")
    reason = refusal(transition, moved, transaction) or _followed(transaction, entity, moved, identity)
    if reason is not None:
        raise NotPossible(reason)
    later = [each for each in events_after(transaction, key, identity, moved.id) if each.kind not in BESIDE]
    if held.stage != moved.to_stage or not all(_belongs(entity, transition, moved, each) for each in later):
        raise NotPossible(_changed(entity))
    before = _before(entity, [moved, *later])
    if transition.to in entity.freezing_stages and not _was_there(transaction, key, identity, moved):
        thaw_stage(transaction, entity, identity, transition.to)
        held = hold(transaction, entity, identity)
    write_back(transaction, entity, held, moved.from_stage, before, {"transition": transition.name})
    stage_timers.left(transaction, key, identity)
    stage_timers.reopened(transaction, key, identity, moved.at)
    row = event_row(transaction, key, identity, "moved_back") | {
        "transition": transition.name,
        "detail": {"from": moved.to_stage, "to": moved.from_stage},
    }
    write_event(transaction, row)


def offered(transaction: Transaction, entity: CompiledEntity, events: Iterable[Event]) -> int | None:
    """The number of the latest event, newest first, if it is a move that its actor may try to take back."""
    latest = next((each for each in events if each.kind not in BESIDE), None)
    workflow = entity.definition.workflow
    if latest is None or workflow is None or latest.by is None or latest.by.id != transaction.actor.id:
        return None
    transition = workflow.transitions.get(latest.transition or "")
    possible = latest.kind == "transition" and latest.to_stage == (transition.to if transition else None)
    if transition is None or not possible or refusal(transition, latest, transaction) is not None:
        return None
    return latest.id


def refusal(transition: Transition, moved: Past | Event, transaction: Transaction) -> Message | None:
    """Why moves of this kind, or so long ago, are not taken back, as the definition and the event tell."""
    if transaction.now - moved.at > POSSIBLE_FOR:
        return say(
            "A move can be taken back for {minutes} minutes only.",
            minutes=POSSIBLE_FOR // timedelta(minutes=1),
        )
    for action in transition.do:
        if type(action) in EFFECTS:
            return say(EFFECTS[type(action)], transition=transition.label)
    if transition.thaw:
        sentence = "“{transition}” let frozen values go; what they were is not kept."
        return say(sentence, transition=transition.label)
    if mentions(moved.comment or ""):
        return say("People were told by the comment of this move; that cannot be taken back.")
    return None


def _followed(transaction: Transaction, entity: CompiledEntity, moved: Past, identity: int) -> Message | None:
    """Why a move stays because of approvals and moves that came with it or after it."""
    table = workflow_event
    rows = transaction.connection.execute(
        select(table.c.at, table.c.kind, table.c.instance_id, table.c.transition).where(
            table.c.entity == entity.key, table.c.record_id == identity, table.c.at >= moved.at
        )
    ).all()
    if any(row.instance_id is not None or row.kind not in (*OF_A_MOVE, "moved_back") for row in rows):
        return say("An approval began or ended with this move or since; that is not taken back.")
    return _changed(entity) if any(row.at != moved.at for row in rows) else None


def _changed(entity: CompiledEntity) -> Message:
    label = entity.definition.label
    return say("This {entity} was changed again since; the move was not taken back.", entity=label)


def _belongs(entity: CompiledEntity, transition: Transition, moved: Past, later: Past) -> bool:
    """Whether a later change is what the move itself set."""
    same = (later.at, later.by, later.kind) == (moved.at, moved.by, "updated")
    settings = {name for action in transition.do if isinstance(action, Set) for name in action.values}
    return same and all(name in settings for name in later.changes if is_own(entity, name))


def _before(entity: CompiledEntity, events: list[Past]) -> dict[str, Any]:
    """What the fields held before the first of these changes; NotPossible for one that is encrypted."""
    found: dict[str, Any] = {}
    for name, value in _former(entity, events):
        if value == HIDDEN:
            label = entity.fields[name].definition.label
            raise NotPossible(say("{field} is encrypted; what it held is not kept.", field=label))
        found.setdefault(name, value)
    return found


def _former(entity: CompiledEntity, events: list[Past]) -> Iterator[tuple[str, Any]]:
    for each in events:
        for name, (before, after) in each.changes.items():
            if is_own(entity, name):
                yield name, HIDDEN if after == HIDDEN else before


def _was_there(transaction: Transaction, key: str, identity: int, moved: Past) -> bool:
    """Whether the record had come to the stage before, so that it was frozen there already."""
    earlier = events_before(transaction, key, identity, moved.id)
    return any(each.to_stage == moved.to_stage for each in earlier)
