"""The process that works on jobs: what each kind of job does, and how the process begins and ends."""

import logging
import os
import signal
import threading

from dougong.beside import mail_server
from dougong.settings import Settings, field_keys, file_store, secret_key
from engine.access.site_key import SiteKey
from engine.files.sweep import unwanted_files
from engine.jobs import Jobs, Rhythm
from engine.letters import letter_handler
from engine.mail import mail_handler
from engine.releases.index_mending import mend_indexes
from engine.staff import MAIL
from engine.timers import due_timers, timer_handler
from engine.workspace import Workspace, open_workspace

LOG = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS = 1.0


def make_jobs(workspace: Workspace, settings: Settings, rhythm: Rhythm | None = None) -> Jobs:
    """The jobs of a workspace; Refused when the mail server is written wrongly."""
    server = mail_server(settings)
    handlers = {
        "mail": mail_handler(workspace, server),
        MAIL: letter_handler(workspace, server, SiteKey(secret_key(settings.data))),
        "timer": timer_handler(workspace),
    }
    sources = (due_timers(workspace), unwanted_files(workspace, file_store(settings)))
    return Jobs(workspace.database, handlers, sources=sources, rhythm=rhythm)


def work(settings: Settings, beside_server: bool, rhythm: Rhythm | None = None) -> None:
    """Works on jobs until the process is told to stop; beside a server also when that is gone."""
    workspace = open_workspace(settings.database, field_keys(settings))
    stopped = threading.Event()
    try:
        jobs = make_jobs(workspace, settings, rhythm)
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        # Ctrl-C reaches the processes beside a server as well; the server ends this one when it has finished.
        signal.signal(signal.SIGINT, signal.SIG_IGN if beside_server else lambda *_: stopped.set())
        if beside_server:
            threading.Thread(target=_stop_with_parent, args=(stopped,), daemon=True).start()
        mend_in_background(workspace, stopped)
        jobs.run(stopped)
    finally:
        stopped.set()
        workspace.close()


def mend_in_background(workspace: Workspace, stopped: threading.Event) -> None:
    """Makes indexes that are missing while jobs are worked on already; a large one takes its time."""

    def mend() -> None:
        try:
            catalog = workspace.catalog
            made = mend_indexes(workspace.database, catalog.tables, catalog.release)
        except Exception:
            # Its database is closed under it when the worker ends.
            if not stopped.is_set():
                LOG.exception("Indexes that are missing could not be made; `dougong plan` shows them")
        else:
            for name in made:
                LOG.warning("The index %s was missing and is there again", name)

    threading.Thread(target=mend, daemon=True).start()


def _stop_with_parent(stopped: threading.Event) -> None:
    """A server that was killed cannot end its worker; on Windows the number of the parent stays."""
    parent = os.getppid()
    while not stopped.wait(SECONDS_BETWEEN_LOOKS):
        if os.getppid() != parent:
            stopped.set()
