"""Descriptions over HTTP: of an entity, of everything the caller may do, of the definition language."""

from functools import cache
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.api.openapi import describe
from blueprints.api.openapi_ways import Possibilities
from engine.access.field_policy import readable, writable
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.definition.json_schema import definition_schema
from engine.definition.schema_export import entity_to_json_schema
from engine.definition.schema_import import EXTENSION
from engine.problems import NotAllowed
from engine.records.deletions import may_bring_back
from engine.transaction import Transaction

SHOWN_TO_ALL = frozenset({"label", "label_plural", "icon", "parent"})


def get_schema(transaction: Transaction, app: str, entity: str) -> Answer:
    """The JSON Schema of the entity, without the fields that the caller may not read."""
    compiled = transaction.catalog.entity(f"{app}.{entity}")
    decision = may(transaction, "read", compiled)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    return Answer(_schema(transaction, compiled))


def _schema(transaction: Transaction, compiled: CompiledEntity) -> dict[str, Any]:
    schema = entity_to_json_schema(compiled.definition)
    if transaction.actor.administrator:
        return schema
    names = readable(transaction, compiled)
    required = [name for name in schema["required"] if name in names]
    # Rules, views and the form name fields that this person may not know of.
    about = {name: each for name, each in schema[EXTENSION].items() if name in SHOWN_TO_ALL}
    return {
        **schema,
        "properties": {name: each for name, each in schema["properties"].items() if name in names},
        "required": required,
        EXTENSION: about,
    }


def get_openapi(transaction: Transaction) -> Answer:
    """OpenAPI 3.1 of everything the caller may do."""
    found = (_possibilities(transaction, each) for each in transaction.catalog.entities.values())
    possibilities = [each for each in found if each.read]
    release, locale = transaction.catalog.release, transaction.actor.locale
    administrator = transaction.actor.administrator
    return Answer(describe(possibilities, release, request.host_url, locale, administrator=administrator))


def _possibilities(transaction: Transaction, compiled: CompiledEntity) -> Possibilities:
    """What the caller may do with records of an entity, as far as that does not depend on the record."""
    actions = ("read", "create", "update", "delete")
    granted = {action: may(transaction, action, compiled).allowed for action in actions}
    schema = _schema(transaction, compiled) if granted["read"] else {}
    fields = frozenset(name for name in compiled.fields if name in writable(transaction, compiled))
    in_rows = [
        (table, each.name)
        for table, key in compiled.children.items()
        for each in transaction.catalog.entity(key).fields.values()
        if each.definition.personal
    ]
    brings_back = may_bring_back(transaction, compiled).allowed
    return Possibilities(
        compiled.definition, schema, fields, **granted, brings_back=brings_back, personal_in_rows=in_rows
    )


@cache
def _definition_schema() -> dict[str, Any]:
    return definition_schema()


def get_definition_schema(_transaction: Transaction) -> Answer:
    """The JSON Schema of the language that applications are written in."""
    return Answer(_definition_schema())
