"""Requests that may be sent again: the answer to each key is kept in the transaction that did the work.

So either the work and its answer are both there, or neither is; two requests with one key at the same moment
meet at the primary key, and the later one is undone.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from engine.fields.encrypted_column import keys_of
from engine.releases.kept_beside import ANSWERS_KEPT_FOR, ENCRYPTED_ANSWER
from engine.schema.system_tables import idempotency
from engine.transaction import Transaction


class DoneMeanwhile(Exception):
    """Another request with this key was answered while this one worked; this one is to be undone."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to an earlier request; `fingerprint` tells whether it asked for the same."""

    fingerprint: str
    status: int
    answer: Any


def kept_answer(transaction: Transaction, key: str) -> Kept | None:
    """What the actor's earlier request with this key was answered."""
    row = transaction.connection.execute(
        select(idempotency.c.fingerprint, idempotency.c.status, idempotency.c.answer).where(
            idempotency.c.user_id == transaction.actor.id, idempotency.c.key == key
        )
    ).first()
    if row is None:
        return None
    answer = row.answer
    if ENCRYPTED_ANSWER in answer:
        answer = orjson.loads(keys_of(transaction.connection.dialect).decrypt(answer[ENCRYPTED_ANSWER]))
    return Kept(row.fingerprint, row.status, answer)


def keep_answer(transaction: Transaction, key: str, kept: Kept) -> None:
    """Keeps the answer with the work of this transaction; raises DoneMeanwhile when the key has one."""
    connection = transaction.connection
    connection.execute(delete(idempotency).where(idempotency.c.at < transaction.now - ANSWERS_KEPT_FOR))
    try:
        connection.execute(
            insert(idempotency).values(
                user_id=transaction.actor.id,
                key=key,
                at=transaction.now,
                fingerprint=kept.fingerprint,
                status=kept.status,
                answer=_locked(transaction, kept.answer),
            )
        )
    except IntegrityError as error:
        # The table has one constraint: its primary key.
        raise DoneMeanwhile from error


def _locked(transaction: Transaction, answer: Any) -> Any:
    """The answer as it is kept: encrypted where some field is, whose value may be in it."""
    if not transaction.catalog.world.encrypted:
        return answer
    kept = orjson.dumps(answer, default=str)
    return {ENCRYPTED_ANSWER: keys_of(transaction.connection.dialect).encrypt(kept)}
