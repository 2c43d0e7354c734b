"""A process that works on jobs beside the server. This one does not load the job engine for it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dougong.settings import Settings
from engine.mail import MailServer, read_server

COMMAND = (sys.executable, "-c", "from dougong.cli import main; main()", "worker", "--beside-server")
SECONDS_TO_FINISH = 25
SECONDS_BETWEEN_STARTS = 2.0
SECONDS_BETWEEN_LOOKS = 0.25


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server, if there is one; Refused with what would be right when it is written wrongly."""
    return read_server(settings.smtp, settings.mail_from, settings.site) if settings.smtp else None


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker process for as long as the server runs; one that dies is replaced.

    It reads its settings from this process's environment.
    """
    stopped = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not stopped.is_set():
            process = subprocess.Popen(COMMAND)  # noqa: S603 - our own command
            running[:] = [process]
            while process.poll() is None and not stopped.wait(SECONDS_BETWEEN_LOOKS):
                pass
            stopped.wait(SECONDS_BETWEEN_STARTS)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopped.set()
        keeper.join()
        for process in running:
            process.terminate()
            try:
                process.wait(SECONDS_TO_FINISH)
            except subprocess.TimeoutExpired:
                process.kill()
