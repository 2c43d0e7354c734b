"""Up to a thousand operations in one request and one transaction."""

from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.bodies import body_of, members
from blueprints.api.caller import Joined
from engine.batches import run_batch
from engine.problems import Malformed, unknown
from engine.records.json import to_json
from engine.text import say
from engine.transaction import Transaction

MOST_OPERATIONS = 1_000
KNOWN_MEMBERS = {
    "op": str,
    "id": int,
    "values": dict,
    "name": str,
    "comment": str,
    "revision": int,
    "event": int,
}
NEEDED_MEMBERS: dict[str, tuple[str, ...]] = {
    "create": ("values",),
    "update": ("id", "values"),
    "delete": ("id",),
    "transition": ("id", "name"),
    "undo": ("id",),
}
"""Operation → what has to be said for it."""


def post_batch(transaction: Transaction, app: str, entity: str) -> Answer:
    """Does all operations or none; `{"results": [record, or null for a deleted one]}` in their order."""
    key, body = f"{app}.{entity}", body_of(request)
    members(body, {"operations": list})
    operations = body.get("operations", [])
    if len(operations) > MOST_OPERATIONS:
        sentence = "{count} operations are too many for one request: {most} at most."
        raise Malformed(say(sentence, count=len(operations), most=MOST_OPERATIONS))
    for number, operation in enumerate(operations):
        _check(operation, f"operations[{number}]")
    results = run_batch(Joined(transaction), transaction.actor, key, operations)
    return Answer({"results": [to_json(transaction, key, each) if each else None for each in results]})


def _check(operation: Any, path: str) -> None:
    if not isinstance(operation, dict):
        raise Malformed(say("“{path}” has to be {kind}.", path=path, kind=say("an object")))
    members(operation, KNOWN_MEMBERS, path)
    kind = operation.get("op")
    if kind not in NEEDED_MEMBERS:
        sentence = say(
            "“{value}” is no operation; {path}.op is one of {known}.",
            value="" if kind is None else kind,
            path=path,
            known=", ".join(NEEDED_MEMBERS),
        )
        raise Malformed(unknown(sentence, kind or "", NEEDED_MEMBERS))
    for name in NEEDED_MEMBERS[kind]:
        if name not in operation:
            raise Malformed(say("{path} needs the member “{name}”.", path=path, name=name))
