"""Jobs: the only file that knows the job engine (DBOS).

Transactions write jobs into the outbox. This process hands what is due over to DBOS, under the job's key and
the number of the attempt, so that handing over twice is once. DBOS spreads the work over threads and
processes.
How a job stands is kept in its own row. A process that dies leaves no heartbeat, and another one has its work
resumed.

The outbox rather than DBOS's own enqueue_in_transaction, which works too (measured, for 200 jobs: 142 ms on
SQLite and 264 ms on PostgreSQL, against 5 and 7 ms for rows of the outbox): the server's processes need not
load DBOS (37 MB and a second each), DBOS's tables and its polling stay out of people's SQLite file, and what
waits, runs or failed is asked by plain SQL.
"""

import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.outbox import GivenUp
from engine.problems import Refused
from engine.schema.database import Database
from engine.schema.system_tables import job, worker
from engine.schema.upsert import INSERT
from engine.text import LOCALES, Message, Text, say

LOG = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], Message | Text | None]
"""Does a job of one kind, given its payload; the answer says why there was nothing to do, if so.

What it raises is noted and tried again, except GivenUp.
"""

QUEUE = WORKFLOW = "dougong_job"
VERSION = "1"
"""Of the jobs as DBOS keeps them, not of Dougong: a newer process takes over the work of an older one."""

