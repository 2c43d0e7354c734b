"""Sessions: that somebody is signed in on a device. Kept in the database, so that each can be seen and ended.

The cookie holds a random secret, the database only its hash: who reads the table cannot sign in by it
(OWASP Session Management). A session ends when it is ended, when nothing was asked for a while, at its last
moment in any case, and at once when its person is deactivated.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, delete, func, insert, or_, select, update

from engine.access.actors import ACTOR_COLUMNS, actor_of, find_actor, granted_to
from engine.access.audit import record
from engine.access.rules import Rules
from engine.catalog import Catalog
from engine.problems import NotAllowed, NotFound
from engine.schema.prepared import Prepared
from engine.schema.system_tables import release, second_factor, session
from engine.text import say
from engine.transaction import Actor, Transaction, require_no_scope
from engine.workspace import Workspace

NOTED_EVERY = timedelta(minutes=1)
"""How exactly `seen_at` is kept: noting each request would make every reader a writer."""
OLD_SECRET = timedelta(seconds=30)
"""How long the secret before the last still opens the session: requests that were under way carry it."""


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody signs in: the address, and the browser and system by name (`browsers.py`)."""

    address: str | None = None
    browser: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open session, as a request finds it. `actor` is as whom things are done.

    `second_factor` says whether its person has set one up.
    """

    id: int
    actor: Actor
    seen_at: datetime
    renew: bool
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its person, or an administrator, sees it."""

    id: int
    user_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str | None
    browser: str
    system: str


def begin_session(transaction: Transaction, user_id: int, device: Device, rules: Rules) -> str:
    """Signs somebody in; gives the secret for the cookie. What has expired is removed on the way."""
    connection, now = transaction.connection, transaction.now
    over = select(session.c.id).where(or_(session.c.expires_at < now, session.c.seen_at < now - rules.idle))
    connection.execute(delete(session).where(session.c.id.in_(over.with_for_update(skip_locked=True))))
    made = secrets.token_urlsafe(32)
    connection.execute(
        insert(session).values(
            secret_hash=_digest(made),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            renewed_at=now,
            expires_at=now + rules.longest,
            renew=False,
            address=device.address,
            browser=device.browser,
            system=device.system,
        )
    )
    return made


def find_session(workspace: Workspace, secret: str, now: datetime, rules: Rules) -> Opened | None:
    """The open session of a cookie, with its person and the current release, in one statement."""
    parameters = {
        "sought": _digest(secret),
        "now": now,
        "seen_after": now - rules.idle,
        "renewed_after": now - OLD_SECRET,
    }
    catalog, rows = workspace.look(_look, parameters)
    if not rows:
        return None
    _, identity, seen_at, renew, seeing, confirmed_at, *person = rows[0]
    actor = actor_of(catalog, person)
    if seeing is not None:
        with workspace.reading() as transaction:
            seen = find_actor(transaction.catalog, transaction.connection, seeing)
        # Rights may have been withdrawn since, or the other person may have left.
        actor = seen.seen_by(actor) if seen and actor.administrator else actor
    return Opened(identity, actor, seen_at, renew, confirmed_at is not None)


def _look(catalog: Catalog, connection: Connection) -> Prepared:
    def make() -> Prepared:
        users = catalog.tables.table("system.user")
        number = select(func.coalesce(func.max(release.c.number), 0)).scalar_subquery()
        sought: BindParameter[str] = bindparam("sought")
        statement = (
            select(number, session.c.id, session.c.seen_at, session.c.renew, session.c.seeing)
            .add_columns(second_factor.c.confirmed_at)
            .add_columns(*(users.c[name] for name in ACTOR_COLUMNS), granted_to(users.c.id))
            .join_from(session, users, users.c.id == session.c.user_id)
            .outerjoin(second_factor, second_factor.c.user_id == users.c.id)
            .where(
                users.c.active,
                session.c.expires_at > bindparam("now"),
                session.c.seen_at > bindparam("seen_after"),
                or_(
                    session.c.secret_hash == sought,
                    and_(
                        session.c.secret_before == sought,
                        session.c.renewed_at > bindparam("renewed_after"),
                    ),
                ),
            )
        )
        return Prepared(statement, connection.dialect)

    return catalog.once(("session",), make)


def note_seen(transaction: Transaction, opened: Opened, address: str | None) -> None:
    """Keeps that the session is in use, and from where; others may have noted it meanwhile."""
    transaction.connection.execute(
        update(session)
        .where(session.c.id == opened.id, session.c.seen_at < transaction.now)
        .values(seen_at=transaction.now, address=address)
    )


