"""People who sign in: passwords (argon2), roles, API tokens; and the Actor that each of them is."""

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from engine.catalog import Catalog
from engine.problems import InputRefused, NotFound, Problem, unknown
from engine.schema.prepared import Prepared
from engine.schema.system_tables import credential, grant, token
from engine.text import say
from engine.transaction import Actor, Transaction

ADMINISTRATOR = "system.administrator"
"""The role that may do everything; it is granted, not defined by an app."""

SHORTEST_PASSWORD = 8
MARK = "dg_"
"""How API tokens begin, so that people and scanners of code know one when they see it."""


def find_actor(catalog: Catalog, connection: Connection, user_id: int) -> Actor | None:
    """The active person with this id, with all roles; None when there is none."""
    return _found(catalog, connection, "id", {"sought": user_id})


def actor_of_token(catalog: Catalog, connection: Connection, sent: str) -> Actor | None:
    """The active person to whom an API token belongs."""
    return _found(catalog, connection, "token", {"sought": _digest(sent)})


def actor_of_password(
    catalog: Catalog, connection: Connection, hasher: PasswordHasher, username: str, password: str
) -> Actor | None:
    """The active person with this name and password; takes equally long when there is no such person."""
    users = catalog.tables.table("system.user")
    kept = connection.execute(
        select(users.c.id, credential.c.password_hash)
        .join(credential, credential.c.user_id == users.c.id)
        .where(func.lower(users.c.username) == username.strip().lower())
    ).first()
    if kept is None:
        # One hash is what verifying one costs.
        hasher.hash(password)
        return None
    try:
        hasher.verify(kept.password_hash, password)
    except (VerificationError, InvalidHashError):
        return None
    return find_actor(catalog, connection, kept.id)


def new_token(transaction: Transaction, user_id: int, name: str) -> str:
    """Makes an API token; it is shown this once, only its hash is kept."""
    made = MARK + secrets.token_urlsafe(32)
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


def _found(
    catalog: Catalog, connection: Connection, by: str, parameters: Mapping[str, object]
) -> Actor | None:
    """The active person who is sought by id or by the hash of a token, roles and all, in one statement."""

    def make() -> Prepared:
        users = catalog.tables.table("system.user")
        given = select(func.aggregate_strings(grant.c.role, ",")).where(grant.c.user_id == users.c.id)
        columns = (users.c.id, users.c.username, users.c.name, users.c.locale, users.c.time_zone)
        statement = select(*columns, given.scalar_subquery()).where(users.c.active)
        sought = users.c.id
        if by == "token":
            statement = statement.join(token, token.c.user_id == users.c.id)
            sought = token.c.token_hash
        return Prepared(statement.where(sought == bindparam("sought")), connection.dialect)

    rows = catalog.once(("actor by", by), make).rows(connection, parameters)
    if not rows:
        return None
    identity, username, name, locale, time_zone, given = rows[0]
    granted = frozenset(given.split(",")) if given else frozenset()
    return Actor(
        id=identity,
        username=username,
        name=name,
        roles=catalog.once(("effective roles", granted), lambda: _effective(catalog, granted)),
        administrator=ADMINISTRATOR in granted,
        locale=locale or "en",
        time_zone=time_zone or "Asia/Shanghai",
    )


def _effective(catalog: Catalog, granted: frozenset[str]) -> frozenset[str]:
    """The granted roles with all that they include."""
    return frozenset(
        role for name in granted for role in catalog.effective_roles.get(name, frozenset({name}))
    )


def _digest(sent: str) -> str:
    return sha256(sent.encode()).hexdigest()
