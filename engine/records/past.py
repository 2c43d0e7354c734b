"""Single events of the history as they were written: what undoing reads, be the record there or not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from engine.catalog import CompiledEntity
from engine.problems import NotFound
from engine.releases.former_names import FIELD, STAGE, former_names
from engine.schema.system_tables import history
from engine.text import say
from engine.transaction import Transaction

UNDOABLE = ("updated", "transition", "deleted")
"""Kinds of events that can be undone, as far as nothing stands in the way."""


class Past(NamedTuple):
    """An event with all its changes, field → [before, after] as JSON; fields and stages as named today."""

    id: int
    at: datetime
    by: int | None
    kind: str
    transition: str | None
    from_stage: str | None
    to_stage: str | None
    comment: str | None
    release: int
    changes: Mapping[str, Any]


EVENT_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(history.c[name] for name in Past._fields)


def event_of(transaction: Transaction, key: str, identity: int, event: int) -> Past:
    """The event of a record with this number; NotFound when there is none."""
    found = _events(transaction, key, identity, history.c.id == event)
    if not found:
        raise NotFound(say("There is no change {id} that could be undone.", id=event))
    return found[0]


def events_after(transaction: Transaction, key: str, identity: int, event: int) -> list[Past]:
    """What happened to a record after an event, the earliest first."""
    return _events(transaction, key, identity, history.c.id > event)


def events_before(transaction: Transaction, key: str, identity: int, event: int) -> list[Past]:
    """What happened to a record before an event, the earliest first."""
    return _events(transaction, key, identity, history.c.id < event)


def deletion_at(transaction: Transaction, key: str, identity: int, at: datetime) -> Past | None:
    """The event by which a record was deleted at this moment, if it is the last one of that kind."""
    gone = _events(transaction, key, identity, history.c.kind == "deleted")
    return gone[-1] if gone and gone[-1].at == at else None


def last_event(transaction: Transaction) -> int:
    """The number of the latest event of all; those of this transaction that follow are greater."""
    return transaction.connection.execute(select(func.max(history.c.id))).scalar() or 0


def own_changes(
    transaction: Transaction, key: str, identities: Iterable[int], kind: str, since: int
) -> dict[int, int]:
    """Record → the number of the actor's first change of a kind after the event `since`: to undo it by."""
    rows = transaction.connection.execute(
        select(history.c.record_id, func.min(history.c.id))
        .where(
            history.c.entity == key,
            history.c.record_id.in_(list(identities)),
            history.c.id > since,
            history.c.by == transaction.actor.id,
            history.c.kind == kind,
        )
        .group_by(history.c.record_id)
    )
    return {row[0]: row[1] for row in rows}


def last_own(transaction: Transaction, key: str, identity: int) -> int:
    """The number of the actor's own last change of a record that can be undone; NotFound without one."""
    found = transaction.connection.execute(
        select(func.max(history.c.id)).where(
            history.c.entity == key,
            history.c.record_id == identity,
            history.c.by == transaction.actor.id,
            history.c.kind.in_(UNDOABLE),
        )
    ).scalar()
    if found is None:
        raise NotFound(say("There is no change of yours that could be undone."))
    return int(found)


def _events(transaction: Transaction, key: str, identity: int, which: ColumnElement[bool]) -> list[Past]:
    rows = transaction.connection.execute(
        select(*EVENT_COLUMNS)
        .where(history.c.entity == key, history.c.record_id == identity, which)
        .order_by(history.c.id)
    ).all()
    return named_today(transaction, key, rows)


def named_today(transaction: Transaction, key: str, rows: Iterable[Sequence[Any]]) -> list[Past]:
    """Rows of EVENT_COLUMNS as events of the record's entity, in their order."""
    found = [Past(*row) for row in rows]
    if not found:
        return []
    names = former_names(transaction.connection, key)

    def stage(each: Past, name: str | None) -> str | None:
        return None if name is None else names.now(STAGE, each.release, name)

    return [
        each._replace(
            from_stage=stage(each, each.from_stage),
            to_stage=stage(each, each.to_stage),
            changes={names.now(FIELD, each.release, name): pair for name, pair in each.changes.items()},
        )
        for each in found
    ]


def is_own(entity: CompiledEntity, name: str) -> bool:
    """Whether a field holds what people write, rather than what is computed or kept by the system."""
    each = entity.fields.get(name)
    return each is not None and not each.computed and not each.definition.system
