"""Who somebody is that a sign-in provider vouches for: known by its number, by a verified address, or new."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select

from engine.access.accounts import grant_roles, is_service, roles_of, withdraw_roles
from engine.access.actors import find_actor
from engine.access.audit import record
from engine.access.openid import Provider
from engine.problems import InputRefused, NotAllowed
from engine.records import write
from engine.schema.system_tables import identity
from engine.text import say
from engine.transaction import Actor, Transaction

USER = "system.user"


def person_of_claims(transaction: Transaction, provider: Provider, claims: Mapping[str, Any]) -> Actor:
    """The active person of these claims, with roles as the provider says; NotAllowed when there is none.

    A name or an unverified address is no proof: whoever may choose them at the provider would be anybody.
    """
    subject = str(claims["sub"])
    user_id = _linked(transaction, provider, subject)
    if user_id is None:
        user_id = _by_address(transaction, claims)
        if user_id is None:
            user_id = _new(transaction, provider, claims)
        values = {
            "issuer": provider.issuer,
            "subject": subject,
            "user_id": user_id,
            "linked_at": transaction.now,
        }
        transaction.connection.execute(insert(identity).values(values))
        record(transaction, "identity_linked", about=USER, identity=user_id, subject=provider.issuer)
    _give_roles(transaction, provider, claims, user_id)
    found = find_actor(transaction.catalog, transaction.connection, user_id)
    if found is None or is_service(transaction, user_id):
        raise NotAllowed(say("You are known, but cannot sign in here. Ask an administrator."))
    return found


def _linked(transaction: Transaction, provider: Provider, subject: str) -> int | None:
    found = select(identity.c.user_id).where(
        identity.c.issuer == provider.issuer, identity.c.subject == subject
    )
    return transaction.connection.execute(found).scalar()


def _by_address(transaction: Transaction, claims: Mapping[str, Any]) -> int | None:
    """The one person with the address that the provider has verified."""
    if claims.get("email_verified") is not True or not claims.get("email"):
        return None
    users = transaction.catalog.tables.table(USER)
    wanted = str(claims["email"]).lower()
    found = transaction.connection.execute(
        select(users.c.id).where(users.c.active, func.lower(users.c.email) == wanted)
    ).scalars()
    known = list(found)
    return known[0] if len(known) == 1 else None


def _new(transaction: Transaction, provider: Provider, claims: Mapping[str, Any]) -> int:
    username = str(claims.get(provider.username_claim) or "")
    if not provider.create or not username:
        raise NotAllowed(say("There is nobody here with your verified address. Ask an administrator."))
    values = {"username": username, "name": str(claims.get("name") or username)}
    if claims.get("email_verified") is True and claims.get("email"):
        values["email"] = str(claims["email"])
    try:
        return write.create(transaction, USER, values)
    except InputRefused as refused:
        sentence = "You cannot be added as “{username}”: {reason} Ask an administrator."
        reason = refused.problems[0].message
        raise NotAllowed(say(sentence, username=username, reason=reason)) from refused


def _give_roles(
    transaction: Transaction, provider: Provider, claims: Mapping[str, Any], user_id: int
) -> None:
    """Of the roles that the provider decides on, those that its claim names, and no others."""
    if not provider.roles_claim:
        return
    named = claims.get(provider.roles_claim)
    groups = {named} if isinstance(named, str) else set(named) if isinstance(named, list) else set()
    wanted = {role for group, role in provider.roles.items() if group in groups}
    present = roles_of(transaction, user_id)
    grant_roles(transaction, user_id, sorted(wanted - present))
    withdraw_roles(transaction, user_id, (present & set(provider.roles.values())) - wanted)
