"""What else can be asked about records: preview, batch, rights, history, transitions, approvals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.api.openapi_figures import FIGURE_PARAMETERS, FIGURES
from blueprints.api.openapi_parts import (
    ID_PARAMETER,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    NOTHING,
    Description,
    answers,
    name_parameter,
    reference,
    takes,
)
from engine.definition.model import Entity

DOCUMENT: Description = {
    "description": "OK",
    "content": {
        "text/html": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
    },
}

EXPLANATION: Description = {
    "type": "object",
    "required": ["entity", "id", "field", "value", "kind", "release", "stage", "formula", "part", "rounding"],
    "properties": {
        "formula": {"type": ["string", "null"]},
        "part": {"type": ["object", "null"]},
        "release": {"type": "integer"},
        "stage": {"type": ["string", "null"]},
        "rounding": {"type": "array", "items": {"type": "object"}},
        "reason": {"type": ["object", "null"]},
    },
}

DECISION: Description = {
    "type": "object",
    "required": ["allowed", "reason"],
    "properties": {"allowed": {"type": "boolean"}, "reason": {"type": ["string", "null"]}},
}

RIGHTS: Description = {
    "type": "object",
    "required": ["actions", "fields"],
    "properties": {
        "actions": {"type": "object", "additionalProperties": DECISION},
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["read", "update"],
                "properties": {"read": DECISION, "update": DECISION},
            },
        },
        "transitions": {"type": "object", "additionalProperties": DECISION},
    },
}


@dataclass(frozen=True, slots=True)
class Possibilities:
    """An entity, its JSON Schema for this caller, and what the caller may do with it."""

    entity: Entity
    schema: Description
    writable: frozenset[str]
    read: bool
    create: bool
    update: bool
    delete: bool
    brings_back: bool
    personal_in_rows: Sequence[tuple[str, str]] = ()
    """Tables with the personal fields of their rows."""


def further_paths(each: Possibilities, base: str, operation: Any) -> Description:
    """Preview, batch, schema, history and transitions of an entity."""
    anything: Description = {"type": "object"}
    record = reference(each.entity.key)
    values = reference(f"{each.entity.key}.values")
    found: Description = {
        f"{base}/schema": {
            "get": operation("schema", "The JSON Schema of {entity}", answers("200", anything))
        },
        f"{base}/figures": {
            "get": operation(
                "figures",
                "Figures over records of {entity}, by groups",
                answers("200", FIGURES),
                parameters=FIGURE_PARAMETERS,
            )
        },
        f"{base}/rights": {
            "get": operation("rights", "What you may do with {entity}, and why", answers("200", RIGHTS))
        },
        f"{base}/{{id}}/rights": {
            "parameters": [ID_PARAMETER],
            "get": operation(
                "record_rights", "What you may do with a record of {entity}, and why", answers("200", RIGHTS)
            ),
        },
        f"{base}/{{id}}/history": {
            "parameters": [ID_PARAMETER],
            "get": operation("history", "What happened to a record of {entity}", answers("200", anything)),
        },
    }
    computed = [name for name, field in each.entity.fields.items() if field.formula]
    computed = [name for name in computed if name in each.schema["properties"]]
    if computed:
        found[f"{base}/{{id}}/explain/{{field}}"] = {
            "parameters": [ID_PARAMETER, name_parameter("field", computed)],
            "get": operation("explain", "How a value of {entity} comes about", answers("200", EXPLANATION)),
        }
    personal = [name for name, field in each.entity.fields.items() if field.personal]
    in_rows = [{"pattern": rf"^{table}\.[0-9]+\.{name}$"} for table, name in each.personal_in_rows]
    if personal or in_rows:
        named = {"type": "string", "anyOf": [*([{"enum": personal}] if personal else []), *in_rows]}
        names = {"type": "array", "minItems": 1, "items": named}
        given = {"type": "object", "required": ["fields"], "properties": {"fields": names}}
        found[f"{base}/{{id}}/show"] = {
            "parameters": [ID_PARAMETER],
            "post": operation(
                "show",
                "Show personal fields of {entity}, which the audit tells",
                answers("200", anything),
                **takes(given),
            ),
        }
    if each.entity.prints:
        form = {"name": "as", "in": "query", "schema": {"enum": ["html", "pdf"], "default": "html"}}
        found[f"{base}/{{id}}/print/{{name}}"] = {
            "parameters": [ID_PARAMETER, name_parameter("name", list(each.entity.prints)), form],
            "get": operation("print", "A printed document of {entity}", {"200": DOCUMENT}),
        }
    if each.create or each.update:
        given = {"type": "object", "properties": {"values": values, "id": {"type": ["integer", "null"]}}}
        found[f"{base}/preview"] = {
            "post": operation("preview", "Try values of {entity}", answers("200", anything), **takes(given))
        }
    if each.create or each.update or each.delete or each.entity.workflow:
        operations = {"type": "array", "maxItems": 1000, "items": anything}
        given = {"type": "object", "required": ["operations"], "properties": {"operations": operations}}
        answer = {"type": "object", "properties": {"results": {"type": "array"}}}
        found[f"{base}/batch"] = {
            "post": operation(
                "batch",
                "Many changes of {entity} in one transaction",
                answers("200", answer),
                parameters=[IDEMPOTENCY_KEY],
                **takes(given),
            )
        }
    if each.entity.workflow:
        found |= record_approval_paths(each, base, operation)
        found[f"{base}/{{id}}/transitions"] = {
            "parameters": [ID_PARAMETER],
            "get": operation("transitions", "How a record of {entity} can move", answers("200", anything)),
        }
        given = {"type": "object", "properties": {"values": values, "comment": {"type": "string"}}}
        found[f"{base}/{{id}}/transitions/{{name}}"] = {
            "parameters": [ID_PARAMETER, name_parameter("name", list(each.entity.workflow.transitions))],
            "post": operation(
                "fire",
                "Move a record of {entity}",
                answers("200", record),
                parameters=[IF_MATCH, IDEMPOTENCY_KEY],
                **takes(given),
            ),
        }
    return found


def record_approval_paths(each: Possibilities, base: str, operation: Any) -> Description:
    """The approvals of a record: their timeline, withdrawing, reminding, and whom a transition would ask."""
    anything: Description = {"type": "object"}
    record = reference(each.entity.key)
    given = takes({"type": "object", "properties": {"comment": {"type": "string"}}})
    assert each.entity.workflow is not None
    names = list(each.entity.workflow.transitions)
    listed = operation("approvals", "The approvals of a record of {entity}", answers("200", anything))
    route = operation("route", "Whom a transition of {entity} would ask", answers("200", anything))
    withdraw = operation("withdraw", "Withdraw a request about {entity}", answers("200", record), **given)
    remark = operation("remark", "Comment on the approval of {entity}, with @mentions", NOTHING, **given)
    remind = operation("remind", "Remind those who are asked about {entity}", NOTHING, **given)
    return {
        f"{base}/{{id}}/approvals": {"parameters": [ID_PARAMETER], "get": listed},
        f"{base}/{{id}}/withdraw": {"parameters": [ID_PARAMETER], "post": withdraw},
        f"{base}/{{id}}/comments": {"parameters": [ID_PARAMETER], "post": remark},
        f"{base}/{{id}}/remind": {"parameters": [ID_PARAMETER], "post": remind},
        f"{base}/{{id}}/transitions/{{name}}/approval": {
            "parameters": [ID_PARAMETER, name_parameter("name", names)],
            "get": route,
        },
    }
