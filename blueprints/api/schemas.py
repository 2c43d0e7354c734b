"""Descriptions over HTTP: of an entity, of everything the caller may do, of the definition language."""

from functools import cache
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.caller import Call
from blueprints.api.openapi import Possibilities, describe
from engine.access.policy import allowed, readable
from engine.catalog import CompiledEntity
from engine.definition.json_schema import definition_schema, entity_to_json_schema
from engine.problems import NotAllowed
from engine.transaction import Transaction


def get_schema(call: Call, app: str, entity: str) -> Answer:
    """The JSON Schema of the entity, without the fields that the caller may not read."""
    key = f"{app}.{entity}"
    with call.workspace.reading(call.actor) as tx:
        compiled = tx.catalog.entity(key)
        decision = allowed(tx, "read", key)
        if not decision.allowed:
            raise NotAllowed(decision.reason)
        return Answer(_schema(tx, compiled))


def _schema(tx: Transaction, compiled: CompiledEntity) -> dict[str, Any]:
    schema = entity_to_json_schema(compiled.definition)
    may_read = readable(tx, compiled.key)
    schema["properties"] = {
        name: each for name, each in schema.get("properties", {}).items() if name in may_read
    }
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name in may_read]
    return schema


def get_openapi(call: Call) -> Answer:
    """OpenAPI 3.1 of everything the caller may do."""
    with call.workspace.reading(call.actor) as tx:
        possibilities = [
            possible for each in tx.catalog.entities.values() if (possible := _possibilities(tx, each)).read
        ]
        return Answer(describe(possibilities, tx.catalog.release, request.host_url, call.locale))


def _possibilities(tx: Transaction, compiled: CompiledEntity) -> Possibilities:
    """What the caller may do with records of an entity, as far as that does not depend on the record."""
    may = {
        action: allowed(tx, action, compiled.key).allowed for action in ("read", "create", "update", "delete")
    }
    return Possibilities(
        entity=compiled.definition, schema=_schema(tx, compiled) if may["read"] else {}, **may
    )


@cache
def _definition_schema() -> dict[str, Any]:
    return definition_schema()


def get_definition_schema(_call: Call) -> Answer:
    """The JSON Schema of the language that applications are written in."""
    return Answer(_definition_schema())