def is_worth_noting(opened: Opened, now: datetime) -> bool:
    """Whether `note_seen` is due."""
    return now - opened.seen_at >= NOTED_EVERY


def renew_session(transaction: Transaction, identity: int) -> str | None:
    """A new secret for a session; None when another request has just renewed it."""
    made = secrets.token_urlsafe(32)
    done = transaction.connection.execute(
        update(session)
        .where(session.c.id == identity, session.c.renew)
        .values(
            secret_before=session.c.secret_hash,
            secret_hash=_digest(made),
            renewed_at=transaction.now,
            renew=False,
        )
    )
    return made if done.rowcount else None


def renew_all(transaction: Transaction, user_id: int) -> None:
    """Has each session of a person get a new secret at its next request: what they may do has changed."""
    transaction.connection.execute(update(session).where(session.c.user_id == user_id).values(renew=True))


def sessions_of(transaction: Transaction, user_id: int, rules: Rules) -> list[Session]:
    """The open sessions of a person, the one seen last first. For the person and for administrators."""
    require_no_scope(transaction.actor)
    _only_own(transaction, user_id)
    now = transaction.now
    columns = [session.c[name] for name in Session.__dataclass_fields__]
    rows = transaction.connection.execute(
        select(*columns)
        .where(session.c.user_id == user_id, session.c.expires_at > now, session.c.seen_at > now - rules.idle)
        .order_by(session.c.seen_at.desc(), session.c.id.desc())
    )
    return [Session(**row) for row in rows.mappings()]


def end_session(transaction: Transaction, identity: int) -> None:
    """Ends a session by its id; NotFound when it is nobody's, or not the actor's own and they may not."""
    require_no_scope(transaction.actor)
    whose = transaction.connection.execute(select(session.c.user_id).where(session.c.id == identity)).scalar()
    if whose is None or not _may(transaction, whose):
        raise NotFound(say("This session has ended already."))
    _end(transaction, whose, [session.c.id == identity])


def end_others(transaction: Transaction, user_id: int, kept: int | None) -> int:
    """Ends all sessions of a person but the one with the id `kept`; gives how many there were."""
    _only_own(transaction, user_id)
    return _end(transaction, user_id, [session.c.id != kept] if kept is not None else [])


def sign_out(transaction: Transaction, identity: int) -> None:
    """Ends the actor's own session because they said so."""
    transaction.connection.execute(delete(session).where(session.c.id == identity))
    record(transaction, "sign_out", about="system.user", identity=transaction.actor.id)


def begin_view(transaction: Transaction, identity: int, user_id: int) -> None:
    """Has an administrator's own session see the product as an active person sees it.

    Raises NotAllowed, also for who has the second view within the first, and NotFound.
    """
    actor, connection = transaction.actor, transaction.connection
    if not actor.administrator or actor.scopes is not None:
        raise NotAllowed(say("Only administrators see the product as somebody else."))
    seen = find_actor(transaction.catalog, connection, user_id)
    if seen is None or seen.id == actor.id:
        raise NotFound(say("There is nobody else active with the number {id}.", id=user_id))
    connection.execute(
        update(session)
        .where(session.c.id == identity, session.c.user_id == actor.id)
        .values(seeing=user_id, renew=True)
    )
    record(transaction, "view_as_begun", about="system.user", identity=user_id, subject=seen.username)


def end_view(transaction: Transaction, identity: int, seen: Actor) -> None:
    """Has the session be its own person's again."""
    mine = (session.c.id == identity) & (session.c.user_id == transaction.actor.id)
    transaction.connection.execute(update(session).where(mine).values(seeing=None, renew=True))
    record(transaction, "view_as_ended", about="system.user", identity=seen.id, subject=seen.username)


def drop_sessions(transaction: Transaction, user_id: int) -> None:
    """Ends all sessions of a person for a reason that the audit tells elsewhere."""
    transaction.connection.execute(delete(session).where(session.c.user_id == user_id))


def _end(transaction: Transaction, user_id: int, conditions: Iterable[Any]) -> int:
    ended = transaction.connection.execute(
        delete(session).where(session.c.user_id == user_id, *conditions).returning(session.c.id)
    ).all()
    if ended:
        detail = {"sessions": len(ended)}
        record(transaction, "session_ended", about="system.user", identity=user_id, detail=detail)
    return len(ended)


def _may(transaction: Transaction, user_id: int) -> bool:
    return transaction.actor.administrator or transaction.actor.id == user_id


def _only_own(transaction: Transaction, user_id: int) -> None:
    if not _may(transaction, user_id):
        raise NotAllowed(say("Only administrators see and end the sessions of others."))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
