"""Two people at once, with real concurrent transactions: exactly one outcome, nothing lost, nothing twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from engine import commands
from engine.problems import InputRefused, NotPossible, Stale
from engine.records import history
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish

ROUNDS = 20
AT_ONCE = 4


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def together(act: Callable[[int], Any]) -> list[Any]:
    """Runs `act` in several threads that start at the same moment; gives results and refusals."""
    barrier = Barrier(AT_ONCE)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        except (Stale, InputRefused, NotPossible) as refusal:
            return refusal

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_of_several_changes_to_one_revision_one_wins(shop: Workspace) -> None:
    identity = commands.create_record(shop, SYSTEM, "shop.customer", {"name": "Ada"})["id"]
    for revision in range(1, ROUNDS + 1):
        outcomes = together(
            lambda number, revision=revision: commands.update_record(
                shop, SYSTEM, "shop.customer", identity, {"city": f"{revision}-{number}"}, revision
            )
        )
        won = [each for each in outcomes if isinstance(each, dict)]
        assert len(won) == 1
        assert won[0]["revision"] == revision + 1
        assert all(isinstance(each, Stale) for each in outcomes if each is not won[0])
    with shop.reading() as transaction:
        assert len(history.timeline(transaction, "shop.customer", identity)) == ROUNDS + 1


def test_of_several_equal_names_one_is_taken(shop: Workspace) -> None:
    for number in range(ROUNDS):
        outcomes = together(
            lambda _, number=number: commands.create_record(
                shop, SYSTEM, "shop.customer", {"name": f"Customer {number}"}
            )
        )
        assert sum(isinstance(each, dict) for each in outcomes) == 1
        refusals = [str(each) for each in outcomes if isinstance(each, InputRefused)]
        assert refusals == ["name: Another Customer has this Name already."] * (AT_ONCE - 1)


def test_numbers_are_given_once(shop: Workspace) -> None:
    customer = commands.create_record(shop, SYSTEM, "shop.customer", {"name": "Ada"})["id"]
    numbers = [
        outcome["number"]
        for _ in range(ROUNDS)
        for outcome in together(
            lambda _: commands.create_record(shop, SYSTEM, "shop.order", {"customer": customer})
        )
    ]
    assert sorted(int(number[-3:]) for number in numbers) == list(range(1, ROUNDS * AT_ONCE + 1))


def test_a_double_click_moves_once(shop: Workspace) -> None:
    customer = commands.create_record(shop, SYSTEM, "shop.customer", {"name": "Ada"})["id"]
    values = {"customer": customer, "lines": [{"text": "Tea", "price": "1"}]}
    for _ in range(ROUNDS):
        identity = commands.create_record(shop, SYSTEM, "shop.order", values)["id"]
        outcomes = together(
            lambda _, identity=identity: commands.fire_transition(
                shop, SYSTEM, "shop.order", identity, "ship"
            )
        )
        assert sum(isinstance(each, dict) for each in outcomes) == 1
        assert sum(isinstance(each, NotPossible) for each in outcomes) == AT_ONCE - 1
        with shop.reading() as transaction:
            events = history.timeline(transaction, "shop.order", identity)
        assert [event.kind for event in events] == ["transition", "created"]
