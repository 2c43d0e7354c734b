"""Accounts over HTTP: tokens and sessions, one's own and for administrators those of others; and roles."""

from datetime import UTC, datetime
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from blueprints.visitor import rules
from engine.access.sessions import Session, end_session, sessions_of
from engine.access.tokens import Token, new_token, revoke_token, token_made, tokens_of
from engine.problems import InputRefused, Malformed, Problem
from engine.staff import give_exactly, roles_granted
from engine.text import say
from engine.transaction import Transaction

PARAMETERS = frozenset({"user"})
EVERYBODY = "all"


def list_tokens(transaction: Transaction) -> Answer:
    """`{"tokens"}`: one's own; with `user` those of a person, with `user=all` everybody's. No secrets."""
    asked = request.args.get("user")
    found = tokens_of(transaction, None if asked == EVERYBODY else _whose(transaction, asked))
    return Answer({"tokens": [_token(each) for each in found]})


def post_token(transaction: Transaction) -> Answer:
    """A new token: `{"name", "scopes", "expires", "user"}`, all optional; `token` is told this once."""
    body = body_of(request)
    members(body, {"name": str, "scopes": list, "expires": str, "user": int})
    user = body.get("user", transaction.actor.id or 0)
    scopes = body.get("scopes", [])
    if not all(isinstance(each, str) for each in scopes):
        raise InputRefused([Problem("scopes", say("Name scopes, each as a text."))])
    made = new_token(transaction, user, body.get("name", "").strip(), scopes, _moment(body.get("expires")))
    return Answer({**_token(token_made(transaction, made)), "token": made}, 201)


def remove_token(transaction: Transaction, token_id: int) -> Answer:
    """Ends a token for good; 204."""
    revoke_token(transaction, token_id)
    return Answer(None, 204)


def list_sessions(transaction: Transaction) -> Answer:
    """`{"sessions"}`: where one is signed in; with `user` where somebody else is."""
    whose = _whose(transaction, request.args.get("user"))
    return Answer({"sessions": [_session(each) for each in sessions_of(transaction, whose, rules())]})


def remove_session(transaction: Transaction, session_id: int) -> Answer:
    """Signs out a device; 204."""
    end_session(transaction, session_id)
    return Answer(None, 204)


def get_roles(transaction: Transaction, user_id: int) -> Answer:
    """`{"roles"}`: those that a person was granted, and those that these include."""
    granted = roles_granted(transaction, user_id)
    effective = {each for role in granted for each in transaction.catalog.effective_roles.get(role, {role})}
    return Answer({"roles": sorted(granted), "effective": sorted(effective)})


def put_roles(transaction: Transaction, user_id: int) -> Answer:
    """Has a person get exactly `{"roles": […]}`."""
    body = body_of(request)
    members(body, {"roles": list})
    roles = body.get("roles")
    if roles is None or not all(isinstance(each, str) for each in roles):
        sentence = "The body has to be a JSON object, such as {example}."
        raise Malformed(say(sentence, example='{"roles": ["crm.sales"]}'))
    give_exactly(transaction, user_id, roles)
    return get_roles(transaction, user_id)


def _whose(transaction: Transaction, asked: str | None) -> int:
    if asked is None:
        return transaction.actor.id or 0
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Malformed(say("“{value}” is not the id of a person.", value=asked))
    return int(asked)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        sentence = say(
            "“{value}” is not a moment, such as {example}.", value=text, example="2027-01-31T00:00Z"
        )
        raise InputRefused([Problem("expires", sentence)]) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _token(each: Token) -> dict[str, Any]:
    return {
        "id": each.id,
        "user": {"id": each.user_id, "username": each.username},
        "name": each.name,
        "scopes": None if each.scopes is None else list(each.scopes),
        "created_at": each.created_at.isoformat(),
        "last_used_at": each.last_used_at and each.last_used_at.isoformat(),
        "expires_at": each.expires_at and each.expires_at.isoformat(),
    }


def _session(each: Session) -> dict[str, Any]:
    return {
        "id": each.id,
        "created_at": each.created_at.isoformat(),
        "seen_at": each.seen_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "address": each.address,
        "browser": each.browser,
        "system": each.system,
    }
