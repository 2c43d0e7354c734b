"""The addresses of figures and dashboards in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

TEXTS: Description = {"type": "array", "items": {"type": "string"}}
FIGURES: Description = {
    "type": "object",
    "required": ["groups"],
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["keys", "values", "count"],
                "properties": {
                    "keys": {"type": "array"},
                    "values": {"type": "array"},
                    "count": {"type": "integer"},
                },
            },
        }
    },
}
FIGURE_PARAMETERS: list[Description] = [
    {"name": "group_by", "in": "query", "schema": TEXTS, "description": "`stage`, `month(close_date)`"},
    {"name": "value", "in": "query", "schema": TEXTS, "description": "`sum(amount)`, `count()`"},
    {"name": "filter", "in": "query", "schema": {"type": "string"}},
    {"name": "view", "in": "query", "schema": {"type": "string"}},
]
LISTED: Description = {
    "type": "object",
    "required": ["dashboards"],
    "properties": {
        "dashboards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["app", "name", "label"],
                "properties": {name: {"type": "string"} for name in ("app", "name", "label")},
            },
        }
    },
}
DASHBOARD: Description = {
    "type": "object",
    "required": ["label", "period", "cards"],
    "properties": {
        "label": {"type": "string"},
        "period": {"type": ["string", "null"]},
        "cards": {"type": "object", "additionalProperties": {"type": "object"}},
    },
}
DASHBOARD_PARAMETERS: list[Description] = [
    {"name": "app", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "period", "in": "query", "schema": {"type": "string"}},
    {"name": "filter", "in": "query", "schema": TEXTS, "description": "`owner:12`"},
]


def dashboard_paths(problems: Description, locale: str) -> Description:
    """The dashboards of the caller, and the figures of one."""

    def operation(name: str, summary: str, schema: Description, **more: Any) -> Description:
        answer = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["dashboards"],
            "responses": answer | problems,
            **more,
        }

    return {
        "/dashboards": {"get": operation("dashboards", "Your dashboards", LISTED)},
        "/dashboards/{app}/{name}": {
            "get": operation(
                "dashboard", "The figures of a dashboard", DASHBOARD, parameters=DASHBOARD_PARAMETERS
            )
        },
    }
