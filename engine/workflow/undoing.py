"""Undoing one event of a record: each kind has its own way."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from engine.problems import NotFound
from engine.records.past import Past, event_of, last_own
from engine.records.restore import restore
from engine.records.undo import undo
from engine.schema.workflow_tables import workflow_instance
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.moving_back import move_back


def undo_event(transaction: Transaction, key: str, identity: int, event: int | None) -> None:
    """Undoes an event, or the actor's own last one.

    Raises NotFound, NotAllowed, NotPossible, InputRefused.
    """
    number = last_own(transaction, key, identity) if event is None else event
    past = event_of(transaction, key, identity, number)
    if past.kind not in _WAYS:
        raise NotFound(say("There is no change {id} that could be undone.", id=number))
    _WAYS[past.kind](transaction, key, identity, past)


def _write_back(transaction: Transaction, key: str, identity: int, changed: Past) -> None:
    undo(transaction, key, identity, changed.id)


def _bring_back(transaction: Transaction, key: str, identity: int, gone: Past) -> None:
    """A record that waited for approval stands where it was submitted: the approval has ended."""
    table = workflow_instance
    source = transaction.connection.execute(
        select(table.c.source)
        .where(table.c.entity == key, table.c.record_id == identity, table.c.ended_at == gone.at)
        .order_by(table.c.id)
        .limit(1)
    ).scalar()
    restore(transaction, key, identity, gone, source)


_WAYS: Mapping[str, Callable[[Transaction, str, int, Past], None]] = {
    "updated": _write_back,
    "transition": move_back,
    "deleted": _bring_back,
}
"""Kind of an event → how it is undone."""
