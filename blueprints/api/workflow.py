"""How a record moves, over HTTP: which transitions are possible, firing one, and what happened so far."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer, record_answer
from blueprints.api.bodies import body_of, members
from blueprints.api.caller import Joined
from blueprints.api.parameters import read_revision
from blueprints.visitor import disclosures
from engine.commands import fire_transition
from engine.records.history import Event, timeline
from engine.records.read import get
from engine.transaction import Transaction
from engine.workflow.transitions import TransitionState, every


def list_transitions(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Which transitions are possible for the caller, and why the others are not."""
    key = f"{app}.{entity}"
    states = every(transaction, key, get(transaction, key, record_id))
    return Answer({"transitions": [_transition(each, transaction.actor.locale) for each in states]})


def _transition(state: TransitionState, locale: str) -> dict[str, Any]:
    return {
        "name": state.name,
        "label": state.label.to(locale),
        "to": state.to,
        "enabled": state.enabled,
        "reason": state.reason.to(locale) if state.reason else None,
        "required": list(state.required),
        "comment_required": state.comment_required,
        "approval": state.approval,
    }


def post_transition(transaction: Transaction, app: str, entity: str, record_id: int, name: str) -> Answer:
    """Fires a transition with `{values, comment}`; the record as it then is."""
    key, body = f"{app}.{entity}", body_of(request)
    members(body, {"values": dict, "comment": str})
    record = fire_transition(
        Joined(transaction),
        transaction.actor,
        key,
        record_id,
        name,
        values=body.get("values", {}),
        comment=body.get("comment", ""),
        revision=read_revision(request.headers.get("If-Match")),
    )
    return record_answer(transaction, key, record)


def get_history(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """What happened to the record, newest first: who, when, and each field from and to."""
    key = f"{app}.{entity}"
    events = timeline(transaction, key, record_id)
    compiled = transaction.catalog.entity(key)
    told = {change.field for event in events for change in event.changes} - compiled.children.keys()
    disclosures().record(transaction, compiled, {"id": record_id, **dict.fromkeys(told, True)})
    return Answer({"events": [_event(each, transaction.actor.locale) for each in events]})


def _event(event: Event, locale: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "by": {"id": event.by.id, "title": event.by.title} if event.by else None,
        "kind": event.kind,
        "transition": event.transition,
        "from_stage": event.from_stage,
        "to_stage": event.to_stage,
        "comment": event.comment,
        "changes": [
            {
                "field": change.field,
                "label": change.label.to(locale),
                "before": change.before,
                "after": change.after,
            }
            for change in event.changes
        ],
    }
