"""How people get in: their passwords (argon2), their roles, and whether they are a program."""

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select

from engine.access.actors import ADMINISTRATOR, find_actor
from engine.access.audit import record
from engine.access.passwords import LONGEST, normal, weaknesses
from engine.access.rules import DEFAULT
from engine.access.sessions import renew_all
from engine.catalog import Catalog
from engine.problems import InputRefused, NotFound, NotPossible, Problem, unknown
from engine.schema.system_tables import account, credential, grant
from engine.schema.upsert import INSERT
from engine.text import say
from engine.transaction import Actor, Transaction


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
        hasher.hash(normal(password[:LONGEST]))
        return None
    return find_actor(catalog, connection, kept.id) if _fits(hasher, kept.password_hash, password) else None


def is_password_of(transaction: Transaction, user_id: int, password: str, hasher: PasswordHasher) -> bool:
    """Whether a person who is signed in knows their password."""
    kept = transaction.connection.execute(
        select(credential.c.password_hash).where(credential.c.user_id == user_id)
    ).scalar()
    return kept is not None and _fits(hasher, kept, password)


def set_password(
    transaction: Transaction,
    user_id: int,
    password: str,
    hasher: PasswordHasher,
    shortest: int = DEFAULT.shortest_password,
) -> None:
    """Replaces a person's password; links that were sent before open nothing any more.

    Raises InputRefused with everything that speaks against it, NotPossible for a service user.
    """
    connection = transaction.connection
    users = transaction.catalog.tables.table("system.user")
    columns = (users.c.username, users.c.name, users.c.email)
    person = connection.execute(select(*columns).where(users.c.id == user_id)).one()
    if is_service(transaction, user_id):
        raise NotPossible(say("{name} is a program: it has tokens and no password.", name=person.name))
    mailbox = (person.email or "").partition("@")[0]
    problems = weaknesses(password, (person.username, person.name, mailbox), shortest)
    if problems:
        raise InputRefused(problems)
    connection.execute(delete(credential).where(credential.c.user_id == user_id))
    kept = hasher.hash(normal(password))
    connection.execute(
        insert(credential).values(user_id=user_id, password_hash=kept, changed_at=transaction.now)
    )
    void_links(transaction, user_id)


def void_links(transaction: Transaction, user_id: int) -> None:
    """Makes every link that a person was sent worthless."""
    statement = INSERT[transaction.dialect](account).values(user_id=user_id, service=False, links=1)
    transaction.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[account.c.user_id], set_={"links": account.c.links + 1}
        )
    )


def make_service(transaction: Transaction, user_id: int) -> None:
    """Makes a person a service user: a program, which has tokens and never a password."""
    transaction.connection.execute(delete(credential).where(credential.c.user_id == user_id))
    statement = INSERT[transaction.dialect](account).values(user_id=user_id, service=True, links=1)
    transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=[account.c.user_id], set_={"service": True})
    )


def is_service(transaction: Transaction, user_id: int) -> bool:
    """Whether this is a service user."""
    found = select(account.c.service).where(account.c.user_id == user_id)
    return bool(transaction.connection.execute(found).scalar())


def roles_of(transaction: Transaction, user_id: int) -> frozenset[str]:
    """The roles that a person was granted themselves, names in full."""
    found = select(grant.c.role).where(grant.c.user_id == user_id)
    return frozenset(transaction.connection.execute(found).scalars())


def grant_roles(transaction: Transaction, user_id: int, roles: Iterable[str]) -> None:
    """Adds roles (names in full) to a person; InputRefused for one that no app has."""
    known = {*transaction.catalog.effective_roles, ADMINISTRATOR}
    present = roles_of(transaction, user_id)
    added = [role for role in dict.fromkeys(roles) if role not in present]
    for role in added:
        if role not in known:
            sentence = say("There is no role '{role}'.", role=role)
            raise InputRefused([Problem("role", unknown(sentence, role, known))])
        transaction.connection.execute(insert(grant).values(user_id=user_id, role=role))
        record(transaction, "role_granted", about="system.user", identity=user_id, subject=role)
    if added:
        renew_all(transaction, user_id)


def withdraw_roles(transaction: Transaction, user_id: int, roles: Iterable[str]) -> None:
    """Takes roles from a person. NotPossible where nobody would be an administrator any more."""
    taken = sorted(set(roles) & roles_of(transaction, user_id))
    for role in taken:
        mine = (grant.c.user_id == user_id) & (grant.c.role == role)
        transaction.connection.execute(delete(grant).where(mine))
        record(transaction, "role_withdrawn", about="system.user", identity=user_id, subject=role)
    if ADMINISTRATOR in taken:
        refuse_without_administrator(transaction)
    if taken:
        renew_all(transaction, user_id)


def refuse_without_administrator(transaction: Transaction) -> None:
    """NotPossible when no active administrator is left: nobody could ever make one again."""
    users = transaction.catalog.tables.table("system.user")
    left = transaction.connection.execute(
        select(users.c.id)
        .join(grant, grant.c.user_id == users.c.id)
        .where(users.c.active, grant.c.role == ADMINISTRATOR)
        .limit(1)
    ).first()
    if left is None:
        raise NotPossible(say("Then nobody would be an administrator. Make somebody else one first."))


def user_id_of(transaction: Transaction, username: str) -> int:
    """The id of the person with this user name; NotFound names it."""
    users = transaction.catalog.tables.table("system.user")
    found = transaction.connection.execute(select(users.c.id).where(users.c.username == username)).scalar()
    if found is None:
        raise NotFound(say("There is no user '{username}'.", username=username))
    return int(found)


def _fits(hasher: PasswordHasher, kept: str, password: str) -> bool:
    try:
        return hasher.verify(kept, normal(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