AT_ONCE = 32
BATCH = 100
LONGEST_REASON = 1_000
LOCK_NUMBER = 0x646F7567_6A6F6273
LIVE = ("ENQUEUED", "PENDING", "DELAYED")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often things are looked at, in seconds, and how long to wait after each attempt that failed."""

    look: float = 1.0
    heartbeat: float = 5.0
    dead_after: float = 20.0
    tidy: float = 60.0
    lost_after: float = 120.0
    waits: tuple[float, ...] = (30, 120, 600, 3_600, 6 * 3_600)
    notes: tuple[float, ...] = (0.1, 0.5, 2.0, 5.0)
    """How long to wait before each further try to note that a job is done."""
    keep_done: timedelta = timedelta(days=14)


class Jobs:
    """The jobs of a database as this process works on them; one a process, since DBOS is one a process.

    `sources` are asked at every look and may write jobs into the outbox, as those of timers that are due.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        sources: Sequence[Callable[[], None]] = (),
        rhythm: Rhythm | None = None,
    ) -> None:
        self.database = database
        self.handlers = handlers
        self.sources = sources
        self.rhythm = rhythm or Rhythm()
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._started_at = datetime.now(UTC)

        def attempt_at(identity: int, attempt: int) -> None:
            self._run(identity, attempt)

        # DBOS marks the function that it is given, which a method does not allow.
        self._workflow = DBOS.workflow(name=WORKFLOW)(attempt_at)

    def run(self, stopped: threading.Event) -> None:
        """Works until `stopped` is set; jobs that have begun are finished first."""
        self._launch()
        try:
            self._turn(stopped)
        finally:
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=20)
            with self.database.writing() as connection:
                connection.execute(delete(worker).where(worker.c.name == self.name))

    def _launch(self) -> None:
        config: DBOSConfig = {
            "name": "dougong",
            "system_database_url": _system_address(self.database),
            "application_version": VERSION,
            "executor_id": self.name,
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": AT_ONCE,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        self._beat()
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=AT_ONCE,
            polling_interval_sec=self.rhythm.look,
            on_conflict="always_update",
        )

    def _turn(self, stopped: threading.Event) -> None:
        rhythm = self.rhythm
        rounds = (
            (rhythm.look, self._look),
            (rhythm.heartbeat, self._beat),
            (rhythm.heartbeat, self._take_over),
            (rhythm.tidy, self._tidy),
        )
        last = [0.0 for _ in rounds]
        while not stopped.is_set():
            for number, (every, act) in enumerate(rounds):
                if time.monotonic() - last[number] >= every:
                    last[number] = time.monotonic()
                    try:
                        act()
                    except Exception:
                        # The database may be away for a moment; the next round finds what this one left.
                        LOG.exception("The round of the jobs could not be finished")
            stopped.wait(rhythm.look)

    def _look(self) -> None:
        for source in self.sources:
            source()
        while self._hand_over() == BATCH:
            pass

    def _hand_over(self) -> int:
        """Hands what is due over to DBOS, the oldest first; how many."""
        with self.database.reading() as connection:
            due = connection.execute(
                select(job.c.id, job.c.key, job.c.attempts)
                .where(job.c.state == "waiting", job.c.due_at <= _now())
                .order_by(job.c.due_at, job.c.id)
                .limit(BATCH)
            ).all()
        for each in due:
            with SetWorkflowID(_workflow_id(each.key, each.attempts)):
                DBOS.enqueue_workflow(QUEUE, self._workflow, each.id, each.attempts)
        if due:
            with self.database.writing() as connection:
                for each in due:
                    connection.execute(
                        update(job)
                        .where(job.c.id == each.id, job.c.state == "waiting", job.c.attempts == each.attempts)
                        .values(state="handed", changed_at=_now())
                    )
        return len(due)

    def _run(self, identity: int, attempt: int) -> None:
        """One attempt at a job. It may begin again after a process died: what is no longer open is left."""
        with self.database.writing() as connection:
            found = connection.execute(
                update(job)
                .where(
                    job.c.id == identity,
                    job.c.attempts == attempt,
                    job.c.state.in_(("waiting", "handed", "running")),
                )
                .values(state="running", worker=self.name, changed_at=_now())
                .returning(job.c.kind, job.c.payload)
            ).first()
        if found is None:
            return
        try:
            note = self._handler(found.kind)(found.payload)
        except Exception as error:
            LOG.warning("Attempt %s at job %s failed", attempt + 1, identity, exc_info=error)
            self._failed(identity, attempt, error)
        else:
            self._done(identity, note)

    def _done(self, identity: int, note: Message | Text | None) -> None:
        """Notes that a job is done. It is: while the database is away, the note is tried again."""
        for seconds in self.rhythm.notes:
            try:
                self._close(identity, state="done", **_told(note))
            except DBAPIError:
                LOG.warning("Job %s is done, and the note of it has to wait", identity, exc_info=True)
                time.sleep(seconds)
            else:
                return
        self._close(identity, state="done", **_told(note))

    def _handler(self, kind: str) -> Handler:
        if kind not in self.handlers:
            raise Refused(say("This version of Dougong knows no jobs of the kind “{kind}”.", kind=kind))
        return self.handlers[kind]

    def _failed(self, identity: int, attempt: int, error: Exception) -> None:
        waits = self.rhythm.waits
        foreign = f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        why = _told(error.message) if isinstance(error, Refused) else {"reason": foreign, "words": None}
        if isinstance(error, GivenUp) or attempt >= len(waits):
            self._close(identity, state="failed", attempts=attempt + 1, **why)
            return
        due = _now() + timedelta(seconds=waits[attempt])
        self._close(identity, state="waiting", attempts=attempt + 1, due_at=due, **why)

    def _close(self, identity: int, **values: Any) -> None:
        with self.database.writing() as connection:
            connection.execute(update(job).where(job.c.id == identity).values(changed_at=_now(), **values))

    def _beat(self) -> None:
        with self.database.writing() as connection:
            row = {
                "name": self.name,
                "host": socket.gethostname(),
                "process": os.getpid(),
                "started_at": self._started_at,
                "seen_at": _clock(connection),
            }
            statement = INSERT[self.database.dialect](worker).values(**row)
            seen = {"seen_at": row["seen_at"]}
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=seen))

    def _take_over(self) -> None:
        """Resumes what processes without a heartbeat were working on. Of several survivors one does it."""
        if not self._orphans():
            return
        with self.database.writing() as connection:
            if self.database.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
            orphans = self._orphans()
            if orphans:
                LOG.warning("Taking over %s jobs of processes that died", len(orphans))
                DBOS.resume_workflows(orphans, queue_name=QUEUE)

    def _orphans(self) -> list[str]:
        pending = DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
        if not pending:
            return []
        with self.database.reading() as connection:
            since = _clock(connection) - timedelta(seconds=self.rhythm.dead_after)
            alive = set(connection.execute(select(worker.c.name).where(worker.c.seen_at > since)).scalars())
        return [each.workflow_id for each in pending if each.executor_id not in alive]

    def _tidy(self) -> None:
        """Forgets what is done for long, and opens again what DBOS knows nothing of any more."""
        with self.database.reading() as connection:
            silent = connection.execute(
                select(job.c.id, job.c.key, job.c.attempts)
                .where(
                    job.c.state.in_(("handed", "running")),
                    job.c.changed_at < _now() - timedelta(seconds=self.rhythm.lost_after),
                )
                .limit(BATCH)
            ).all()
        ids = [_workflow_id(each.key, each.attempts) for each in silent]
        known = DBOS.list_workflows(workflow_ids=ids, status=list(LIVE), load_output=False) if ids else []
        live = {each.workflow_id for each in known}
        for each, workflow_id in zip(silent, ids, strict=True):
            if workflow_id not in live:
                why = _told(say("The job engine lost this job; it is tried again."))
                self._close(each.id, state="waiting", attempts=each.attempts + 1, **why)
        with self.database.writing() as connection:
            done = _now() - self.rhythm.keep_done
            connection.execute(delete(job).where(job.c.state == "done", job.c.changed_at < done))
            gone = _clock(connection) - timedelta(days=1)
            connection.execute(delete(worker).where(worker.c.seen_at < gone))
        hour_ago = (_now() - timedelta(hours=1)).isoformat()
        finished = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=hour_ago,
            limit=10 * BATCH,
            load_input=False,
            load_output=False,
        )
        if finished:
            DBOS.delete_workflows([each.workflow_id for each in finished])


def _workflow_id(key: str, attempt: int) -> str:
    return f"{key}#{attempt}"


def _told(note: Message | Text | None) -> dict[str, Any]:
    """A sentence as the row of a job keeps it: in English, and in every language."""
    if note is None:
        return {"reason": None, "words": None}
    words = {locale: note.to(locale)[:LONGEST_REASON] for locale in LOCALES}
    return {"reason": words["en"], "words": words}


def _now() -> datetime:
    return datetime.now(UTC)


def _clock(connection: Connection) -> datetime:
    """The database's own clock: those of several machines differ. All processes on SQLite share one."""
    if connection.dialect.name == "sqlite":
        return _now()
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def _system_address(database: Database) -> str:
    """Where DBOS keeps its tables: the schema `dbos` on PostgreSQL, a file beside ours on SQLite."""
    if database.dialect == "postgresql":
        return database.url.render_as_string(hide_password=False)
    assert database.url.database
    path = Path(database.url.database)
    beside = path.with_name(f"{path.stem}-jobs{path.suffix}")
    with sqlite3.connect(beside) as connection:
        # Without the log, every reader would wait for every writer.
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return f"sqlite:///{beside.as_posix()}"
