"""Undoing a change: a new change that writes back what was there, through the same door as any other."""

from collections.abc import Mapping
from typing import Any

from engine.catalog import CompiledEntity
from engine.fields.encryption import HIDDEN
from engine.problems import NotFound, NotPossible
from engine.records.compute import bare
from engine.records.history import Change, Event, stored_json, timeline
from engine.records.merge import plain, same
from engine.records.past import is_own
from engine.records.read import get
from engine.records.write import update
from engine.text import say
from engine.transaction import Transaction

UNDONE = frozenset({"updated"})
"""Kinds of events that are undone here; moves and deletions have ways of their own."""


def can_be_undone(entity: CompiledEntity, event: Event, writable: frozenset[str]) -> bool:
    """Whether the actor may write all fields that a change wrote, but for those that are computed."""
    own = [each.field for each in event.changes if is_own(entity, each.field)]
    known = not any(_is_forgotten(each) for each in event.changes)
    return event.kind in UNDONE and known and bool(own) and set(own) <= writable


def undo(transaction: Transaction, key: str, identity: int, event_id: int) -> None:
    """Writes back what one change replaced.

    Raises NotFound; NotPossible where a field was changed again since; and whatever writing it would raise.
    """
    entity = transaction.catalog.entity(key)
    event = next((each for each in timeline(transaction, key, identity) if each.id == event_id), None)
    if event is None or event.kind not in UNDONE:
        raise NotFound(say("There is no change {id} that could be undone.", id=event_id))
    record = get(transaction, key, identity)
    changes = [each for each in event.changes if is_own(entity, each.field)]
    for each in changes:
        if _is_forgotten(each):
            raise NotPossible(say("{field} is encrypted; what it held is not kept.", field=each.label))
        now = record.get(each.field)
        if each.field not in entity.children:
            now = plain(stored_json(entity.fields[each.field], bare(now)))
        if not same(plain(each.after), now):
            raise NotPossible(say("{field} was changed again since; nothing was undone.", field=each.label))
    values = {each.field: _before(entity, each.field, plain(each.before), record) for each in changes}
    update(transaction, key, identity, values, record["revision"])


def _is_forgotten(change: Change) -> bool:
    """Whether history does not know what was there, because it is encrypted."""
    sides = (change.before, change.after)
    rows = (row for side in sides if isinstance(side, list) for row in side if isinstance(row, Mapping))
    return HIDDEN in sides or any(HIDDEN in row.values() for row in rows)


def _before(entity: CompiledEntity, name: str, before: Any, record: Mapping[str, Any]) -> Any:
    """The value to write; rows that are gone become new ones."""
    if name not in entity.children:
        return before
    there = {row["id"] for row in record.get(name) or ()}
    return [
        {key: value for key, value in row.items() if key != "id" or value in there} for row in before or ()
    ]
