"""The address of the search in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

FOUND: Description = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["entity", "label", "id", "title"],
                "properties": {
                    "entity": {"type": "string"},
                    "label": {"type": "string"},
                    "id": {"type": "integer"},
                    "title": {"type": "string"},
                },
            },
        }
    },
}
PARAMETERS: list[Description] = [
    {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "minLength": 1}},
    {"name": "entity", "in": "query", "schema": {"type": "string"}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
]


def search_paths(problems: Description, locale: str) -> Description:
    """Records of all entities by their words."""
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": FOUND}}}}
    return {
        "/search": {
            "get": {
                "operationId": "search",
                "summary": say("Search all records, those whose title is most like it first").to(locale),
                "tags": ["search"],
                "parameters": PARAMETERS,
                "responses": answer | problems,
            }
        }
    }
