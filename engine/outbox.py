"""Jobs to be done after a transaction, written in it: undone with it, and otherwise done once for each key.

Nothing here knows the job engine. A row costs a transaction some microseconds; jobs.py hands it over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from engine.problems import NotAllowed, NotFound, NotPossible, Refused
from engine.schema.system_tables import job, worker
from engine.schema.upsert import INSERT
from engine.text import say
from engine.transaction import Transaction, require_no_scope

STATES = ("waiting", "handed", "running", "failed", "done")


class GivenUp(Refused):
    """A job cannot be done, and trying again would not help."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as administrators see it."""

    id: int
    key: str
    kind: str
    payload: Mapping[str, Any]
    state: str
    due_at: datetime
    attempts: int
    created_at: datetime
    changed_at: datetime
    worker: str | None
    reason: str | None
    words: Mapping[str, str] | None

    def told(self, locale: str) -> str:
        """Why it failed or nothing was to do; what comes from elsewhere is in the language it came in."""
        return (self.words or {}).get(locale) or self.reason or ""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works on jobs, or did."""

    name: str
    host: str
    process: int
    started_at: datetime
    seen_at: datetime


def enqueue(transaction: Transaction, kind: str, jobs: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Has jobs of one kind, (key, payload) each, done once the transaction is committed.

    A key that was used before changes nothing.
    """
    now = transaction.now
    shared = {
        "kind": kind,
        "state": "waiting",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
        "changed_at": now,
    }
    rows = [{"key": key, "payload": dict(payload), **shared} for key, payload in jobs]
    if rows:
        statement = INSERT[transaction.dialect](job).on_conflict_do_nothing(index_elements=["key"])
        transaction.connection.execute(statement, rows)


def page_of(
    transaction: Transaction, limit: int, states: Sequence[str] = STATES, before: int | None = None
) -> list[Job]:
    """Jobs in these states, the newest first; `before` is the id after which to go on. For administrators."""
    _only_administrators(transaction)
    statement = select(job).where(job.c.state.in_(states))
    if before is not None:
        statement = statement.where(job.c.id < before)
    rows = transaction.connection.execute(statement.order_by(job.c.id.desc()).limit(limit))
    return [Job(**row) for row in rows.mappings()]


def counts(transaction: Transaction) -> dict[str, int]:
    """State → how many jobs are in it. For administrators."""
    _only_administrators(transaction)
    found = transaction.connection.execute(
        select(job.c.state, func.count().label("number")).group_by(job.c.state)
    )
    return dict.fromkeys(STATES, 0) | {row.state: row.number for row in found}


def workers(transaction: Transaction) -> list[Worker]:
    """The processes that work on jobs, the one seen last first. For administrators."""
    _only_administrators(transaction)
    rows = transaction.connection.execute(select(worker).order_by(worker.c.seen_at.desc()))
    return [Worker(**row) for row in rows.mappings()]


def retry(transaction: Transaction, identity: int) -> None:
    """Has a failed job tried again at once, or one that waits for its next attempt. For administrators."""
    _only_administrators(transaction)
    state = transaction.connection.execute(select(job.c.state).where(job.c.id == identity)).scalar()
    if state is None:
        raise NotFound(say("There is no job {id}.", id=identity))
    done = transaction.connection.execute(
        update(job)
        .where(job.c.id == identity, job.c.state.in_(("failed", "waiting")))
        .values(state="waiting", due_at=transaction.now, changed_at=transaction.now)
    )
    if not done.rowcount:
        raise NotPossible(
            say("Job {id} has not failed: only what failed or waits can be tried again.", id=identity)
        )


def _only_administrators(transaction: Transaction) -> None:
    if not transaction.actor.administrator:
        raise NotAllowed(say("Jobs are for administrators only."))
    require_no_scope(transaction.actor)
