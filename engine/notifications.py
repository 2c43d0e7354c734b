"""What people are told inside Dougong: written in the transaction that it tells of, read when they like.

A notification that is undone with its transaction was never there; one with the same key is told once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true, update

from engine.outbox import enqueue
from engine.problems import NotFound
from engine.schema.system_tables import mail_choice, notification
from engine.schema.upsert import INSERT
from engine.text import LOCALES, Message, Text, say
from engine.transaction import Transaction

AT_ONCE = 500
"""Rows of one statement; a statement has a limited number of parameters."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Something the reader was told; `about` is the record it leads to, as (entity, id)."""

    id: int
    kind: str
    at: datetime
    message: Text
    about: tuple[str, int] | None
    read_at: datetime | None


def notify(
    transaction: Transaction,
    to: Iterable[int],
    message: Message | Text,
    about: tuple[str, int] | None,
    kind: str,
    key: str,
) -> list[int]:
    """Tells people (user ids) something once for each key; the ids of the new notifications.

    Who is not active is left out. The sentence is kept in every language and shown in the reader's. Who has
    an address and wants mail also gets one, as a job of this transaction.
    """
    entity, record_id = about or (None, None)
    shared = {
        "key": key,
        "kind": kind,
        "at": transaction.now,
        "words": {locale: message.to(locale) for locale in LOCALES},
        "entity": entity,
        "record_id": record_id,
    }
    told: list[int] = []
    by_mail: list[int] = []
    people = sorted(set(to))
    for first in range(0, len(people), AT_ONCE):
        active = _active(transaction, people[first : first + AT_ONCE])
        rows = [{"user_id": each, **shared} for each in active]
        if rows:
            statement = INSERT[transaction.dialect](notification).values(rows)
            statement = statement.on_conflict_do_nothing(index_elements=["user_id", "key"])
            found = transaction.connection.execute(
                statement.returning(notification.c.id, notification.c.user_id)
            )
            for identity, person in found:
                told.append(identity)
                if active[person]:
                    by_mail.append(identity)
    enqueue(transaction, "mail", [(f"mail-{each}", {"notification": each}) for each in by_mail])
    return told


def unread_count(transaction: Transaction) -> int:
    """How many notifications the actor has not read."""
    counted = select(func.count()).select_from(notification).where(_own(transaction), _unread())
    return transaction.connection.execute(counted).scalar_one()


def page_of(
    transaction: Transaction, limit: int, before: int | None = None, unread_only: bool = False
) -> list[Notification]:
    """The actor's notifications, newest first; `before` is the id after which to go on."""
    statement = select(notification).where(_own(transaction))
    if unread_only:
        statement = statement.where(_unread())
    if before is not None:
        statement = statement.where(notification.c.id < before)
    rows = transaction.connection.execute(statement.order_by(notification.c.id.desc()).limit(limit))
    return [_read(row) for row in rows]


def mark_read(transaction: Transaction, identity: int) -> None:
    """Marks one of the actor's notifications as read; NotFound when it is not theirs."""
    known = transaction.connection.execute(
        select(notification.c.id).where(_own(transaction), notification.c.id == identity)
    ).first()
    if known is None:
        raise NotFound(say("You have no notification {id}.", id=identity))
    transaction.connection.execute(
        update(notification).where(notification.c.id == identity, _unread()).values(read_at=transaction.now)
    )


def mark_all_read(transaction: Transaction) -> int:
    """Marks all of the actor's notifications as read; how many were not."""
    done = transaction.connection.execute(
        update(notification).where(_own(transaction), _unread()).values(read_at=transaction.now)
    )
    return done.rowcount


def wants_mail(transaction: Transaction, user_id: int) -> bool:
    """Whether the person gets notifications by mail too; so it is until they say otherwise."""
    said = select(mail_choice.c.wanted).where(mail_choice.c.user_id == user_id)
    return transaction.connection.execute(said).scalar() is not False


def choose_mail(transaction: Transaction, wanted: bool) -> None:
    """Keeps whether the actor wants notifications by mail."""
    assert transaction.actor.id is not None
    statement = INSERT[transaction.dialect](mail_choice).values(user_id=transaction.actor.id, wanted=wanted)
    transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_={"wanted": wanted})
    )


def _active(transaction: Transaction, people: Sequence[int]) -> dict[int, bool]:
    """Those of these people who are active → whether they get mail."""
    users = transaction.catalog.tables.table("system.user")
    by_mail = and_(func.coalesce(users.c.email, "") != "", func.coalesce(mail_choice.c.wanted, true()))
    found = (
        select(users.c.id, by_mail)
        .outerjoin(mail_choice, mail_choice.c.user_id == users.c.id)
        .where(users.c.id.in_(people), users.c.active)
        .order_by(users.c.id)
    )
    return {person: bool(wanted) for person, wanted in transaction.connection.execute(found)}


def _own(transaction: Transaction) -> ColumnElement[bool]:
    return notification.c.user_id == transaction.actor.id


def _unread() -> ColumnElement[bool]:
    return notification.c.read_at.is_(None)


def _read(row: Any) -> Notification:
    about = (row.entity, row.record_id) if row.entity else None
    return Notification(row.id, row.kind, row.at, Text(row.words), about, row.read_at)
