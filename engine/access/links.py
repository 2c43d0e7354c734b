"""Links by which a person sets a password: for an invitation, or because the old one is forgotten.

A link is signed with the key of the site and holds no secret of the database. It opens once: setting a
password, another link and deactivation count up a number that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadSignature
from sqlalchemy import select

from engine.access.accounts import void_links
from engine.access.site_key import SiteKey
from engine.problems import NotPossible
from engine.schema.system_tables import account
from engine.text import say
from engine.transaction import Transaction

PURPOSE = "link to set a password"
LASTS: Mapping[str, timedelta] = {"invite": timedelta(days=7), "reset": timedelta(hours=2)}
"""Kind → for how long it opens."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a valid link says: for whom it is."""

    kind: str
    user_id: int
    username: str
    name: str


def make_link(transaction: Transaction, key: SiteKey, kind: str, user_id: int) -> str:
    """The signed part of a link's address; opens nothing once a later one was issued."""
    assert kind in LASTS, kind
    return str(key.signer(PURPOSE).dumps([kind, user_id, _number(transaction, user_id)]))


def issue_link(transaction: Transaction, key: SiteKey, kind: str, user_id: int) -> str:
    """A new link, after which all earlier ones of this person open nothing."""
    void_links(transaction, user_id)
    return make_link(transaction, key, kind, user_id)


def read_link(transaction: Transaction, key: SiteKey, text: str) -> Link:
    """For whom a link is. NotPossible when it was not signed here, is too old, or was used."""
    try:
        (kind, user_id, number), signed_at = key.signer(PURPOSE).loads(text, return_timestamp=True)
    except BadSignature as error:
        raise _no_longer() from error
    users = transaction.catalog.tables.table("system.user")
    columns = (users.c.username, users.c.name)
    person = transaction.connection.execute(
        select(*columns).where(users.c.id == user_id, users.c.active)
    ).first()
    if person is None or transaction.now - signed_at > LASTS[kind] or number != _number(transaction, user_id):
        raise _no_longer()
    return Link(kind, user_id, person.username, person.name)


def _number(transaction: Transaction, user_id: int) -> int:
    found = select(account.c.links).where(account.c.user_id == user_id)
    return transaction.connection.execute(found).scalar() or 0


def _no_longer() -> NotPossible:
    return NotPossible(say("This link is no longer valid. Ask for a new one."))
