"""Calls of the API: counted for all processes together, at the cost of few writes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.access.calls import Calls
from engine.access.limits import TooMany
from engine.schema.system_tables import attempt
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def admitted(calls: Calls, caller: str, now: datetime = NOW) -> bool:
    try:
        calls.admit(caller, now)
    except TooMany:
        return False
    return True


def test_two_processes_share_what_is_allowed(shop: Workspace) -> None:
    processes = [Calls(shop, 40), Calls(shop, 40)]
    for each in processes:
        each.know("ann")
    passed = sum(admitted(processes[number % 2], "ann") for number in range(100))
    assert passed == 40
    with pytest.raises(TooMany, match="More than 40 calls in a minute") as refused:
        processes[0].admit("ann", NOW)
    assert refused.value.seconds == 53
    assert admitted(processes[0], "ann", NOW + timedelta(seconds=53))


def test_counting_costs_a_write_for_a_block(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(shop, 200)
    calls.know("ann")
    before = shop.database.commits
    assert all(admitted(calls, "ann") for _ in range(100))
    assert shop.database.commits - before == 10


def test_threads_take_no_more_than_is_allowed(shop: Workspace) -> None:
    calls = Calls(shop, 60)
    calls.know("ann")
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: admitted(calls, "ann"), range(120))) <= 60


def test_made_up_callers_cost_nothing_and_one_does_not_slow_another(shop: Workspace) -> None:
    calls = Calls(shop, 20)
    calls.know("ann")
    assert all(admitted(calls, f"made up {number}") for number in range(50))
    assert sum(admitted(calls, "ann") for _ in range(30)) == 20
    calls.know("bob")
    assert admitted(calls, "bob")
    with shop.reading() as transaction:
        kept = set(transaction.connection.execute(select(attempt.c.subject)).scalars())
    assert kept == {"ann", "bob"}


def test_there_may_be_no_limit(shop: Workspace) -> None:
    calls = Calls(shop, 0)
    calls.know("ann")
    assert all(admitted(calls, "ann") for _ in range(50))
