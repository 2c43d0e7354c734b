"""Files over HTTP: uploading one for a field, downloading, the attachments of a record."""

from typing import Any

from flask import Response, url_for

from blueprints.api.answers import Answer
from blueprints.files import sent_file, sent_out, store
from blueprints.visitor import workspace
from engine.files.kept import FileRow, take
from engine.records.files import attach, attachments, detach, seen_file, upload
from engine.transaction import Actor, Transaction


def post_file(caller: Actor) -> Answer:
    """Keeps the file of a multipart body for the caller; a field of a record then takes it by its id."""
    sent = sent_file()
    taken, name = take(store(), sent.stream, sent.filename or "")
    try:
        with workspace().writing(caller) as transaction:
            row = upload(transaction, store(), taken, name)
    finally:
        taken.drop()
    return Answer(_as_json(row), 201, {"Location": _address(row)})


def get_file(caller: Actor, file_id: int) -> Response:
    """The content of a file that the caller may see."""
    with workspace().reading(caller) as transaction:
        row = seen_file(transaction, file_id)
    return sent_out(row)


def list_files(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """`{"files": […]}`: the attachments of a record."""
    found = attachments(transaction, f"{app}.{entity}", record_id)
    return Answer({"files": [_as_json(each) for each in found.files]})


def post_record_file(caller: Actor, app: str, entity: str, record_id: int) -> Answer:
    """Adds the file of a multipart body to a record."""
    key, sent = f"{app}.{entity}", sent_file()
    with workspace().reading(caller) as transaction:
        attachments(transaction, key, record_id)
    taken, name = take(store(), sent.stream, sent.filename or "")
    try:
        with workspace().writing(caller) as transaction:
            row = attach(transaction, store(), key, record_id, taken, name)
    finally:
        taken.drop()
    return Answer(_as_json(row), 201, {"Location": _address(row)})


def remove_record_file(
    transaction: Transaction, app: str, entity: str, record_id: int, file_id: int
) -> Answer:
    """Takes a file out of a record; 204."""
    detach(transaction, f"{app}.{entity}", record_id, file_id)
    return Answer(None, 204)


def _address(row: FileRow) -> str:
    return url_for("api.get_file", file_id=row.id)


def _as_json(row: FileRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "size": row.size,
        "type": row.media_type,
        "sha256": row.sha256,
        "at": row.at.isoformat(),
        "by": row.by,
        "url": _address(row),
    }
