"""Personal fields over HTTP: asked for by name, which is written into the audit."""

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from engine.problems import InputRefused, Problem
from engine.records.json import to_json
from engine.records.personal import show_personal
from engine.text import say
from engine.transaction import Transaction


def post_show(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """`{"fields": ["mobile"]}` → `{"mobile": …}`: personal values that a record does not show by itself."""
    key, body = f"{app}.{entity}", body_of(request)
    members(body, {"fields": list})
    names = body.get("fields", [])
    if not all(isinstance(name, str) for name in names):
        raise InputRefused([Problem("fields", say("Name fields, each as a text."))])
    return Answer(to_json(transaction, key, show_personal(transaction, key, record_id, names)))
