"""The addresses of public forms in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

FORM: Description = {
    "type": "object",
    "required": ["name", "entity", "view", "label", "open", "address"],
    "properties": {
        "name": {"type": "string"},
        "entity": {"type": "string"},
        "view": {"type": "string"},
        "label": {"type": "string"},
        "open": {"type": "boolean"},
        "address": {"type": "string", "format": "uri"},
    },
}
FORMS: Description = {
    "type": "object",
    "required": ["forms"],
    "properties": {"forms": {"type": "array", "items": FORM}},
}
WANTED: Description = {
    "type": "object",
    "required": ["open"],
    "additionalProperties": False,
    "properties": {"open": {"type": "boolean"}},
}
NAMED: Description = {"name": "form", "in": "path", "required": True, "schema": {"type": "string"}}


def form_paths(problems: Description, locale: str) -> Description:
    """Which public forms there are, and opening or closing one."""

    def operation(name: str, summary: str, schema: Description, **more: Any) -> Description:
        content = {"application/json": {"schema": schema}}
        return {
            "operationId": name,
            "summary": summary,
            "tags": ["forms"],
            "responses": {"200": {"description": "OK", "content": content}} | problems,
            **more,
        }

    listed = say("Forms that people without an account can fill in").to(locale)
    switched = say("Open or close such a form").to(locale)
    body = {"required": True, "content": {"application/json": {"schema": WANTED}}}
    return {
        "/forms": {"get": operation("forms", listed, FORMS)},
        "/forms/{form}": {
            "post": operation("switch_form", switched, FORM, parameters=[NAMED], requestBody=body)
        },
    }
