"""What the descriptions of many requests are made of."""

from typing import Any

Description = dict[str, Any]

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

NOTHING: Description = {"204": {"description": "Done"}}


def name_parameter(parameter: str, names: list[str]) -> Description:
    """A part of the path that is one of these names."""
    return {"name": parameter, "in": "path", "required": True, "schema": {"type": "string", "enum": names}}


def reference(name: str) -> Description:
    """The schema that the document has under this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def answers(status: str, schema: Description) -> Description:
    """The response of a request that succeeds."""
    return {status: {"description": "OK", "content": {"application/json": {"schema": schema}}}}


def takes(schema: Description) -> Description:
    """The body that a request needs."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problem_answers() -> Description:
    """The responses of requests that do not succeed."""
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in PROBLEM_RESPONSES.items()}
