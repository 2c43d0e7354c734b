"""What a handler of the API gives back, before it is bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.records.json import to_json
from engine.records.select import Record
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, what the body holds (None: no body) and further headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def record_answer(tx: Transaction, key: str, record: Record, status: int = 200) -> Answer:
    """A record with its ETag; with 201 also the address where it is now."""
    headers = {"ETag": f'"{record["revision"]}"'}
    if status == 201:
        headers["Location"] = address(key, record["id"])
    return Answer(to_json(tx, key, record), status, headers)


def address(key: str, record_id: int) -> str:
    """Where the API shows a record."""
    return f"/api/v1/{key.replace('.', '/')}/{record_id}"
