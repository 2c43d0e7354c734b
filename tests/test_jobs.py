"""Jobs: in the transaction or not at all, tried again with patience, seen by administrators."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import inspect

from engine import outbox
from engine.jobs import Jobs, Rhythm
from engine.outbox import GivenUp
from engine.problems import NotAllowed, NotFound, NotPossible
from engine.schema.system_tables import job, worker
from engine.schema.upgrade import migrations
from engine.text import Message, say
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

QUICK = Rhythm(look=0.05, heartbeat=0.2, dead_after=2.0, tidy=0.3, lost_after=60, waits=(0.05, 0.1))


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@contextmanager
def working(workspace: Workspace, handlers: Mapping[str, Any], rhythm: Rhythm = QUICK) -> Iterator[None]:
    stopped = threading.Event()
    jobs = Jobs(workspace.database, handlers, rhythm=rhythm)
    thread = threading.Thread(target=jobs.run, args=(stopped,))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def enqueue(workspace: Workspace, *keys: str, kind: str = "note") -> None:
    with workspace.writing() as transaction:
        outbox.enqueue(transaction, kind, [(key, {"key": key}) for key in keys])


def states(workspace: Workspace) -> dict[str, str]:
    with workspace.reading() as transaction:
        return {each.key: each.state for each in outbox.page_of(transaction, 1_000)}


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_a_committed_job_is_done_once_for_its_key(shop: Workspace) -> None:
    done: list[str] = []
    with working(shop, {"note": lambda payload: done.append(payload["key"])}):
        enqueue(shop, "a", "b", "a")
        enqueue(shop, "a", *(f"more-{number}" for number in range(60)))
        until(lambda: set(states(shop).values()) == {"done"})
        enqueue(shop, "b")
        time.sleep(0.3)
    assert sorted(done) == sorted(["a", "b", *(f"more-{number}" for number in range(60))])


def test_what_is_undone_is_never_done(shop: Workspace) -> None:
    def fail() -> None:
        with shop.writing() as transaction:
            outbox.enqueue(transaction, "note", [("undone", {})])
            raise ZeroDivisionError

    done: list[Any] = []
    with working(shop, {"note": done.append}):
        with pytest.raises(ZeroDivisionError):
            fail()
        enqueue(shop, "kept")
        until(lambda: states(shop) == {"kept": "done"})
    assert done == [{"key": "kept"}]


def test_a_failure_is_tried_again_and_told(shop: Workspace) -> None:
    tries: list[str] = []

    def stumble(payload: Mapping[str, Any]) -> Message | None:
        tries.append(payload["key"])
        if payload["key"] == "never":
            raise GivenUp(say("yes"))
        if payload["key"] == "always" or tries.count(payload["key"]) < 3:
            raise OSError("The line is busy")
        return say("yes")

    with working(shop, {"note": stumble}):
        enqueue(shop, "third", "always", "never")
        until(lambda: sorted(states(shop).values()) == ["done", "failed", "failed"])
        with shop.reading() as transaction:
            found = {each.key: each for each in outbox.page_of(transaction, 10)}
        assert {name: tries.count(name) for name in found} == {"third": 3, "always": 3, "never": 1}
        assert (found["third"].reason, found["third"].told("zh")) == ("yes", "是")
        assert found["always"].told("zh") == "OSError: The line is busy"
        assert (found["always"].attempts, found["always"].reason) == (3, "OSError: The line is busy")
        with shop.writing() as transaction:
            outbox.retry(transaction, found["always"].id)
        until(lambda: tries.count("always") == 4)
        until(lambda: states(shop)["always"] == "failed")


def test_what_the_job_engine_lost_is_opened_again(shop: Workspace) -> None:
    enqueue(shop, "lost")
    with shop.writing() as transaction:
        transaction.connection.execute(job.update().values(state="running", worker="gone"))
    done: list[Any] = []
    rhythm = Rhythm(look=0.05, heartbeat=0.2, tidy=0.1, lost_after=0.0, waits=(0.05,))
    with working(shop, {"note": done.append}, rhythm):
        until(lambda: states(shop) == {"lost": "done"})
    assert len(done) == 1


def test_a_worker_says_that_it_lives_and_signs_off(shop: Workspace) -> None:
    def workers() -> int:
        with shop.reading() as transaction:
            return len(outbox.workers(transaction))

    with working(shop, {}):
        until(lambda: workers() == 1)
    assert workers() == 0


def test_jobs_are_for_administrators(shop: Workspace) -> None:
    enqueue(shop, "a")
    with shop.writing() as transaction:
        transaction.connection.execute(job.update().values(state="running"))
    asked: list[Callable[[Any], object]] = [
        lambda transaction: outbox.page_of(transaction, 1),
        outbox.counts,
        outbox.workers,
        lambda transaction: outbox.retry(transaction, 1),
    ]
    ann = person(shop, "ann")
    for ask in asked:
        with shop.writing(ann) as transaction, pytest.raises(NotAllowed, match="for administrators only"):
            ask(transaction)
    with shop.writing(SYSTEM) as transaction:
        assert outbox.counts(transaction)["running"] == 1
        with pytest.raises(NotPossible, match="Job 1 has not failed"):
            outbox.retry(transaction, 1)
        with pytest.raises(NotFound, match="There is no job 7"):
            outbox.retry(transaction, 7)


def test_the_migration_makes_the_same_tables(shop: Workspace) -> None:
    def shape() -> list[object]:
        with shop.reading() as transaction:
            found = inspect(transaction.connection)
            return [
                (
                    [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
                    sorted(str(each["name"]) for each in found.get_indexes(name)),
                )
                for name in (job.name, worker.name)
            ]

    before = shape()
    steps = [each for each in migrations().values() if "_job" in each.__module__]
    with shop.writing() as transaction:
        job.drop(transaction.connection)
        worker.drop(transaction.connection)
        for upgrade in steps:
            upgrade(transaction.connection)
    assert shape() == before
