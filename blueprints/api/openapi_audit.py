"""The address of the audit in the OpenAPI document of an administrator."""

from typing import Any

from engine.access.audit import EVENTS
from engine.text import say

Description = dict[str, Any]

TEXT: Description = {"type": "string"}
TEXT_OR_NULL: Description = {"type": ["string", "null"]}
NUMBER_OR_NULL: Description = {"type": ["integer", "null"]}
WHO: Description = {
    "type": ["object", "null"],
    "required": ["id", "username"],
    "properties": {"id": NUMBER_OR_NULL, "username": TEXT},
}
ENTRY: Description = {
    "type": "object",
    "required": ["id", "at", "event", "user", "as", "about", "record", "subject", "detail", "address"],
    "properties": {
        "id": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "event": TEXT,
        "user": WHO,
        "as": WHO,
        "about": TEXT_OR_NULL,
        "record": NUMBER_OR_NULL,
        "subject": TEXT,
        "detail": {"type": "object"},
        "address": TEXT_OR_NULL,
    },
}
AUDIT: Description = {
    "type": "object",
    "required": ["entries", "next"],
    "properties": {"entries": {"type": "array", "items": ENTRY}, "next": TEXT_OR_NULL},
}
DIGITS: Description = {"type": "string", "pattern": "^[0-9]{1,18}$"}


def audit_paths(problems: Description, locale: str) -> Description:
    """Who did what that concerns rights and safety."""
    schemas: dict[str, Description] = {
        "event": {"enum": sorted(EVENTS)},
        "person": DIGITS,
        "about": TEXT,
        "record": DIGITS,
        "q": TEXT,
        "limit": {"type": "integer", "minimum": 1, "maximum": 500},
        "after": DIGITS,
    }
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": AUDIT}}}}
    return {
        "/audit": {
            "get": {
                "operationId": "audit_list",
                "summary": say("Who did what that concerns rights and safety").to(locale),
                "tags": ["audit"],
                "parameters": [
                    {"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()
                ],
                "responses": answer | problems,
            }
        }
    }
