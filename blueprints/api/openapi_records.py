"""The requests about the records of an entity: list, read, create, change, delete."""

from typing import Any

from blueprints.api.openapi_deleted import deleted_paths
from blueprints.api.openapi_files import record_file_paths
from blueprints.api.openapi_parts import (
    ID_PARAMETER,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    Description,
    answers,
    problem_answers,
    reference,
    takes,
)
from blueprints.api.openapi_ways import Possibilities, further_paths
from engine.text import say

LIST_PARAMETERS: tuple[tuple[str, Description, str], ...] = (
    ("filter", {"type": "string"}, "A formula: only records for which it holds."),
    ("search", {"type": "string"}, "Words: only records that have all of them, titles first."),
    ("sort", {"type": "string"}, "Fields, each with a leading minus for descending: -amount,name"),
    ("fields", {"type": "string"}, "Only these fields, separated by commas."),
    ("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "Records on a page."),
    ("after", {"type": "string"}, "`next` of the page before."),
    ("count", {"enum": ["true", "false", "exact"]}, "Count all that match: up to a bound, or exactly."),
    ("view", {"type": "string"}, "The view whose filter and order apply."),
)


def record_schema(each: Possibilities) -> Description:
    """A record as it is answered: what the system keeps of every record, and the fields, some blank."""
    workflow = each.entity.workflow
    stage: Description = {"stage": {"enum": list(workflow.stages)}} if workflow else {}
    fields = each.schema["properties"].items()
    return {
        "type": "object",
        "required": ["id", "revision"],
        "properties": {
            "id": {"type": "integer"},
            "revision": {"type": "integer"},
            **stage,
            **{name: {"anyOf": [schema, {"type": "null"}]} for name, schema in fields},
        },
    }


def values_schema(each: Possibilities) -> Description:
    """What may be sent: the fields that this caller may set."""
    properties = {name: schema for name, schema in each.schema["properties"].items() if name in each.writable}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def record_paths(each: Possibilities, locale: str) -> Description:
    """All requests about the records of an entity, with their summaries in a language."""
    key, label = each.entity.key, each.entity.label
    base = "/" + key.replace(".", "/")
    record, values = reference(key), reference(f"{key}.values")

    def operation(name: str, summary: str, answer: Description, **more: Any) -> Description:
        return {
            "operationId": f"{name}_{key.replace('.', '_')}",
            "summary": say(summary, entity=label).to(locale),
            "tags": [key],
            "responses": answer | problem_answers(),
            **more,
        }

    collection: Description = {
        "get": operation(
            "list",
            "List records of {entity}",
            answers(
                "200",
                {
                    "type": "object",
                    "required": ["records", "next"],
                    "properties": {
                        "records": {"type": "array", "items": record},
                        "next": {"type": ["string", "null"]},
                        "count": {"type": "integer"},
                        "count_capped": {"type": "boolean"},
                    },
                },
            ),
            parameters=[
                {"name": name, "in": "query", "schema": schema, "description": sentence}
                for name, schema, sentence in LIST_PARAMETERS
            ],
        )
    }
    one: Description = {
        "parameters": [ID_PARAMETER],
        "get": operation("get", "Read a record of {entity}", answers("200", record)),
    }
    found: Description = {base: collection, f"{base}/{{id}}": one}
    if each.create:
        body = takes(values)
        collection["post"] = operation(
            "create",
            "Create a record of {entity}",
            answers("201", record),
            parameters=[IDEMPOTENCY_KEY],
            **body,
        )
    if each.update:
        one["patch"] = operation(
            "update",
            "Change a record of {entity}",
            answers("200", record),
            parameters=[IF_MATCH],
            **takes(values),
        )
    if each.delete:
        one["delete"] = operation(
            "delete",
            "Delete a record of {entity}",
            {"204": {"description": "Deleted"}},
            parameters=[IF_MATCH],
        )
    found |= further_paths(each, base, operation)
    if each.brings_back:
        found |= deleted_paths(base, operation)
    found |= record_file_paths(base, ID_PARAMETER, operation)
    return found
