"""Timers as jobs: whatever is due is put into the outbox once, and a job of it fires the timer.

The timers themselves are rows of approvals and stages. Firing one takes the same door as a person: one whose
record has moved on meanwhile does nothing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, select

from engine.commands import fire_timer
from engine.outbox import enqueue
from engine.schema.system_tables import job
from engine.schema.workflow_tables import workflow_timer
from engine.text import Message, Text, say
from engine.workspace import Workspace

AT_ONCE = 100


def due_timers(workspace: Workspace) -> Callable[[], None]:
    """What is asked at every look: enqueues the timers that are due and not enqueued yet."""

    def look() -> None:
        table = workflow_timer
        key = "timer-" + table.c.key
        due = (
            select(table.c.id, key.label("job"))
            .where(table.c.fired_at.is_(None), table.c.due_at <= datetime.now(UTC))
            .where(~exists().where(job.c.key == key))
            .order_by(table.c.due_at, table.c.id)
            .limit(AT_ONCE)
        )
        with workspace.database.reading() as connection:
            found = connection.execute(due).all()
        if found:
            with workspace.writing() as transaction:
                enqueue(transaction, "timer", [(each.job, {"timer": each.id}) for each in found])

    return look


def timer_handler(workspace: Workspace) -> Callable[[Mapping[str, Any]], Message | Text | None]:
    """What a job `timer` does; the answer says why nothing came of it, if so."""

    def fire(payload: Mapping[str, Any]) -> Message | Text | None:
        outcome = fire_timer(workspace, int(payload["timer"]), datetime.now(UTC))
        return OUTCOMES[outcome] if isinstance(outcome, str) else outcome

    return fire


OUTCOMES: Mapping[str, Message | None] = {
    "done": None,
    "stale": say("It was not needed any more: the record or the task had moved on."),
}
