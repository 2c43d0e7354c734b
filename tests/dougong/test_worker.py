"""Worker processes that are killed: another one takes over, and nothing is lost or sent again."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import notifications, outbox
from engine.commands import create_record
from engine.records.history import timeline
from engine.schema.workflow_tables import workflow_timer
from engine.text import say
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.mail_server import Mailbox
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

WORK = """
import os
from dougong.settings import read_settings
from dougong.worker import work
from engine.jobs import Rhythm
rhythm = Rhythm(look=0.05, heartbeat=0.3, dead_after=5.0, tidy=1.0, waits=(0.2, 0.5, 1.0))
work(read_settings(os.environ), beside_server=False, rhythm=rhythm)
"""
PEOPLE, SENTENCES = 5, 16


@contextmanager
def worker(workspace: Workspace, mailbox: Mailbox) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of the workspace; killed at the end."""
    environment = {
        **os.environ,
        "DOUGONG_DATABASE": workspace.database.url.render_as_string(hide_password=False),
        "DOUGONG_SMTP_URL": mailbox.url,
        "DOUGONG_MAIL_FROM": "dougong@example.org",
    }
    process = subprocess.Popen([sys.executable, "-c", WORK], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def states(workspace: Workspace) -> Counter[str]:
    with workspace.reading() as transaction:
        return Counter({name: count for name, count in outbox.counts(transaction).items() if count})


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(publish: Publish, mailbox: Mailbox) -> None:
    shop = publish(SHOP)
    people = [person(shop, f"p{number}", email=f"p{number}@example.org").id or 0 for number in range(PEOPLE)]
    mailbox.seconds = 0.03
    with ExitStack() as running:
        first = running.enter_context(worker(shop, mailbox))
        running.enter_context(worker(shop, mailbox))
        until(lambda: len(_workers(shop)) == 2)
        with shop.writing() as transaction:
            told = [
                each
                for number in range(SENTENCES)
                for each in notifications.notify(transaction, people, say("yes"), None, "task", f"k{number}")
            ]
        until(lambda: len(mailbox.ids) >= 20)
        first.send_signal(signal.SIGKILL)
        first.wait()
        done = {message_id(each.payload["notification"]) for each in _done(shop)}
        until(lambda: states(shop) == {"done": len(told)})
    delivered = Counter(mailbox.ids)
    assert set(delivered) == {message_id(each) for each in told}
    assert {each: delivered[each] for each in done if delivered[each] > 1} == {}
    # What was under way when the process died may have been accepted without its knowing.
    assert sum(delivered.values()) - len(told) <= 32


def _workers(workspace: Workspace) -> list[outbox.Worker]:
    with workspace.reading() as transaction:
        return outbox.workers(transaction)


def _done(workspace: Workspace) -> list[outbox.Job]:
    with workspace.reading() as transaction:
        return outbox.page_of(transaction, 1_000, ("done",))


def message_id(notification: int) -> str:
    return f"<notification-{notification}@example.org>"


@pytest.mark.slow
def test_a_worker_ends_when_it_is_told_and_finishes_what_it_began(publish: Publish, mailbox: Mailbox) -> None:
    shop = publish(SHOP)
    ann = person(shop, "ann", email="ann@example.org").id or 0
    mailbox.seconds = 0.5
    with worker(shop, mailbox) as process:
        with shop.writing() as transaction:
            notifications.notify(transaction, [ann], say("yes"), None, "task", "k")
        until(lambda: states(shop) == {"running": 1})
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (states(shop), len(mailbox.ids)) == ({"done": 1}, 1)
    assert _workers(shop) == []


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "copies"), [("before", 1), ("after", 2)])
def test_killed_around_the_acceptance(publish: Publish, mailbox: Mailbox, moment: str, copies: int) -> None:
    """Before the server's word nothing is doubled; after it, before the note, a copy of the same id."""
    shop = publish(SHOP)
    ann = person(shop, "ann", email="ann@example.org").id or 0
    killed: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        while killed:
            process = killed.pop()
            process.send_signal(signal.SIGKILL)
            process.wait()

    if moment == "before":
        mailbox.before_acceptance = lambda: (kill(), "451 Nobody is there to hear it")[1] if killed else None
    else:
        mailbox.before_acceptance = lambda: kill() if killed else None
    with worker(shop, mailbox) as process:
        killed.append(process)
        with shop.writing() as transaction:
            (told,) = notifications.notify(transaction, [ann], say("yes"), None, "task", "k")
        until(lambda: not killed)
    with worker(shop, mailbox):
        until(lambda: states(shop) == {"done": 1})
    assert mailbox.ids == [message_id(told)] * copies


LATE = """
app: late
entities:
  lead:
    fields:
      name: {type: text}
    workflow:
      stages: {new: {}, lost: {final: true}}
      transitions:
        cold: {from: new, to: lost, after: 90 days}
  chore:
    fields:
      name: {type: text}
      owner: {type: user}
    workflow:
      stages:
        open: {due: 2 working hours, overdue: {remind: [owner], every: 1 day, at_most: 2}}
        closed: {final: true}
      transitions:
        close: {from: open, to: closed}
calendars:
  office: {week: {mon-fri: ["09:00-18:00"]}}
"""
RECORDS = 30


@pytest.mark.slow
def test_timers_fire_once_though_their_worker_is_killed(publish: Publish, mailbox: Mailbox) -> None:
    late = publish(LATE)
    ann = person(late, "ann", email="ann@example.org")
    names = [{"name": str(number)} for number in range(RECORDS)]
    leads = [create_record(late, SYSTEM, "late.lead", each)["id"] for each in names]
    for each in names:
        create_record(late, SYSTEM, "late.chore", {**each, "owner": ann.id})
    mailbox.seconds = 0.02
    with ExitStack() as running:
        first = running.enter_context(worker(late, mailbox))
        running.enter_context(worker(late, mailbox))
        until(lambda: len(_workers(late)) == 2)
        with late.writing() as transaction:
            timers = workflow_timer.update().values(due_at=transaction.now - timedelta(hours=1))
            assert transaction.connection.execute(timers).rowcount == 2 * RECORDS
        until(lambda: len(mailbox.ids) >= 5)
        first.send_signal(signal.SIGKILL)
        # A timer and a mail for each reminder, a timer for each lead.
        until(lambda: states(late) == {"done": 3 * RECORDS})
    with late.reading(ann) as transaction:
        assert notifications.unread_count(transaction) == RECORDS
    with late.reading() as transaction:
        fired = Counter(
            (row.kind, row.number, row.fired_at is not None)
            for row in transaction.connection.execute(select(workflow_timer))
        )
        moves = [
            [event.to_stage for event in timeline(transaction, "late.lead", lead) if event.transition]
            for lead in leads
        ]
    assert moves == [["lost"]] * RECORDS
    # Each chore has its second reminder before it.
    assert fired == {
        ("transition", 1, True): RECORDS,
        ("stage", 1, True): RECORDS,
        ("stage", 2, False): RECORDS,
    }
    assert len(set(mailbox.ids)) == RECORDS
