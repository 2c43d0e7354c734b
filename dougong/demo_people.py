"""The demo sign-ins that the sign-in page offers: kept in the data folder while the demo data is there."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from engine.access.accounts import actor_of_password
from engine.workspace import Workspace

FILE = "demo.json"


def write_demo_people(folder: Path, workspace: Workspace, usernames: Iterable[str], password: str) -> None:
    """Notes those of the people who really can sign in with the password; nothing when there are none."""
    hasher = PasswordHasher()
    with workspace.reading() as transaction:
        found = [
            actor_of_password(transaction.catalog, transaction.connection, hasher, username, password)
            for username in usernames
        ]
    people = [
        {"username": actor.username, "label": f"{actor.username} · {actor.name}"} for actor in found if actor
    ]
    if people:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"password": password, "people": people}, ensure_ascii=False, indent=2)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_demo_people(folder: Path) -> dict[str, Any] | None:
    """`{"password", "people": [{"username", "label"}]}`, or None without demo data."""
    path = folder / FILE
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
