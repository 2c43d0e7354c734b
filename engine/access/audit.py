"""The audit: who did what that concerns rights and safety. Entries are added and never changed.

`record` is called in the transaction of what it tells about, so that neither is there without the other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, or_, select

from engine.problems import NotAllowed
from engine.schema.system_tables import audit
from engine.text import Message, say
from engine.transaction import Actor, Transaction, require_no_scope

EVENTS: Mapping[str, Message] = {
    "sign_in": say("Signed in"),
    "sign_in_failed": say("Sign-in failed"),
    "sign_in_locked": say("Too many sign-ins"),
    "sign_out": say("Signed out"),
    "session_ended": say("Session ended"),
    "password_changed": say("Password changed"),
    "password_reset_asked": say("Password link asked for"),
    "password_reset": say("Password set by link"),
    "invited": say("Invited"),
    "second_factor_on": say("Second factor set up"),
    "second_factor_off": say("Second factor removed"),
    "second_factor_failed": say("Wrong second factor"),
    "recovery_code_used": say("Recovery code used"),
    "recovery_codes_made": say("Recovery codes made"),
    "identity_linked": say("Linked to a sign-in provider"),
    "person_added": say("Person added"),
    "person_changed": say("Person changed"),
    "person_deactivated": say("Person deactivated"),
    "person_activated": say("Person activated"),
    "department_changed": say("Department changed"),
    "role_granted": say("Role granted"),
    "role_withdrawn": say("Role withdrawn"),
    "token_created": say("Token created"),
    "token_revoked": say("Token revoked"),
    "view_as_begun": say("Began to view as"),
    "view_as_ended": say("Stopped viewing as"),
    "published": say("Release published"),
    "purged": say("Data out of use dropped"),
    "form_opened": say("Public form opened"),
    "form_closed": say("Public form closed"),
    "exported": say("Records exported"),
    "imported": say("Records imported"),
    "import_undone": say("Import undone"),
    "audit_exported": say("Audit exported"),
    "personal_shown": say("Personal fields shown"),
    "personal_seen": say("Personal fields seen"),
    "personal_exported": say("Personal data exported"),
    "personal_erased": say("Personal data erased"),
    "key_rotated": say("Key of encrypted fields changed"),
    "backed_up": say("Backup written"),
    "restored": say("Backup restored"),
}
"""Event → its words. Whoever records something new gives it a line here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit, as administrators see it."""

    id: int
    at: datetime
    event: str
    user_id: int | None
    username: str
    as_user_id: int | None
    as_username: str | None
    about: str | None
    about_id: int | None
    subject: str
    detail: Mapping[str, Any]
    address: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries: every part that is given has to fit. `text` is looked for in names and addresses."""

    events: tuple[str, ...] = ()
    user_id: int | None = None
    about: str = ""
    about_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def record(
    transaction: Transaction,
    event: str,
    *,
    about: str | None = None,
    identity: int | None = None,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    by: Actor | None = None,
) -> None:
    """Adds an entry at the moment of the transaction.

    `about` is the name of an entity in full or another kind of thing (`token`), `identity` which one,
    `subject` what people call it, `detail` further facts for JSON: no secrets and no values of encrypted
    or personal fields. `by` is who did it when that is not the actor of the transaction.
    """
    assert event in EVENTS, event
    actor = by or transaction.actor
    who = actor.viewer or actor
    transaction.connection.execute(
        insert(audit).values(
            at=transaction.now,
            event=event,
            user_id=who.id,
            username=who.username,
            as_user_id=actor.id if actor.viewer else None,
            as_username=actor.username if actor.viewer else None,
            about=about,
            about_id=identity,
            subject=subject,
            detail=dict(detail or {}),
            address=actor.address,
        )
    )


def told_since(
    transaction: Transaction,
    event: str,
    about: str,
    identity: int,
    since: datetime,
    detail: Mapping[str, Any],
) -> bool:
    """Whether there is such an entry of the actor already, with the same detail."""
    actor = transaction.actor
    who, as_whom = (actor.viewer.id, actor.id) if actor.viewer else (actor.id, None)
    found = transaction.connection.execute(
        select(audit.c.detail).where(
            audit.c.about == about,
            audit.c.about_id == identity,
            audit.c.event == event,
            audit.c.user_id == who,
            audit.c.as_user_id.is_not_distinct_from(as_whom),
            audit.c.at > since,
        )
    )
    return any(each == detail for each in found.scalars())


def page_of(transaction: Transaction, sought: Sought, limit: int, before: int | None = None) -> list[Entry]:
    """Entries, the newest first; `before` is the id after which to go on. For administrators."""
    statement = _of(transaction, sought)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    rows = transaction.connection.execute(statement.order_by(audit.c.id.desc()).limit(limit))
    return [Entry(**row) for row in rows.mappings()]


def all_of(transaction: Transaction, sought: Sought, at_once: int = 1_000) -> Iterator[Entry]:
    """Every entry, the newest first, read in portions. For administrators."""
    before = None
    while found := page_of(transaction, sought, at_once, before):
        yield from found
        before = found[-1].id


def _of(transaction: Transaction, sought: Sought) -> Select[Any]:
    if not transaction.actor.administrator:
        raise NotAllowed(say("The audit is for administrators only."))
    require_no_scope(transaction.actor)
    wanted = sought.text.strip().lower()
    given: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (sought.events or None, audit.c.event.in_),
        (sought.user_id, lambda identity: (audit.c.user_id == identity) | (audit.c.as_user_id == identity)),
        (sought.about or None, lambda about: audit.c.about == about),
        (sought.about_id, lambda identity: audit.c.about_id == identity),
        (sought.since, lambda since: audit.c.at >= since),
        (sought.until, lambda until: audit.c.at < until),
        (wanted or None, _mentions),
    ]
    return select(audit).where(*(condition(value) for value, condition in given if value is not None))


def _mentions(text: str) -> ColumnElement[bool]:
    columns = (audit.c.username, audit.c.as_username, audit.c.subject, audit.c.address)
    return or_(*(func.lower(column).contains(text, autoescape=True) for column in columns))
