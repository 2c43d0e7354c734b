"""People as administrators keep them: added, invited, changed, given roles, deactivated; programs among them.

The records themselves pass `records.write` like all others; what belongs to signing in is added here, in the
same transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import func, or_, select

from engine.access.accounts import (
    grant_roles,
    is_password_of,
    make_service,
    roles_of,
    set_password,
    withdraw_roles,
)
from engine.access.audit import record
from engine.access.limits import ask_for_link, whose_sign_in
from engine.access.links import Link, issue_link, read_link
from engine.access.members import USER, member, require_administrator
from engine.access.rules import Rules
from engine.access.sessions import drop_sessions, end_others
from engine.access.site_key import SiteKey
from engine.outbox import enqueue
from engine.problems import InputRefused, NotPossible, Problem
from engine.records import write
from engine.text import say
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workspace import Workspace

MAIL = "account_mail"
"""The kind of the job that sends a link to set a password."""


def add_person(
    workspace: Workspace,
    actor: Actor,
    values: Mapping[str, Any],
    roles: Collection[str] = (),
    *,
    service: bool = False,
) -> int:
    """A new person, or with `service` a program, with roles; raises InputRefused with every problem."""
    require_administrator(actor)
    with workspace.writing(actor) as transaction:
        identity = write.create(transaction, USER, values)
        if service:
            make_service(transaction, identity)
        grant_roles(transaction, identity, roles)
        return identity


def change_person(
    workspace: Workspace, actor: Actor, user_id: int, values: Mapping[str, Any], roles: Collection[str] | None
) -> None:
    """Changes fields, and with `roles` has the person get exactly these; InputRefused, NotPossible."""
    require_administrator(actor)
    with workspace.writing(actor) as transaction:
        write.update(transaction, USER, user_id, values)
        if roles is not None:
            give_exactly(transaction, user_id, roles)


def roles_granted(transaction: Transaction, user_id: int) -> frozenset[str]:
    """The roles that a person was granted themselves; NotFound for nobody. For administrators."""
    member(transaction, user_id)
    return roles_of(transaction, user_id)


def give_exactly(transaction: Transaction, user_id: int, roles: Collection[str]) -> None:
    """Has a person get these roles and no others; InputRefused, NotFound, NotPossible. For administrators."""
    present = roles_granted(transaction, user_id)
    grant_roles(transaction, user_id, sorted(set(roles) - present))
    withdraw_roles(transaction, user_id, present - set(roles))


def send_link(workspace: Workspace, actor: Actor, key: SiteKey, kind: str, user_id: int) -> str:
    """Issues a link to set a password (invite, reset) and gives it; mails it where there is an address."""
    require_administrator(actor)
    with workspace.writing(actor) as transaction:
        person = member(transaction, user_id)
        if not person.active:
            raise NotPossible(say("{name} is not active and cannot sign in.", name=person.name))
        if person.service:
            raise NotPossible(say("{name} is a program: it has tokens and no password.", name=person.name))
        event = "invited" if kind == "invite" else "password_reset_asked"
        record(transaction, event, about=USER, identity=user_id, subject=person.username)
        link = issue_link(transaction, key, kind, user_id)
        if person.email:
            _mail(transaction, kind, user_id)
        return link


def forgot_password(workspace: Workspace, name: str, address: str | None) -> None:
    """Has a link mailed to whoever has this user name or mail address.

    Does the same work whether there is such a person or not, and answers nothing: nobody finds out.
    """
    said = name.strip()[:100]
    by = Actor(None, said, said, frozenset(), administrator=False, address=address)
    with workspace.writing(by) as transaction:
        if not ask_for_link(transaction, whose_sign_in(name, address)):
            return
        users = transaction.catalog.tables.table(USER)
        found = transaction.connection.execute(
            select(users.c.id).where(
                users.c.active,
                or_(func.lower(users.c.username) == said.lower(), func.lower(users.c.email) == said.lower()),
            )
        ).all()
        # Of an address that several share nobody can tell whose password is meant.
        asked = found[0].id if len(found) == 1 else None
        record(transaction, "password_reset_asked", about=USER, identity=asked, subject=said)
        _mail(transaction, "reset", asked)


def set_password_by_link(
    workspace: Workspace, key: SiteKey, text: str, password: str, hasher: PasswordHasher, rules: Rules
) -> Link:
    """Sets the password of whom a link is for, and signs them out everywhere; the link opens once.

    Raises NotPossible for a link that is no longer valid, InputRefused for a password that is too weak.
    """
    with workspace.writing(SYSTEM) as transaction:
        link = read_link(transaction, key, text)
        set_password(transaction, link.user_id, password, hasher, rules.shortest_password)
        drop_sessions(transaction, link.user_id)
        by = Actor(link.user_id, link.username, link.name, frozenset(), administrator=False)
        record(transaction, "password_reset", about=USER, identity=link.user_id, by=by)
        return link


def change_own_password(
    workspace: Workspace,
    actor: Actor,
    old: str,
    new: str,
    hasher: PasswordHasher,
    rules: Rules,
    session_id: int | None,
) -> None:
    """Replaces the actor's own password; all their other sessions end, this one gets a new secret."""
    assert actor.id is not None
    with workspace.writing(actor) as transaction:
        if not is_password_of(transaction, actor.id, old, hasher):
            raise InputRefused([Problem("old", say("This is not your present password."))])
        set_password(transaction, actor.id, new, hasher, rules.shortest_password)
        end_others(transaction, actor.id, session_id)
        record(transaction, "password_changed", about=USER, identity=actor.id)


def _mail(transaction: Transaction, kind: str, user_id: int | None) -> None:
    once = f"{MAIL}:{kind}:{user_id}:{transaction.now.isoformat()}"
    enqueue(transaction, MAIL, [(once, {"kind": kind, "user": user_id})])
