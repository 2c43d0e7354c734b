"""Following a record: whoever does is told when somebody else changes it, as long as they may see it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select

from engine.access.actors import find_actor
from engine.notifications import notify
from engine.problems import NotFound
from engine.records.read import exists, titles
from engine.schema.prepared import Prepared
from engine.schema.system_tables import follow as table
from engine.schema.upsert import INSERT
from engine.text import say
from engine.transaction import Transaction

WORDS = {
    "changed": "{person} changed {title}, which you follow.",
    "commented": "{person} commented on {title}, which you follow.",
}


def follows(transaction: Transaction, key: str, identity: int) -> bool:
    """Whether the actor follows a record."""

    def make() -> Prepared:
        of = (table.c.entity == bindparam("of"), table.c.record_id == bindparam("identity"))
        own = select(table.c.user_id).where(*of, table.c.user_id == bindparam("person"))
        return Prepared(own, transaction.connection.dialect)

    given = {"of": key, "identity": identity, "person": transaction.actor.id}
    return bool(transaction.catalog.once(("follows",), make).rows(transaction.connection, given))


def follow(transaction: Transaction, key: str, identity: int) -> None:
    """From now on the actor is told of changes; NotFound like `get`."""
    entity = transaction.catalog.entity(key)
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    row = {"user_id": transaction.actor.id, "entity": key, "record_id": identity, "at": transaction.now}
    statement = INSERT[transaction.dialect](table).values(row)
    transaction.connection.execute(statement.on_conflict_do_nothing())


def unfollow(transaction: Transaction, key: str, identity: int) -> None:
    """From now on the actor is not told any more."""
    gone = delete(table).where(_of(key, identity), table.c.user_id == transaction.actor.id)
    transaction.connection.execute(gone)


def followed(transaction: Transaction, most: int) -> list[tuple[str, int]]:
    """The records that the actor follows, as entity and id, those followed last first."""
    own = select(table.c.entity, table.c.record_id).where(table.c.user_id == transaction.actor.id)
    rows = transaction.connection.execute(own.order_by(table.c.at.desc()).limit(most))
    return [(row.entity, row.record_id) for row in rows]


def tell_followers(
    transaction: Transaction, key: str, identity: int, what: str, leave_out: Iterable[int] = ()
) -> None:
    """Tells the others who follow a record and may see it; `what` is a key of WORDS."""
    found = transaction.connection.execute(select(table.c.user_id).where(_of(key, identity))).scalars()
    people = sorted(set(found) - {transaction.actor.id, *leave_out})
    told = [each for each in people if may_see(transaction, each, key, identity)]
    if not told:
        return
    title = titles(transaction, key, [identity]).get(identity) or f"#{identity}"
    message = say(WORDS[what], person=transaction.actor.name, title=title)
    once = f"follow:{key}:{identity}:{transaction.actor.id}:{transaction.now.isoformat()}"
    notify(transaction, told, message, (key, identity), "followed", once)


def may_see(transaction: Transaction, person: int, key: str, identity: int) -> bool:
    """Whether somebody may see a record."""
    actor = find_actor(transaction.catalog, transaction.connection, person)
    return actor is not None and exists(replace(transaction, actor=actor), key, identity)


def _of(key: str, identity: int) -> Any:
    return (table.c.entity == key) & (table.c.record_id == identity)
