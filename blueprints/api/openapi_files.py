"""The addresses of files in the OpenAPI document."""

from typing import Any

from engine.text import say

Description = dict[str, Any]

FILE: Description = {
    "type": "object",
    "required": ["id", "name", "size", "type", "sha256", "at", "url"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "type": {"type": "string"},
        "sha256": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": ["integer", "null"]},
        "url": {"type": "string"},
    },
}
BODY: Description = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}


def _number(name: str) -> Description:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _operation(
    name: str, sentence: str, locale: str, answers: Description, problems: Description
) -> Description:
    return {
        "operationId": name,
        "summary": say(sentence).to(locale),
        "tags": ["files"],
        "responses": answers | problems,
    }


def _json(schema: Description) -> Description:
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def file_paths(problems: Description, locale: str) -> Description:
    """Uploading a file for a field, and downloading one."""
    content = {"description": "OK", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    upload = "Upload a file for a record that is still to be saved"
    return {
        "/files": {
            "post": _operation("upload_file", upload, locale, {"201": _json(FILE)}, problems)
            | {"requestBody": BODY}
        },
        "/files/{file_id}": {
            "get": _operation("download_file", "Download a file", locale, {"200": content}, problems)
            | {"parameters": [_number("file_id")]}
        },
    }


def record_file_paths(base: str, identity: Description, operation: Any) -> Description:
    """The attachments of a record."""
    listed = {
        "type": "object",
        "required": ["files"],
        "properties": {"files": {"type": "array", "items": FILE}},
    }
    return {
        f"{base}/{{id}}/files": {
            "parameters": [identity],
            "get": operation("files", "The files of a record of {entity}", {"200": _json(listed)}),
            "post": operation(
                "attach", "Add a file to a record of {entity}", {"201": _json(FILE)}, requestBody=BODY
            ),
        },
        f"{base}/{{id}}/files/{{file_id}}": {
            "parameters": [identity, _number("file_id")],
            "delete": operation(
                "detach", "Take a file out of a record of {entity}", {"204": {"description": "Removed"}}
            ),
        },
    }
