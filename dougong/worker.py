"""The process that works on jobs: what each kind of job does, and how the process begins and ends."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dougong.settings import Settings
from engine.jobs import Jobs, Rhythm
from engine.mail import MailServer, mail_handler, read_server
from engine.timers import due_timers, timer_handler
from engine.workspace import Workspace, open_workspace

COMMAND = (sys.executable, "-c", "from dougong.cli import main; main()", "worker", "--beside-server")
SECONDS_TO_FINISH = 25
SECONDS_BETWEEN_STARTS = 2.0
SECONDS_BETWEEN_LOOKS = 1.0


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server, if there is one; Refused with what would be right when it is written wrongly."""
    return read_server(settings.smtp, settings.mail_from, settings.site) if settings.smtp else None


def make_jobs(workspace: Workspace, settings: Settings, rhythm: Rhythm | None = None) -> Jobs:
    """The jobs of a workspace; Refused when the mail server is written wrongly."""
    server = mail_server(settings)
    handlers = {"mail": mail_handler(workspace, server), "timer": timer_handler(workspace)}
    return Jobs(workspace.database, handlers, sources=(due_timers(workspace),), rhythm=rhythm)


def work(settings: Settings, beside_server: bool, rhythm: Rhythm | None = None) -> None:
    """Works on jobs until the process is told to stop; beside a server also when that is gone."""
    workspace = open_workspace(settings.database)
    try:
        jobs = make_jobs(workspace, settings, rhythm)
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        # Ctrl-C reaches the processes beside a server as well; the server ends this one when it has finished.
        signal.signal(signal.SIGINT, signal.SIG_IGN if beside_server else lambda *_: stopped.set())
        if beside_server:
            threading.Thread(target=_stop_with_parent, args=(stopped,), daemon=True).start()
        jobs.run(stopped)
    finally:
        workspace.close()


def _stop_with_parent(stopped: threading.Event) -> None:
    """A server that was killed cannot end its worker; on Windows the number of the parent stays."""
    parent = os.getppid()
    while not stopped.wait(SECONDS_BETWEEN_LOOKS):
        if os.getppid() != parent:
            stopped.set()


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
            while process.poll() is None and not stopped.wait(SECONDS_BETWEEN_LOOKS / 4):
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
