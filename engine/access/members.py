"""People and programs as administrators see them: their roles, whether they have a password, their tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.access.actors import granted_to
from engine.problems import NotAllowed, NotFound
from engine.schema.system_tables import account, credential, second_factor, session, token
from engine.text import say
from engine.transaction import Actor, Transaction, require_no_scope

USER = "system.user"
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the list of administrators. `state`: active, invited (no password yet) or inactive."""

    id: int
    username: str
    name: str
    email: str | None
    department: str | None
    active: bool
    service: bool
    roles: tuple[str, ...]
    has_password: bool
    second_factor: bool
    seen_at: datetime | None
    tokens: int


def require_administrator(actor: Actor) -> None:
    """NotAllowed for everybody else."""
    if not actor.administrator:
        raise NotAllowed(say("People are kept by administrators only."))
    require_no_scope(actor)


def members(
    transaction: Transaction, search: str = "", which: str = "active", after: int = 0
) -> tuple[list[Member], bool]:
    """People by name, from the place `after` on; and whether more follow. For administrators.

    `which` is active, inactive, programs, administrators or all.
    """
    require_administrator(transaction.actor)
    statement, users, name = _members(transaction)
    wanted = search.strip().lower()
    if wanted:
        columns = (users.c.name, users.c.username, users.c.email, name)
        statement = statement.where(
            or_(*(func.lower(column).contains(wanted, autoescape=True) for column in columns))
        )
    statement = statement.where(_which(users)[which]) if which in _which(users) else statement
    page = statement.order_by(func.lower(users.c.name), users.c.id).offset(after).limit(AT_ONCE + 1)
    found = [_member(row) for row in transaction.connection.execute(page).mappings()]
    return found[:AT_ONCE], len(found) > AT_ONCE


def member(transaction: Transaction, user_id: int) -> Member:
    """One person; NotFound when there is none. For administrators."""
    require_administrator(transaction.actor)
    statement, users, _ = _members(transaction)
    row = transaction.connection.execute(statement.where(users.c.id == user_id)).mappings().first()
    if row is None:
        raise NotFound(say("There is no person {id}.", id=user_id))
    return _member(row)


def counts(transaction: Transaction) -> dict[str, int]:
    """How many people there are of each kind that `members` takes. For administrators."""
    require_administrator(transaction.actor)
    _, users, _ = _members(transaction)
    kinds = {**_which(users), "all": users.c.id.is_not(None)}
    joined = users.outerjoin(account, account.c.user_id == users.c.id)
    columns = [func.count().filter(condition).label(kind) for kind, condition in kinds.items()]
    return dict(transaction.connection.execute(select(*columns).select_from(joined)).mappings().one())


def _members(transaction: Transaction) -> tuple[Select[Any], Any, ColumnElement[Any]]:
    tables = transaction.catalog.tables
    users, departments = tables.table(USER), tables.table("system.department").alias()
    joined = (
        users.outerjoin(departments, departments.c.id == users.c.department)
        .outerjoin(account, account.c.user_id == users.c.id)
        .outerjoin(credential, credential.c.user_id == users.c.id)
        .outerjoin(
            second_factor,
            and_(second_factor.c.user_id == users.c.id, second_factor.c.confirmed_at.is_not(None)),
        )
    )
    seen = select(func.max(session.c.seen_at)).where(session.c.user_id == users.c.id).scalar_subquery()
    tokens = select(func.count()).where(token.c.user_id == users.c.id).scalar_subquery()
    statement = select(
        *(users.c[name] for name in ("id", "username", "name", "email")),
        departments.c.name.label("department"),
        users.c.active,
        func.coalesce(account.c.service, False).label("service"),
        granted_to(users.c.id).label("roles"),
        credential.c.user_id.is_not(None).label("has_password"),
        second_factor.c.user_id.is_not(None).label("second_factor"),
        seen.label("seen_at"),
        tokens.label("tokens"),
    ).select_from(joined)
    return statement, users, departments.c.name


def _which(users: Any) -> Mapping[str, ColumnElement[bool]]:
    service = func.coalesce(account.c.service, False)
    return {
        "active": and_(users.c.active, ~service),
        "inactive": ~users.c.active,
        "programs": service,
    }


def _member(row: Mapping[Any, Any]) -> Member:
    given = row["roles"]
    return Member(**{**row, "roles": tuple(sorted(given.split(","))) if given else ()})
