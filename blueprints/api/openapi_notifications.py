"""The addresses of notifications in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

NOTIFICATIONS: Description = {
    "type": "object",
    "required": ["notifications", "unread", "next"],
    "properties": {
        "notifications": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "kind", "at", "message", "record", "read_at"],
                "properties": {
                    "id": {"type": "integer"},
                    "kind": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "message": {"type": "string"},
                    "record": {
                        "type": ["object", "null"],
                        "properties": {"entity": {"type": "string"}, "id": {"type": "integer"}},
                    },
                    "read_at": {"type": ["string", "null"], "format": "date-time"},
                },
            },
        },
        "unread": {"type": "integer"},
        "next": {"type": ["string", "null"]},
    },
}
UNREAD: Description = {
    "type": "object",
    "required": ["unread"],
    "properties": {"unread": {"type": "integer"}},
}
CHOICE: Description = {
    "type": "object",
    "required": ["wanted"],
    "additionalProperties": False,
    "properties": {"wanted": {"type": "boolean"}},
}
PARAMETERS: list[Description] = [
    {"name": "unread", "in": "query", "schema": {"enum": ["true", "false"]}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
    {"name": "after", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"}},
]
ONE: Description = {"name": "notification_id", "in": "path", "required": True, "schema": {"type": "integer"}}


def notification_paths(problems: Description, locale: str) -> Description:
    """What the caller was told, and marking it as read."""

    def operation(name: str, summary: str, schema: Description, **more: Any) -> Description:
        answer = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["notifications"],
            "responses": answer | problems,
            **more,
        }

    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": CHOICE}}}}
    return {
        "/notifications": {
            "get": operation(
                "notifications", "What you were told, newest first", NOTIFICATIONS, parameters=PARAMETERS
            )
        },
        "/notifications/read": {"post": operation("read_notifications", "Mark all as read", UNREAD)},
        "/notifications/{notification_id}/read": {
            "post": operation("read_notification", "Mark one as read", UNREAD, parameters=[ONE])
        },
        "/notifications/mail": {
            "get": operation("mail_choice", "Whether notifications come by mail too", CHOICE),
            "post": operation("choose_mail", "Choose whether notifications come by mail too", CHOICE, **body),
        },
    }
