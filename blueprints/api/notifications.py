"""What the caller was told, over HTTP: the list, what is unread, and whether it comes by mail too."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from blueprints.api.parameters import read_limit
from engine import notifications
from engine.notifications import Notification
from engine.problems import Malformed
from engine.text import say
from engine.transaction import Transaction


def list_notifications(transaction: Transaction) -> Answer:
    """The caller's notifications, newest first, and how many are unread."""
    limit, after = read_limit(request.args.get("limit")), request.args.get("after")
    unread = request.args.get("unread", "false")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Malformed(say("“{value}” is no cursor: after is the “next” of the page before.", value=after))
    if unread not in {"true", "false"}:
        raise Malformed(say("“{value}” is neither true nor false: unread is one of them.", value=unread))
    found = notifications.page_of(
        transaction, limit + 1, int(after) if after else None, unread_only=unread == "true"
    )
    shown = found[:limit]
    return Answer(
        {
            "notifications": [_notification(each, transaction.actor.locale) for each in shown],
            "unread": notifications.unread_count(transaction),
            "next": str(shown[-1].id) if len(found) > limit else None,
        }
    )


def _notification(each: Notification, locale: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "at": each.at.isoformat(),
        "message": each.message.to(locale),
        "record": {"entity": each.about[0], "id": each.about[1]} if each.about else None,
        "read_at": each.read_at.isoformat() if each.read_at else None,
    }


def read_notification(transaction: Transaction, notification_id: int) -> Answer:
    """Marks one as read."""
    notifications.mark_read(transaction, notification_id)
    return Answer({"unread": notifications.unread_count(transaction)})


def read_all_notifications(transaction: Transaction) -> Answer:
    """Marks all as read."""
    notifications.mark_all_read(transaction)
    return Answer({"unread": 0})


def get_mail_choice(transaction: Transaction) -> Answer:
    """Whether the caller gets notifications by mail too."""
    return Answer({"wanted": notifications.wants_mail(transaction, transaction.actor.id or 0)})


def put_mail_choice(transaction: Transaction) -> Answer:
    """Keeps whether the caller wants them: `{"wanted": true}`."""
    body = body_of(request)
    members(body, {"wanted": bool})
    if "wanted" not in body:
        raise Malformed(
            say("The body has to be a JSON object, such as {example}.", example='{"wanted": true}')
        )
    notifications.choose_mail(transaction, wanted=body["wanted"])
    return Answer({"wanted": body["wanted"]})
