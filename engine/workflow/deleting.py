"""A record that is deleted, with what waits for it."""

from engine.records import write
from engine.transaction import Transaction
from engine.workflow import instances


def delete(transaction: Transaction, key: str, identity: int, revision: int | None) -> None:
    """Deletes a record and ends what waits for approval."""
    write.delete(transaction, key, identity, revision)
    instances.forget(transaction, key, identity)
