"""The audit over HTTP, for administrators: the same filters as on its page."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.parameters import read_limit
from engine.access.audit import EVENTS, Entry, Sought, page_of
from engine.problems import Malformed, unknown
from engine.text import say
from engine.transaction import Transaction

PARAMETERS = frozenset({"event", "person", "about", "record", "q", "limit", "after"})


def list_audit(transaction: Transaction) -> Answer:
    """`{"entries", "next"}`, the newest first."""
    given, limit = request.args, read_limit(request.args.get("limit"))
    event = given.get("event", "")
    if event and event not in EVENTS:
        raise Malformed(unknown(say("There is no event '{name}'.", name=event), event, EVENTS))
    sought = Sought(
        events=(event,) if event else (),
        user_id=_number("person"),
        about=given.get("about", ""),
        about_id=_number("record"),
        text=given.get("q", ""),
    )
    found = page_of(transaction, sought, limit + 1, _number("after"))
    shown = found[:limit]
    following = str(shown[-1].id) if len(found) > limit else None
    return Answer({"entries": [_entry(each) for each in shown], "next": following})


def _number(name: str) -> int | None:
    written = request.args.get(name)
    if written is None:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        raise Malformed(say("“{name}” has to be a whole number, not “{value}”.", name=name, value=written))
    return int(written)


def _entry(each: Entry) -> dict[str, Any]:
    return {
        "id": each.id,
        "at": each.at.isoformat(),
        "event": each.event,
        "user": {"id": each.user_id, "username": each.username},
        "as": {"id": each.as_user_id, "username": each.as_username} if each.as_user_id else None,
        "about": each.about,
        "record": each.about_id,
        "subject": each.subject,
        "detail": dict(each.detail),
        "address": each.address,
    }
