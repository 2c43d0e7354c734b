"""The files of a record as its page shows them."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from engine.files.kept import FileRow
from engine.files.store import size_words
from engine.records.files import Attachments, attachments
from engine.transaction import Transaction


def shown_file(row: FileRow) -> dict[str, Any]:
    """What the page shows of a file."""
    viewable = row.kind is not None and row.kind.shown
    return {
        "id": row.id,
        "name": row.name,
        "value": f"{row.id}/{row.name}",
        "size": size_words(row.size),
        "url": url_for("files.download", identity=row.id),
        "view": url_for("files.view", identity=row.id) if viewable else None,
        "thumbnail": url_for("files.thumbnail", identity=row.id) if row.is_picture else None,
    }


def files_context(transaction: Transaction, key: str, identity: int) -> Mapping[str, Any]:
    """What that part shows."""
    return files_shown(key, identity, attachments(transaction, key, identity))


def files_shown(key: str, identity: int, found: Attachments) -> Mapping[str, Any]:
    """What that part shows, of files that were read."""
    app, _, entity = key.partition(".")
    return {
        "attachments": [
            shown_file(each)
            | {"remove": url_for("files.detach", app=app, entity=entity, identity=identity, number=each.id)}
            for each in found.files
        ],
        "attach_url": url_for("files.attach", app=app, entity=entity, identity=identity)
        if found.changeable
        else None,
    }
