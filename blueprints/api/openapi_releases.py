"""The addresses of releases in the OpenAPI document of an administrator."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

TEXT: Description = {"type": "string"}
TEXT_OR_NULL: Description = {"type": ["string", "null"]}


def _object(**properties: Description) -> Description:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(name: str, items: Description) -> Description:
    return _object(**{name: {"type": "array", "items": items}})


RELEASE = _object(
    release={"type": "integer"},
    published_at={"type": "string", "format": "date-time"},
    published_by=TEXT,
    message=TEXT,
    apps={"type": "array", "items": TEXT},
)
STEP = _object(
    kind=TEXT,
    risk={"enum": ["safe", "confirm", "destructive"]},
    entity=TEXT_OR_NULL,
    field=TEXT_OR_NULL,
    sentence=TEXT,
    sql={"type": "array", "items": TEXT},
)
DIFFERENCE = _object(
    kind={"enum": ["added", "removed", "renamed", "changed", "moved"]},
    app=TEXT,
    path=TEXT,
    sentence=TEXT,
    before=TEXT_OR_NULL,
    after=TEXT_OR_NULL,
)
FILES: Description = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": "Name of a file → its text: apps and overlays with the files that they include.",
}
PENDING = _object(
    release={"type": "integer", "description": "The release at which the plan begins."},
    steps={"type": "array", "items": STEP},
    differences={"type": "array", "items": DIFFERENCE},
    touched={"type": "array", "items": _object(place=TEXT, sentence=TEXT)},
    drift={"type": "array", "items": TEXT},
)
AGREEMENT: Description = {
    "message": TEXT,
    "allow": {
        "type": "array",
        "items": {"enum": ["safe", "confirm", "destructive"]},
        "description": "Steps of which risks are agreed to, besides safe ones.",
    },
    "begun": {
        "type": "integer",
        "description": "`release` of the plan that was looked at; refused with 412 when it is another now.",
    },
}
MOVED: Description = {
    "moved_stages": {
        "type": "object",
        "additionalProperties": TEXT,
        "description": "Stage that is removed → where its records go: `crm.deal.proposal` → `lead`.",
    }
}
ANSWERS: Description = {
    "remove": {"type": "array", "items": TEXT, "description": "Apps to take out of use."},
    **MOVED,
}
RETIRED = _object(
    id={"type": "integer"},
    release={"type": "integer"},
    entity=TEXT,
    field=TEXT_OR_NULL,
    table=TEXT,
    column=TEXT_OR_NULL,
    values={"type": ["integer", "null"]},
)
NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def release_paths(problems: Description, locale: str) -> Description:
    """What an administrator may ask and do about releases."""

    def operation(
        name: str, summary: str, schema: Description, body: Description | None = None, **more: Any
    ) -> Description:
        status = "201" if name in ("release_publish", "release_rollback") else "200"
        answer = {status: {"description": "OK", "content": {"application/json": {"schema": schema}}}}
        content = {"application/json": {"schema": body}}
        sent: Description = (
            {"requestBody": {"required": bool(body["required"]), "content": content}} if body else {}
        )
        return {
            "operationId": name,
            "summary": say(summary).to(locale),
            "tags": ["releases"],
            "responses": answer | problems,
            **sent,
            **more,
        }

    files = {"files": FILES}

    def closed(required: list[str], **properties: Description) -> Description:
        return {
            "type": "object",
            "required": required,
            "additionalProperties": False,
            "properties": properties,
        }

    compared = [
        {"name": name, "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1}}
        for name in ("before", "after")
    ]
    of_one: Description = {"parameters": [NUMBER]}
    agreement = closed([], **MOVED, **AGREEMENT)
    return {
        "/releases": {
            "get": operation("release_list", "Every release, the latest first", _list("releases", RELEASE)),
            "post": operation(
                "release_publish",
                "Publish definitions",
                RELEASE,
                closed([], files=FILES, **ANSWERS, **AGREEMENT),
            ),
        },
        "/releases/plan": {
            "post": operation(
                "release_plan",
                "What publishing definitions would do",
                PENDING,
                closed([], **files, **ANSWERS),
            )
        },
        "/releases/diff": {
            "get": operation(
                "release_diff",
                "What one release says otherwise than another",
                _list("differences", DIFFERENCE),
                parameters=compared,
            )
        },
        "/releases/retired": {
            "get": operation(
                "release_retired", "Data that no definition names any more", _list("retired", RETIRED)
            )
        },
        "/releases/purge": {
            "post": operation(
                "release_purge",
                "Drop data that is out of use",
                _list("dropped", RETIRED),
                closed(["retired"], retired={"type": "array", "items": {"type": "integer"}, "minItems": 1}),
            )
        },
        "/releases/{number}": {
            "get": operation("release", "A release with its plan and its files", RELEASE, **of_one)
        },
        "/releases/{number}/plan": {
            "post": operation(
                "release_plan_back",
                "What going back to a release would do",
                PENDING,
                closed([], **MOVED),
                **of_one,
            )
        },
        "/releases/{number}/rollback": {
            "post": operation(
                "release_rollback", "Publish an earlier release again", RELEASE, agreement, **of_one
            )
        },
    }
