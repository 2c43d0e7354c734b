"""The address of what was deleted lately in the OpenAPI document of those who may bring it back."""

from collections.abc import Callable
from typing import Any

Description = dict[str, Any]

MOMENT: Description = {"type": "string", "format": "date-time"}
LINK: Description = {
    "type": ["object", "null"],
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "entity": {"type": "string"}},
}
DELETION: Description = {
    "type": "object",
    "required": ["id", "title", "event", "deleted_at", "deleted_by", "until", "reason", "belongs_to", "rows"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "event": {"type": "integer", "description": "The change to undo in a batch, which brings it back."},
        "deleted_at": MOMENT,
        "deleted_by": LINK,
        "until": MOMENT,
        "reason": {"type": ["string", "null"], "description": "Why it cannot be brought back at present."},
        "belongs_to": LINK,
        "rows": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
DELETIONS: Description = {
    "type": "object",
    "required": ["records", "next"],
    "properties": {
        "records": {"type": "array", "items": DELETION},
        "next": {"type": ["string", "null"], "description": "There may be more though a page is short."},
    },
}
PARAMETERS: list[Description] = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
        "description": "Records on a page.",
    },
    {
        "name": "after",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`next` of the page before.",
    },
]


def deleted_paths(base: str, operation: Callable[..., Description]) -> Description:
    """What was deleted of the entity at `base`."""
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": DELETIONS}}}}
    listed = operation("deleted", "What was deleted lately of {entity}", answer, parameters=PARAMETERS)
    return {f"{base}/deleted": {"get": listed}}
