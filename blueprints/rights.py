"""The page “Why can't I?” of a record: what the visitor may do with it and what not, in sentences."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from blueprints import visitor
from blueprints.again import reading
from blueprints.navigation import plural
from blueprints.values import entity_url, label
from engine.access.policy import Decision
from engine.access.reasons import Reasons, reasons_on
from engine.records.read import get, titles
from engine.text import Message, Text, say
from engine.workflow.transitions import every

blueprint = Blueprint("rights", __name__)

ACTIONS: dict[str, Message] = {
    "read": say("See it"),
    "update": say("Change it"),
    "delete": say("Delete it"),
    "export": say("Export it"),
}


@blueprint.get("/<app>/<entity>/<int:identity>/rights", endpoint="show")
def show_rights(app: str, entity: str, identity: int) -> Response:
    """What the visitor may do with a record, and why not the rest."""
    key, locale = f"{app}.{entity}", visitor.locale()
    with reading() as transaction:
        compiled = transaction.catalog.entity(key)
        found = reasons_on(transaction, compiled, identity)
        moves = every(transaction, key, get(transaction, key, identity))
        page = render_template(
            "rights.html",
            title=titles(transaction, key, [identity]).get(identity) or f"#{identity}",
            app_label=label(transaction.catalog.apps[app].label),
            plural=plural(compiled, locale),
            list_url=entity_url(key),
            record_url=entity_url(key, identity),
            actions=[_line(ACTIONS[name], each) for name, each in found.actions.items()],
            fields=_fields(found),
            transitions=[
                {"label": label(each.label), "allowed": each.enabled, "reason": _text(each.reason)}
                for each in moves
            ],
        )
    return make_response(page)


def _fields(found: Reasons) -> list[dict[str, Any]]:
    """Fields that are more closed than the record itself."""
    changed = found.actions["update"].allowed
    lines = []
    for each in found.fields:
        if not each.read.allowed:
            lines.append(_line(say("See {field}", field=each.label), each.read))
        elif changed and not each.update.allowed:
            lines.append(_line(say("Change {field}", field=each.label), each.update))
    return lines


def _line(words: Message, decision: Decision) -> dict[str, Any]:
    return {
        "label": words.to(visitor.locale()),
        "allowed": decision.allowed,
        "reason": _text(decision.reason),
    }


def _text(words: Message | Text | None) -> str:
    return words.to(visitor.locale()) if words else ""
