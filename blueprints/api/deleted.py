"""What was deleted lately, over HTTP; a batch with `{"op": "undo", "id", "event"}` brings it back."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.parameters import read_limit
from engine.records.deletions import Deletion, lately_deleted
from engine.transaction import Transaction


def list_deleted(transaction: Transaction, app: str, entity: str) -> Answer:
    """`{"records", "next"}` of what the caller may bring back, the latest first."""
    key, limit = f"{app}.{entity}", read_limit(request.args.get("limit"))
    found = lately_deleted(transaction, key, limit, request.args.get("after"))
    locale = transaction.actor.locale
    return Answer({"records": [_deletion(each, locale) for each in found.records], "next": found.next})


def _deletion(each: Deletion, locale: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "event": each.event,
        "deleted_at": each.at.isoformat(),
        "deleted_by": {"id": each.by.id, "title": each.by.title} if each.by else None,
        "until": each.until.isoformat(),
        "reason": each.reason.to(locale) if each.reason else None,
        "belongs_to": {"entity": each.owner[0], "id": each.owner[1]} if each.owner else None,
        "rows": dict(each.rows),
    }
