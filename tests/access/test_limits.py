"""Failed sign-ins are counted, by everybody together, and for a while only."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.access.limits import (
    SECONDS,
    SIGN_INS,
    TooMany,
    begin_sign_in,
    sign_in_succeeded,
    whose_sign_in,
)
from engine.schema.system_tables import attempt
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish

SOMEWHERE = "203.0.113.7"


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def attempt_at(workspace: Workspace, username: str, address: str, later: int = 0) -> int | None:
    """One attempt at a fixed moment, `later` seconds after it."""
    with workspace.writing() as transaction:
        begun = transaction.now.replace(minute=0, second=1, microsecond=0)
        then = replace(transaction, now=begun + timedelta(seconds=later))
        return begin_sign_in(then, whose_sign_in(username, address))


def test_an_account_is_closed_after_some_failures_until_the_window_ends(shop: Workspace) -> None:
    for _ in range(SIGN_INS["account"]):
        assert attempt_at(shop, "ann", SOMEWHERE) is None
    assert attempt_at(shop, " Ann ", "198.51.100.1", later=10) == SECONDS - 11
    assert attempt_at(shop, "bob", SOMEWHERE) is None
    assert attempt_at(shop, "ann", SOMEWHERE, later=SECONDS) is None
    with shop.reading() as transaction:
        count = transaction.connection.execute(select(func.count()).select_from(attempt)).scalar_one()
    assert count == 2  # what was counted in the window before is gone


def test_an_address_is_closed_whatever_the_names(shop: Workspace) -> None:
    for number in range(SIGN_INS["address"]):
        assert attempt_at(shop, f"name{number}", SOMEWHERE) is None
    assert attempt_at(shop, "another", SOMEWHERE) is not None
    assert attempt_at(shop, "another", "198.51.100.1") is None


def test_success_opens_the_account_and_does_not_count_for_the_address(shop: Workspace) -> None:
    for _ in range(SIGN_INS["address"] + 5):
        with shop.writing() as transaction:
            whose = whose_sign_in("ann", SOMEWHERE)
            assert begin_sign_in(transaction, whose) is None
            sign_in_succeeded(transaction, whose)


def test_attempts_at_one_moment_are_all_counted(shop: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: attempt_at(shop, "ann", SOMEWHERE), range(20)))
    assert sum(wait is None for wait in waits) == SIGN_INS["account"]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        (None, None),
        ("nonsense", None),
    ],
)
def test_which_address_is_counted(address: str | None, counted: str | None) -> None:
    assert whose_sign_in("ann", address).get("address") == counted


def test_the_sentence_says_when() -> None:
    error = TooMany(61)
    assert str(error) == "There were too many failed sign-ins. Please try again in 2 minutes."
    assert error.message.to("zh") == "登录失败次数过多，请在 2 分钟后重试。"
