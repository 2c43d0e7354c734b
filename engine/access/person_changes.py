"""What follows when the record of a person or a department changes, by whichever door it was changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from engine.access.accounts import refuse_without_administrator, void_links
from engine.access.actors import ADMINISTRATOR
from engine.access.audit import record
from engine.access.sessions import drop_sessions
from engine.schema.system_tables import (
    credential,
    grant,
    identity,
    recovery_code,
    second_factor,
    session,
    token,
)
from engine.transaction import Transaction

SYSTEM = "system"
USER, DEPARTMENT = "system.user", "system.department"
OF_AN_ACCOUNT = (credential, grant, identity, recovery_code, second_factor, session, token)
"""Tables whose rows mean nothing without their person."""


def person_changed(
    transaction: Transaction, key: str, person: int, kind: str, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    """Tells the audit, by names of fields without values; signs out and locks out who is deactivated."""
    table = transaction.catalog.tables.table(key)
    name = table.c.username if key == USER else table.c.name
    found = transaction.connection.execute(select(name).where(table.c.id == person)).scalar()
    gone = (changes.get("username") or changes.get("name") or (None, None))[0]
    active = changes.get("active")
    event = EVENTS.get((key, kind), "department_changed" if key == DEPARTMENT else "person_changed")
    if kind == "updated" and active is not None:
        event = "person_activated" if active[1] else "person_deactivated"
    detail = {"fields": sorted(changes)} if kind == "updated" else {"kind": kind}
    record(transaction, event, about=key, identity=person, subject=str(found or gone or ""), detail=detail)
    if key == USER and (kind == "deleted" or (active is not None and not active[1])):
        drop_sessions(transaction, person)
        void_links(transaction, person)
        _refuse_last(transaction, person)
    if key == USER and kind == "deleted":
        for each in OF_AN_ACCOUNT:
            transaction.connection.execute(delete(each).where(each.c.user_id == person))


EVENTS = {(USER, "created"): "person_added"}


def _refuse_last(transaction: Transaction, person: int) -> None:
    """NotPossible when the last active administrator leaves, as far as there was one."""
    granted = select(grant.c.role).where(grant.c.user_id == person, grant.c.role == ADMINISTRATOR)
    if transaction.connection.execute(granted).first() is not None:
        refuse_without_administrator(transaction)
