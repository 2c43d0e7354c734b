"""What the visitor was told: the page of notifications, and opening one."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.values import entity_url, label
from engine import notifications
from engine.notifications import Notification
from engine.problems import NotFound
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("notifications", __name__)
SHOWN = 30
IN_BELL = 8


@blueprint.get("/notifications", endpoint="show")
def show() -> str:
    """What the visitor was told, newest first."""
    before = request.args.get("before", "")
    unread_only = request.args.get("unread") == "1"
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = notifications.page_of(
            transaction,
            SHOWN + 1,
            int(before) if before.isdigit() and len(before) < 19 else None,
            unread_only,
        )
        rows = [_row(transaction, each) for each in found[:SHOWN]]
    return render_template(
        "notifications.html",
        rows=rows,
        unread_only=unread_only,
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
    )


def _row(transaction: Transaction, each: Notification) -> dict[str, object]:
    known = each.about is not None and each.about[0] in transaction.catalog.entities
    definition = transaction.catalog.entities[each.about[0]].definition if each.about and known else None
    return {
        "id": each.id,
        "message": each.message.to(visitor.locale()),
        "at": each.at,
        "unread": each.read_at is None,
        "icon": (definition.icon if definition else None) or "bell",
        "label": label(definition.label) if definition else "",
        "leads": known,
    }


@blueprint.post("/notifications/<int:identity>/open", endpoint="open")
def open_one(identity: int) -> Response:
    """Marks one as read and leads to what it is about."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        notifications.mark_read(transaction, identity)
        (found,) = notifications.page_of(transaction, 1, identity + 1)
        if found.id != identity:
            raise NotFound(say("You have no notification {id}.", id=identity))
    address = entity_url(*found.about) if found.about else url_for("notifications.show")
    return make_response(redirect(address, 303))


@blueprint.get("/notifications/latest", endpoint="latest")
def latest() -> Response:
    """The latest ones, as they drop down from the bell."""
    with visitor.workspace().reading(visitor.person()) as transaction:
        rows = [_row(transaction, each) for each in notifications.page_of(transaction, IN_BELL)]
        unread = notifications.unread_count(transaction)
    return make_response(render_template("parts/bell.html", rows=rows, unread=unread, in_bell=True))


@blueprint.post("/notifications/<int:identity>/read", endpoint="read")
def read(identity: int) -> Response:
    """Marks one as read; the latest ones as they are then."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        notifications.mark_read(transaction, identity)
    return latest()


@blueprint.post("/notifications/read", endpoint="read_all")
def read_all() -> Response:
    """Marks all as read; asked by the bell, the latest ones as they are then."""
    with visitor.workspace().writing(visitor.person()) as transaction:
        notifications.mark_all_read(transaction)
    if request.args.get("bell") == "1":
        return latest()
    return make_response(redirect(url_for("notifications.show"), 303))
