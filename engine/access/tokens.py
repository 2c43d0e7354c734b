"""API tokens: with which programs act as a person, within scopes and until a day. Kept as hashes alone."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from engine.access.actors import ACTOR_COLUMNS, actor_of, find_actor, granted_to
from engine.access.audit import record
from engine.access.scopes import read_scopes
from engine.catalog import Catalog
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.schema.prepared import Prepared
from engine.schema.system_tables import token
from engine.text import say
from engine.transaction import Actor, Transaction, require_no_scope

MARK = "dg_"
"""How API tokens begin, so that people and scanners of code know one when they see it."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token is: the actor with its scopes, and whether its use is to be noted."""

    actor: Actor
    token_id: int
    used_at: datetime | None

    def is_worth_noting(self, now: datetime) -> bool:
        return self.used_at is None or now - self.used_at >= NOTED_EVERY


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its person, or an administrator, sees it."""

    id: int
    user_id: int
    username: str
    name: str
    scopes: tuple[str, ...] | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def new_token(
    transaction: Transaction,
    user_id: int,
    name: str,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """Makes an API token; it is shown this once, only its hash is kept.

    For the person and for administrators. Raises InputRefused for scopes that do not exist, and for an end
    that is past.
    """
    require_no_scope(transaction.actor)
    _only_own(transaction, user_id)
    if expires_at is not None and expires_at <= transaction.now:
        raise InputRefused([Problem("expires", say("A token cannot end in the past."))])
    if find_actor(transaction.catalog, transaction.connection, user_id) is None:
        raise NotFound(say("There is nobody active with the number {id}.", id=user_id))
    kept = read_scopes(transaction.catalog, scopes)
    made = MARK + secrets.token_urlsafe(32)
    inserted = transaction.connection.execute(
        insert(token).values(
            user_id=user_id,
            name=name,
            token_hash=_digest(made),
            created_at=transaction.now,
            scopes=list(kept) if kept else None,
            expires_at=expires_at,
        )
    )
    (identity,) = inserted.inserted_primary_key or (None,)
    detail = {"user": user_id, "scopes": list(kept or ()), "expires": expires_at and expires_at.isoformat()}
    record(transaction, "token_created", about="token", identity=identity, subject=name, detail=detail)
    return made


def bearer_of(catalog: Catalog, connection: Connection, sent: str, now: datetime) -> Bearer | None:
    """The active person whom a token makes the caller, unless it has ended; in one statement."""

    def make() -> Prepared:
        users = catalog.tables.table("system.user")
        columns = (users.c[name] for name in ACTOR_COLUMNS)
        statement = (
            select(token.c.id, token.c.last_used_at, token.c.scopes)
            .add_columns(*columns, granted_to(users.c.id))
            .join_from(token, users, users.c.id == token.c.user_id)
            .where(
                users.c.active,
                token.c.token_hash == bindparam("sought"),
                or_(token.c.expires_at.is_(None), token.c.expires_at > bindparam("now")),
            )
        )
        return Prepared(statement, connection.dialect)

    prepared = catalog.once(("bearer",), make)
    rows = prepared.rows(connection, {"sought": _digest(sent), "now": now})
    if not rows:
        return None
    identity, used_at, scopes, *person = rows[0]
    actor = actor_of(catalog, person)
    return Bearer(replace(actor, scopes=frozenset(scopes) if scopes else None), identity, used_at)


def note_used(transaction: Transaction, bearer: Bearer) -> None:
    """Keeps when a token was used."""
    transaction.connection.execute(
        update(token).where(token.c.id == bearer.token_id).values(last_used_at=transaction.now)
    )


def tokens_of(transaction: Transaction, user_id: int | None) -> list[Token]:
    """The tokens of a person, or with None of everybody, the newest first; ended ones among them."""
    require_no_scope(transaction.actor)
    _only_own(transaction, user_id)
    users = transaction.catalog.tables.table("system.user")
    kept = [token.c[name] for name in Token.__dataclass_fields__ if name != "username"]
    statement = select(*kept, users.c.username).join_from(token, users, users.c.id == token.c.user_id)
    if user_id is not None:
        statement = statement.where(token.c.user_id == user_id)
    rows = transaction.connection.execute(statement.order_by(token.c.id.desc())).mappings()
    return [Token(**{**row, "scopes": tuple(row["scopes"]) if row["scopes"] else None}) for row in rows]


def token_made(transaction: Transaction, made: str) -> Token:
    """The token that `new_token` just gave."""
    found = select(token.c.id, token.c.user_id).where(token.c.token_hash == _digest(made))
    identity, user_id = transaction.connection.execute(found).one()
    return next(each for each in tokens_of(transaction, user_id) if each.id == identity)


def revoke_token(transaction: Transaction, identity: int) -> None:
    """Removes a token for good; NotFound for one that is not there or somebody else's."""
    require_no_scope(transaction.actor)
    found = transaction.connection.execute(
        select(token.c.user_id, token.c.name).where(token.c.id == identity)
    ).first()
    actor = transaction.actor
    if found is None or not (actor.administrator or actor.id == found.user_id):
        raise NotFound(say("There is no token {id}.", id=identity))
    transaction.connection.execute(delete(token).where(token.c.id == identity))
    detail = {"user": found.user_id}
    record(transaction, "token_revoked", about="token", identity=identity, subject=found.name, detail=detail)


def tokens_in_all(transaction: Transaction, user_id: int) -> int:
    """How many tokens a person has."""
    found = select(func.count()).where(token.c.user_id == user_id)
    return int(transaction.connection.execute(found).scalar_one())


def _only_own(transaction: Transaction, user_id: int | None) -> None:
    actor = transaction.actor
    if not actor.administrator and (user_id is None or actor.id != user_id):
        raise NotAllowed(say("Only administrators see and make tokens of others."))


def _digest(sent: str) -> str:
    return sha256(sent.encode()).hexdigest()
