"""The addresses of tokens, sessions and roles in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

TEXT: Description = {"type": "string"}
WHOLE: Description = {"type": "integer", "minimum": 1}
MOMENT: Description = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Description = {"type": ["string", "null"], "format": "date-time"}
SCOPES: Description = {"type": ["array", "null"], "items": TEXT}
TOKEN: Description = {
    "type": "object",
    "required": ["id", "user", "name", "scopes", "created_at", "last_used_at", "expires_at"],
    "properties": {
        "id": WHOLE,
        "user": {"type": "object", "properties": {"id": WHOLE, "username": TEXT}},
        "name": TEXT,
        "scopes": SCOPES,
        "created_at": MOMENT,
        "last_used_at": MOMENT_OR_NULL,
        "expires_at": MOMENT_OR_NULL,
    },
}
MADE: Description = {
    **TOKEN,
    "required": [*TOKEN["required"], "token"],
    "properties": {**TOKEN["properties"], "token": TEXT},
}
ASKED: Description = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "scopes": {"type": "array", "items": TEXT},
        "expires": MOMENT,
        "user": WHOLE,
    },
}
SESSION: Description = {
    "type": "object",
    "required": ["id", "created_at", "seen_at", "expires_at", "address", "browser", "system"],
    "properties": {
        "id": WHOLE,
        "created_at": MOMENT,
        "seen_at": MOMENT,
        "expires_at": MOMENT,
        "address": {"type": ["string", "null"]},
        "browser": TEXT,
        "system": TEXT,
    },
}
ROLES: Description = {"type": "array", "items": TEXT}
GRANTED: Description = {
    "type": "object",
    "required": ["roles", "effective"],
    "properties": {"roles": ROLES, "effective": ROLES},
}


def account_paths(problems: Description, locale: str, *, administrator: bool) -> Description:
    """Tokens and sessions for everybody, roles for administrators."""

    def operation(
        name: str, summary: str, schema: Description | None, status: str, **more: Any
    ) -> Description:
        answer: Description = {"description": "OK"}
        if schema is not None:
            answer["content"] = {"application/json": {"schema": schema}}
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["accounts"],
            "responses": {status: answer} | problems,
            **more,
        }

    found: Description = {
        "/tokens": {
            "get": operation("tokens", "API tokens", _list("tokens", TOKEN), "200", parameters=[_user(TEXT)]),
            "post": operation("make_token", "Make an API token", MADE, "201", **_body(ASKED)),
        },
        "/tokens/{token_id}": {
            "delete": operation("end_token", "End an API token", None, "204", parameters=[_one("token_id")])
        },
        "/sessions": {
            "get": operation(
                "sessions",
                "Where you are signed in",
                _list("sessions", SESSION),
                "200",
                parameters=[_user(WHOLE)],
            )
        },
        "/sessions/{session_id}": {
            "delete": operation(
                "end_session", "Sign out a device", None, "204", parameters=[_one("session_id")]
            )
        },
    }
    if administrator:
        given = {"type": "object", "required": ["roles"], "properties": {"roles": ROLES}}
        found["/users/{user_id}/roles"] = {
            "parameters": [_one("user_id")],
            "get": operation("roles", "The roles of a person", GRANTED, "200"),
            "put": operation(
                "give_roles", "Give a person exactly these roles", GRANTED, "200", **_body(given)
            ),
        }
    return found


def _list(name: str, items: Description) -> Description:
    return {
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "array", "items": items}},
    }


def _one(name: str) -> Description:
    return {"name": name, "in": "path", "required": True, "schema": WHOLE}


def _user(schema: Description) -> Description:
    return {"name": "user", "in": "query", "schema": schema}


def _body(schema: Description) -> Description:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
