"""People who sign in: passwords (argon2), roles, API tokens; and the Actor that each of them is."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from engine.catalog import Catalog
from engine.problems import InputRefused, NotFound, Problem, unknown
from engine.schema.system_tables import credential, grant, token
from engine.text import say
from engine.transaction import Actor, Transaction

ADMINISTRATOR = "system.administrator"
"""The role that may do everything; it is granted, not defined by an app."""

SHORTEST_PASSWORD = 8
TOKEN_MARK = "dg_"


def find_actor(catalog: Catalog, connection: Connection, user_id: int) -> Actor | None:
    """The active person with this id, with all roles; None when there is none."""
    users = catalog.tables.table("system.user")
    row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return _actor(catalog, connection, row)


def actor_of_password(
    catalog: Catalog, connection: Connection, hasher: PasswordHasher, username: str, password: str
) -> Actor | None:
    """The active person with this name and password; takes equally long when there is no such person."""
    users = catalog.tables.table("system.user")
    found = connection.execute(
        select(users, credential.c.password_hash)
        .join(credential, credential.c.user_id == users.c.id, isouter=True)
        .where(func.lower(users.c.username) == username.strip().lower())
    ).first()
    kept = found.password_hash if found is not None and found.password_hash else _decoy(hasher)
    try:
        hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return None
    return _actor(catalog, connection, found)


def actor_of_token(catalog: Catalog, connection: Connection, sent: str) -> Actor | None:
    """The active person to whom an API token belongs."""
    users = catalog.tables.table("system.user")
    statement = catalog.once(
        "actor of token", lambda: select(users).join(token, token.c.user_id == users.c.id)
    )
    row = connection.execute(statement.where(token.c.token_hash == _digest(sent))).first()
    return _actor(catalog, connection, row)


def new_token(transaction: Transaction, user_id: int, name: str) -> str:
    """Makes an API token; it is shown this once, only its hash is kept."""
    made = TOKEN_MARK + secrets.token_urlsafe(32)
    transaction.connection.execute(
        insert(token).values(user_id=user_id, name=name, token_hash=_digest(made), created_at=transaction.now)
    )
    return made


def set_password(transaction: Transaction, user_id: int, password: str, hasher: PasswordHasher) -> None:
    """Replaces a person's password; InputRefused when it is too short."""
    if len(password) < SHORTEST_PASSWORD:
        sentence = say("A password has at least {length} characters.", length=SHORTEST_PASSWORD)
        raise InputRefused([Problem("password", sentence)])
    connection = transaction.connection
    connection.execute(delete(credential).where(credential.c.user_id == user_id))
    connection.execute(
        insert(credential).values(
            user_id=user_id, password_hash=hasher.hash(password), changed_at=transaction.now
        )
    )


def grant_roles(transaction: Transaction, user_id: int, roles: Iterable[str]) -> None:
    """Adds roles (names in full) to a person; InputRefused for one that no app has."""
    known = {*transaction.catalog.effective_roles, ADMINISTRATOR}
    connection = transaction.connection
    present = set(connection.execute(select(grant.c.role).where(grant.c.user_id == user_id)).scalars())
    for role in roles:
        if role not in known:
            sentence = say("There is no role '{role}'.", role=role)
            raise InputRefused([Problem("role", unknown(sentence, role, known))])
        if role not in present:
            connection.execute(insert(grant).values(user_id=user_id, role=role))


def user_id_of(transaction: Transaction, username: str) -> int:
    """The id of the person with this user name; NotFound names it."""
    users = transaction.catalog.tables.table("system.user")
    found = transaction.connection.execute(select(users.c.id).where(users.c.username == username)).scalar()
    if found is None:
        raise NotFound(say("There is no user '{username}'.", username=username))
    return int(found)


def remember_token_use(connection: Connection, sent: str, now: datetime) -> None:
    """Notes when a token was last used."""
    connection.execute(update(token).where(token.c.token_hash == _digest(sent)).values(last_used_at=now))


def _actor(catalog: Catalog, connection: Connection, row: Row[tuple[object, ...]] | None) -> Actor | None:
    if row is None or not row.active:
        return None
    statement = catalog.once("grants", lambda: select(grant.c.role))
    granted = set(connection.execute(statement.where(grant.c.user_id == row.id)).scalars())
    effective = frozenset(
        role for name in granted for role in catalog.effective_roles.get(name, frozenset({name}))
    )
    return Actor(
        id=int(row.id),
        username=str(row.username),
        name=str(row.name),
        roles=effective,
        administrator=ADMINISTRATOR in granted,
        locale=str(row.locale or "en"),
        time_zone=str(row.time_zone or "Asia/Shanghai"),
    )


def _digest(sent: str) -> str:
    return sha256(sent.encode()).hexdigest()


def _decoy(hasher: PasswordHasher) -> str:
    """A hash that nothing verifies against, so that an unknown name costs as much as a wrong password."""
    return hasher.hash(secrets.token_hex(16))
