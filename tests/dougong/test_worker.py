"""Worker processes that are killed: another one takes over, and nothing is lost or sent again."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from engine import notifications, outbox
from engine.text import say
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
