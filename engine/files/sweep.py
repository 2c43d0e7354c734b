"""Sweeping the folder of files: an hour apart, by whichever process works on jobs."""

import time
from collections.abc import Callable

from engine.files.kept import sweep
from engine.files.store import Store
from engine.workspace import Workspace

SECONDS_APART = 3_600.0


def unwanted_files(workspace: Workspace, store: Store, apart: float = SECONDS_APART) -> Callable[[], None]:
    """What is asked at every look of the job worker; sweeps when the last time is long enough ago."""
    last = [time.monotonic()]

    def look() -> None:
        if time.monotonic() - last[0] < apart:
            return
        last[0] = time.monotonic()
        with workspace.writing() as transaction:
            sweep(transaction, store)

    return look
