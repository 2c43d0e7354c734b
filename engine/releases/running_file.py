"""The publish that runs, in a small file of the data folder: outside its transaction, for other processes.

The file is replaced as a whole and written anew as long as the publish lives. Who finds one that is silent,
or whose process is gone, takes no notice of it; the next publish replaces it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from time import time
from typing import Any
from uuid import uuid4

import orjson

from engine.releases.progress import Running, Show
from engine.schema.database import Database

SILENT_SECONDS = 30
"""After so long without a word a publish has ended, however it did."""


def running_file(folder: Path, database: Database) -> Path:
    """Where publishes to this database, whose address is nobody's business, write what they do."""
    address = database.url.render_as_string(hide_password=False)
    return folder / f"publishing-{sha256(address.encode()).hexdigest()[:16]}.json"


def writes_to(path: Path) -> Show:
    """Keeps `path` as a publish goes on, and removes it at the end.

    What cannot be written is not seen; that is no reason to give up a publish.
    """
    identity = uuid4().hex
    own = {"id": identity, "process": os.getpid(), "host": gethostname()}
    waiting = path.with_name(f"{path.name}.{identity}")

    def show(running: Running | None) -> None:
        with suppress(OSError):
            if running is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                waiting.write_bytes(orjson.dumps({**own, "running": asdict(running)}))
                waiting.replace(path)
            elif (_read(path) or {}).get("id") == identity:
                path.unlink()

    return show


def find_running(path: Path) -> Running | None:
    """The publish that runs; None when there is none, or none that still lives."""
    try:
        silent = time() - path.stat().st_mtime > SILENT_SECONDS
    except OSError:
        return None
    found = _read(path)
    if silent or found is None or _is_gone(found):
        return None
    kept = found["running"]
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("begun", "since")}
    return Running(**{**kept, **moments})


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"id", "process", "host", "running"} else None


def _is_gone(found: Mapping[str, Any]) -> bool:
    """Whether the process ended; of another host, or where signals cannot ask, that is not known."""
    if found["host"] != gethostname() or os.name != "posix":
        return False
    try:
        os.kill(found["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
