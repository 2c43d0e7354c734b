"""The Actor that a person is: who they are and what they may do, read in one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, bindparam, func, select

from engine.catalog import Catalog
from engine.schema.prepared import Prepared
from engine.schema.system_tables import grant
from engine.transaction import Actor

ADMINISTRATOR = "system.administrator"
"""The role that may do everything; it is granted, not defined by an app."""

ACTOR_COLUMNS = ("id", "username", "name", "locale", "time_zone")
"""The columns of a user that `actor_of` takes, before the roles of `granted_to`."""


def granted_to(user_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The names of the roles that a user was granted, in one text."""
    roles = select(func.aggregate_strings(grant.c.role, ",")).where(grant.c.user_id == user_id)
    return roles.scalar_subquery()


def actor_of(catalog: Catalog, row: Sequence[Any]) -> Actor:
    """The person of a row of ACTOR_COLUMNS and `granted_to`."""
    identity, username, name, locale, time_zone, given = row
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


def find_actor(catalog: Catalog, connection: Connection, user_id: int) -> Actor | None:
    """The active person with this id, with all roles; None when there is none."""

    def make() -> Prepared:
        users = catalog.tables.table("system.user")
        columns = (users.c[name] for name in ACTOR_COLUMNS)
        statement = select(*columns, granted_to(users.c.id))
        return Prepared(
            statement.where(users.c.active, users.c.id == bindparam("sought")), connection.dialect
        )

    rows = catalog.once(("actor by id",), make).rows(connection, {"sought": user_id})
    return actor_of(catalog, rows[0]) if rows else None


def _effective(catalog: Catalog, granted: frozenset[str]) -> frozenset[str]:
    """The granted roles with all that they include."""
    return frozenset(
        role for name in granted for role in catalog.effective_roles.get(name, frozenset({name}))
    )
