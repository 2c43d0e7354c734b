"""OpenAPI 3.1 of what a caller may do, made from the published definitions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.api.openapi_accounts import account_paths
from blueprints.api.openapi_approvals import approval_paths
from blueprints.api.openapi_audit import audit_paths
from blueprints.api.openapi_deleted import deleted_paths
from blueprints.api.openapi_figures import FIGURE_PARAMETERS, FIGURES, dashboard_paths
from blueprints.api.openapi_files import file_paths, record_file_paths
from blueprints.api.openapi_forms import form_paths
from blueprints.api.openapi_formulas import formula_paths
from blueprints.api.openapi_notifications import notification_paths
from blueprints.api.openapi_releases import release_paths
from blueprints.api.openapi_search import search_paths
from engine.definition.model import Entity
from engine.text import say

Description = dict[str, Any]

PROBLEM_SCHEMA: Description = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

PROBLEM_RESPONSES: dict[str, str] = {
    "400": "Malformed",
    "401": "NotSignedIn",
    "403": "NotAllowed",
    "404": "NotFound",
    "409": "NotPossible",
    "412": "Stale",
    "422": "InputRefused",
}
"""Status → name of the component that describes it."""

DOCUMENT: Description = {
    "description": "OK",
    "content": {
        "text/html": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
    },
}

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

ID_PARAMETER = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag that was read; a record that was changed since is refused with 412.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key again gives the same answer, and does nothing twice.",
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


def describe(
    possibilities: Iterable[Possibilities],
    release: int,
    url: str,
    locale: str,
    *,
    administrator: bool = False,
) -> Description:
    """The OpenAPI document for what may be done; `url` is where the site is reached."""
    problems = _problems()
    paths = (
        formula_paths(problems, locale)
        | approval_paths(problems, IDEMPOTENCY_KEY, locale)
        | notification_paths(problems, locale)
        | dashboard_paths(problems, locale)
        | file_paths(problems, locale)
        | search_paths(problems, locale)
        | form_paths(problems, locale)
        | account_paths(problems, locale, administrator=administrator)
    )
    if administrator:
        paths |= release_paths(problems, locale) | audit_paths(problems, locale)
    schemas: Description = {"problem": PROBLEM_SCHEMA}
    for each in possibilities:
        schemas[each.entity.key] = _record_schema(each)
        schemas[f"{each.entity.key}.values"] = _values_schema(each)
        paths |= _paths(each, locale)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dougong", "version": str(release)},
        "servers": [{"url": url.rstrip("/") + "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {
                name: {
                    "description": name,
                    "content": {"application/problem+json": {"schema": _reference("problem")}},
                }
                for name in PROBLEM_RESPONSES.values()
            },
        },
    }


def _record_schema(each: Possibilities) -> Description:
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


def _values_schema(each: Possibilities) -> Description:
    """What may be sent: the fields that this caller may set."""
    properties = {name: schema for name, schema in each.schema["properties"].items() if name in each.writable}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _paths(each: Possibilities, locale: str) -> Description:
    key, label = each.entity.key, each.entity.label
    base = "/" + key.replace(".", "/")
    record, values = _reference(key), _reference(f"{key}.values")

    def operation(name: str, summary: str, answer: Description, **more: Any) -> Description:
        return {
            "operationId": f"{name}_{key.replace('.', '_')}",
            "summary": say(summary, entity=label).to(locale),
            "tags": [key],
            "responses": answer | _problems(),
            **more,
        }

    collection: Description = {
        "get": operation(
            "list",
            "List records of {entity}",
            _json(
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
        "get": operation("get", "Read a record of {entity}", _json("200", record)),
    }
    found: Description = {base: collection, f"{base}/{{id}}": one}
    if each.create:
        body = _body(values)
        collection["post"] = operation(
            "create",
            "Create a record of {entity}",
            _json("201", record),
            parameters=[IDEMPOTENCY_KEY],
            **body,
        )
    if each.update:
        one["patch"] = operation(
            "update",
            "Change a record of {entity}",
            _json("200", record),
            parameters=[IF_MATCH],
            **_body(values),
        )
    if each.delete:
        one["delete"] = operation(
            "delete",
            "Delete a record of {entity}",
            {"204": {"description": "Deleted"}},
            parameters=[IF_MATCH],
        )
    found |= _further_paths(each, base, operation)
    if each.brings_back:
        found |= deleted_paths(base, operation)
    found |= record_file_paths(base, ID_PARAMETER, operation)
    return found


def _further_paths(each: Possibilities, base: str, operation: Any) -> Description:
    """Preview, batch, schema, history and transitions of an entity."""
    anything: Description = {"type": "object"}
    record = _reference(each.entity.key)
    values = _reference(f"{each.entity.key}.values")
    found: Description = {
        f"{base}/schema": {"get": operation("schema", "The JSON Schema of {entity}", _json("200", anything))},
        f"{base}/figures": {
            "get": operation(
                "figures",
                "Figures over records of {entity}, by groups",
                _json("200", FIGURES),
                parameters=FIGURE_PARAMETERS,
            )
        },
        f"{base}/rights": {
            "get": operation("rights", "What you may do with {entity}, and why", _json("200", RIGHTS))
        },
        f"{base}/{{id}}/rights": {
            "parameters": [ID_PARAMETER],
            "get": operation(
                "record_rights", "What you may do with a record of {entity}, and why", _json("200", RIGHTS)
            ),
        },
        f"{base}/{{id}}/history": {
            "parameters": [ID_PARAMETER],
            "get": operation("history", "What happened to a record of {entity}", _json("200", anything)),
        },
    }
    computed = [name for name, field in each.entity.fields.items() if field.formula]
    computed = [name for name in computed if name in each.schema["properties"]]
    if computed:
        found[f"{base}/{{id}}/explain/{{field}}"] = {
            "parameters": [ID_PARAMETER, _name_parameter("field", computed)],
            "get": operation("explain", "How a value of {entity} comes about", _json("200", EXPLANATION)),
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
                _json("200", anything),
                **_body(given),
            ),
        }
    if each.entity.prints:
        form = {"name": "as", "in": "query", "schema": {"enum": ["html", "pdf"], "default": "html"}}
        found[f"{base}/{{id}}/print/{{name}}"] = {
            "parameters": [ID_PARAMETER, _name_parameter("name", list(each.entity.prints)), form],
            "get": operation("print", "A printed document of {entity}", {"200": DOCUMENT}),
        }
    if each.create or each.update:
        given = {"type": "object", "properties": {"values": values, "id": {"type": ["integer", "null"]}}}
        found[f"{base}/preview"] = {
            "post": operation("preview", "Try values of {entity}", _json("200", anything), **_body(given))
        }
    if each.create or each.update or each.delete or each.entity.workflow:
        operations = {"type": "array", "maxItems": 1000, "items": anything}
        given = {"type": "object", "required": ["operations"], "properties": {"operations": operations}}
        answer = {"type": "object", "properties": {"results": {"type": "array"}}}
        found[f"{base}/batch"] = {
            "post": operation(
                "batch",
                "Many changes of {entity} in one transaction",
                _json("200", answer),
                parameters=[IDEMPOTENCY_KEY],
                **_body(given),
            )
        }
    if each.entity.workflow:
        found |= _approval_paths(each, base, operation)
        found[f"{base}/{{id}}/transitions"] = {
            "parameters": [ID_PARAMETER],
            "get": operation("transitions", "How a record of {entity} can move", _json("200", anything)),
        }
        given = {"type": "object", "properties": {"values": values, "comment": {"type": "string"}}}
        found[f"{base}/{{id}}/transitions/{{name}}"] = {
            "parameters": [ID_PARAMETER, _name_parameter("name", list(each.entity.workflow.transitions))],
            "post": operation(
                "fire",
                "Move a record of {entity}",
                _json("200", record),
                parameters=[IF_MATCH, IDEMPOTENCY_KEY],
                **_body(given),
            ),
        }
    return found


def _approval_paths(each: Possibilities, base: str, operation: Any) -> Description:
    """The approvals of a record: their timeline, withdrawing, reminding, and whom a transition would ask."""
    anything: Description = {"type": "object"}
    record = _reference(each.entity.key)
    given = _body({"type": "object", "properties": {"comment": {"type": "string"}}})
    assert each.entity.workflow is not None
    names = list(each.entity.workflow.transitions)
    listed = operation("approvals", "The approvals of a record of {entity}", _json("200", anything))
    route = operation("route", "Whom a transition of {entity} would ask", _json("200", anything))
    withdraw = operation("withdraw", "Withdraw a request about {entity}", _json("200", record), **given)
    remark = operation("remark", "Comment on the approval of {entity}, with @mentions", _NOTHING, **given)
    remind = operation("remind", "Remind those who are asked about {entity}", _NOTHING, **given)
    return {
        f"{base}/{{id}}/approvals": {"parameters": [ID_PARAMETER], "get": listed},
        f"{base}/{{id}}/withdraw": {"parameters": [ID_PARAMETER], "post": withdraw},
        f"{base}/{{id}}/comments": {"parameters": [ID_PARAMETER], "post": remark},
        f"{base}/{{id}}/remind": {"parameters": [ID_PARAMETER], "post": remind},
        f"{base}/{{id}}/transitions/{{name}}/approval": {
            "parameters": [ID_PARAMETER, _name_parameter("name", names)],
            "get": route,
        },
    }


_NOTHING: Description = {"204": {"description": "Done"}}


def _name_parameter(parameter: str, names: list[str]) -> Description:
    return {"name": parameter, "in": "path", "required": True, "schema": {"type": "string", "enum": names}}


def _reference(name: str) -> Description:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(status: str, schema: Description) -> Description:
    return {status: {"description": "OK", "content": {"application/json": {"schema": schema}}}}


def _body(schema: Description) -> Description:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _problems() -> Description:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in PROBLEM_RESPONSES.items()}
