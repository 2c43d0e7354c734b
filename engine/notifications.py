"""What people are told inside Dougong: written in the transaction that it tells of, read when they like.

A notification that is undone with its transaction was never there; one with the same key is told once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select, true, update

from engine.outbox import enqueue
from engine.problems import NotFound
from engine.schema.prepared import Prepared, PreparedChange, each_of, placed, places
from engine.schema.system_tables import mail_choice, notification
from engine.schema.upsert import INSERT
from engine.text import LOCALES, Message, Text, say
from engine.transaction import Transaction, require_whole_scope

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


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told to people (user ids), once for each `key`; `about` is the record it leads to."""

    to: tuple[int, ...]
    message: Message | Text
    about: tuple[str, int] | None
    kind: str
    key: str


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
    return tell_all(transaction, [News(tuple(to), message, about, kind, key)])


def tell_all(transaction: Transaction, news: Sequence[News]) -> list[int]:
    """As `notify`, for several at once."""
    people = sorted({person for each in news for person in each.to})
    active: dict[int, bool] = {}
    for first in range(0, len(people), AT_ONCE):
        active |= _active(transaction, people[first : first + AT_ONCE])
    rows = [row for each in news for row in _rows(transaction, each, active)]
    if not rows:
        return []
    told = _insert(transaction).returned(transaction.connection, rows)
    by_mail = [each for each, row in zip(told, rows, strict=True) if each and active[row["user_id"]]]
    enqueue(transaction, "mail", [(f"mail-{each}", {"notification": each}) for each in by_mail])
    return [each for each in told if each is not None]


def _rows(transaction: Transaction, news: News, active: Iterable[int]) -> list[dict[str, Any]]:
    """The rows of the notifications that this makes, of those who are active."""
    entity, record_id = news.about or (None, None)
    shared = {
        "key": news.key,
        "kind": news.kind,
        "at": transaction.now,
        "words": {locale: news.message.to(locale) for locale in LOCALES},
        "entity": entity,
        "record_id": record_id,
    }
    told = set(news.to)
    return [{"user_id": each, **shared} for each in active if each in told]


def _insert(transaction: Transaction) -> PreparedChange:
    """Writes a notification that was not told yet, and gives its id."""

    def make() -> PreparedChange:
        statement = INSERT[transaction.dialect](notification)
        statement = statement.on_conflict_do_nothing(index_elements=["user_id", "key"])
        columns = ("user_id", "key", "kind", "at", "words", "entity", "record_id")
        return PreparedChange(statement.returning(notification.c.id), transaction.connection.dialect, columns)

    return transaction.catalog.once(("notify",), make)


def unread_count(transaction: Transaction) -> int:
    """How many notifications the actor has not read."""

    def make() -> Prepared:
        counted = select(func.count().label("count")).select_from(notification)
        counted = counted.where(notification.c.user_id == bindparam("person"), _unread())
        return Prepared(counted, transaction.connection.dialect)

    statement = transaction.catalog.once(("unread",), make)
    found: int = statement.rows(transaction.connection, {"person": transaction.actor.id})[0][0]
    return found


def page_of(
    transaction: Transaction, limit: int, before: int | None = None, unread_only: bool = False
) -> list[Notification]:
    """The actor's notifications, newest first; `before` is the id after which to go on."""
    require_whole_scope(transaction.actor, "read")
    statement = select(notification).where(_own(transaction))
    if unread_only:
        statement = statement.where(_unread())
    if before is not None:
        statement = statement.where(notification.c.id < before)
    rows = transaction.connection.execute(statement.order_by(notification.c.id.desc()).limit(limit))
    return [_read(row) for row in rows]


def mark_read(transaction: Transaction, identity: int) -> None:
    """Marks one of the actor's notifications as read; NotFound when it is not theirs."""
    require_whole_scope(transaction.actor, "write")
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
    require_whole_scope(transaction.actor, "write")
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
    names = places(len(people))

    def make() -> Prepared:
        users = transaction.catalog.tables.table("system.user")
        by_mail = and_(func.coalesce(users.c.email, "") != "", func.coalesce(mail_choice.c.wanted, true()))
        found = (
            select(users.c.id, by_mail.label("by_mail"))
            .outerjoin(mail_choice, mail_choice.c.user_id == users.c.id)
            .where(each_of(users.c.id, names), users.c.active)
            .order_by(users.c.id)
        )
        return Prepared(found, transaction.connection.dialect)

    statement = transaction.catalog.once(("active", len(names)), make)
    return {person: bool(wanted) for person, wanted in statement.rows(transaction.connection, placed(people))}


def _own(transaction: Transaction) -> ColumnElement[bool]:
    return notification.c.user_id == transaction.actor.id


def _unread() -> ColumnElement[bool]:
    return notification.c.read_at.is_(None)


def _read(row: Any) -> Notification:
    about = (row.entity, row.record_id) if row.entity else None
    return Notification(row.id, row.kind, row.at, Text(row.words), about, row.read_at)
