"""What the caller may do with an entity or a record, and why, over HTTP."""

from typing import Any

from blueprints.api.answers import Answer
from engine.access.policy import Decision
from engine.access.reasons import Reasons, reasons_in_general, reasons_on
from engine.records.read import get
from engine.transaction import Transaction
from engine.workflow.transitions import every


def get_entity_rights(transaction: Transaction, app: str, entity: str) -> Answer:
    """What the caller may do with at least some records."""
    found = reasons_in_general(transaction, transaction.catalog.entity(f"{app}.{entity}"))
    return Answer(_body(found, transaction.actor.locale))


def get_record_rights(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """What the caller may do with one record, its transitions among that."""
    key, locale = f"{app}.{entity}", transaction.actor.locale
    found = reasons_on(transaction, transaction.catalog.entity(key), record_id)
    moves = {
        each.name: {"allowed": each.enabled, "reason": each.reason.to(locale) if each.reason else None}
        for each in every(transaction, key, get(transaction, key, record_id))
    }
    return Answer({**_body(found, locale), "transitions": moves})


def _body(found: Reasons, locale: str) -> dict[str, Any]:
    return {
        "actions": {name: _decision(each, locale) for name, each in found.actions.items()},
        "fields": {
            each.name: {"read": _decision(each.read, locale), "update": _decision(each.update, locale)}
            for each in found.fields
        },
    }


def _decision(decision: Decision, locale: str) -> dict[str, Any]:
    return {"allowed": decision.allowed, "reason": decision.reason.to(locale)}
