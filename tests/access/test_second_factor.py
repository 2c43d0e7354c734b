"""The second factor: a code is taken once, a recovery code too, and the secret is kept encrypted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from engine.access.rules import Rules
from engine.access.second_factor import (
    PERIOD,
    begin_second_factor,
    begun_second_factor,
    confirm_second_factor,
    has_second_factor,
    is_second_factor,
    needs_second_factor,
    recovery_codes_left,
    remove_second_factor,
)
from engine.access.site_key import SiteKey
from engine.problems import InputRefused, NotAllowed
from engine.schema.system_tables import recovery_code, second_factor
from engine.transaction import Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

KEY = SiteKey("a secret of the site that is long enough")


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    return person(shop, "ann")


def code_of(address: str, workspace: Workspace, later: int = 0) -> str:
    parsed = pyotp.parse_uri(address)
    assert isinstance(parsed, pyotp.TOTP)
    with workspace.reading() as transaction:
        return parsed.at(transaction.now, counter_offset=later)


def set_up(workspace: Workspace, actor: Actor) -> tuple[str, list[str]]:
    """The address that the phone read, and the recovery codes. The code of a moment ago is used up."""
    with workspace.writing(actor) as transaction:
        address = begin_second_factor(transaction, KEY, actor.id or 0)
    code = code_of(address, workspace, -1)
    with workspace.writing(actor) as transaction:
        return address, confirm_second_factor(transaction, KEY, actor.id or 0, code)


def takes(workspace: Workspace, actor: Actor, code: str, later: int = 0) -> bool:
    with workspace.writing(actor) as transaction:
        then = replace(transaction, now=transaction.now + timedelta(seconds=later))
        return is_second_factor(then, KEY, actor.id or 0, code)


def test_it_counts_once_a_code_was_entered(shop: Workspace, ann: Actor) -> None:
    with shop.writing(ann) as transaction:
        address = begin_second_factor(transaction, KEY, ann.id or 0)
        assert address.startswith("otpauth://totp/Dougong:ann?secret=")
        assert begun_second_factor(transaction, KEY, ann.id or 0) == address
        assert not has_second_factor(transaction, ann.id or 0)
        with pytest.raises(InputRefused, match="The code is not right"):
            confirm_second_factor(transaction, KEY, ann.id or 0, "000000x")
    set_up(shop, ann)
    with shop.reading() as transaction:
        assert has_second_factor(transaction, ann.id or 0)
        assert begun_second_factor(transaction, KEY, ann.id or 0) is None
    with shop.writing(ann) as transaction, pytest.raises(NotAllowed, match="Remove it first"):
        begin_second_factor(transaction, KEY, ann.id or 0)


def test_a_code_is_taken_once(shop: Workspace, ann: Actor) -> None:
    address, _ = set_up(shop, ann)
    code = code_of(address, shop)
    assert takes(shop, ann, f"{code[:3]} {code[3:]}")
    assert not takes(shop, ann, code)
    assert not takes(shop, ann, code_of(address, shop, -1)), "an earlier one neither"


def test_of_two_requests_with_one_code_one_passes(shop: Workspace, ann: Actor) -> None:
    address, _ = set_up(shop, ann)
    code = code_of(address, shop)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: takes(shop, ann, code), range(6))) == 1


def test_a_clock_may_be_wrong_by_one_period(shop: Workspace, ann: Actor) -> None:
    address, _ = set_up(shop, ann)
    code = code_of(address, shop, 1)
    assert not takes(shop, ann, code, later=4 * PERIOD)
    assert takes(shop, ann, code)


def test_a_recovery_code_opens_once_and_only_for_its_person(shop: Workspace, ann: Actor) -> None:
    bob = person(shop, "bob")
    _, codes = set_up(shop, ann)
    set_up(shop, bob)
    assert len(set(codes)) == 10
    assert not takes(shop, bob, codes[0])
    assert takes(shop, ann, f" {codes[0].upper()} ")
    assert not takes(shop, ann, codes[0])
    with shop.reading() as transaction:
        assert recovery_codes_left(transaction, ann.id or 0) == 9


def test_nothing_that_opens_is_kept_as_it_is(shop: Workspace, ann: Actor) -> None:
    address, codes = set_up(shop, ann)
    secret = pyotp.parse_uri(address).secret
    with shop.reading() as transaction:
        kept = transaction.connection.execute(select(second_factor.c.secret)).scalar_one()
        hashes = set(transaction.connection.execute(select(recovery_code.c.code_hash)).scalars())
    assert secret not in kept
    assert KEY.unlock("secrets of second factors", kept) == secret
    assert SiteKey("another site").unlock("secrets of second factors", kept) is None
    assert KEY.unlock("another purpose", kept) is None
    assert not hashes & set(codes)
    assert "secret" not in repr(KEY)


def test_it_is_removed_by_its_person_and_by_administrators(shop: Workspace, ann: Actor) -> None:
    bob, boss = person(shop, "bob"), replace(person(shop, "boss"), administrator=True)
    address, codes = set_up(shop, ann)
    with shop.writing(bob) as transaction, pytest.raises(NotAllowed, match="Only administrators remove"):
        remove_second_factor(transaction, ann.id or 0)
    with shop.writing(boss) as transaction:
        remove_second_factor(transaction, ann.id or 0)
        assert not has_second_factor(transaction, ann.id or 0)
    assert not takes(shop, ann, code_of(address, shop))
    assert not takes(shop, ann, codes[0])


@pytest.mark.parametrize(
    ("rule", "administrator", "needed"),
    [
        ("", True, False),
        ("administrators", True, True),
        ("administrators", False, False),
        ("everybody", False, True),
    ],
)
def test_who_needs_one(rule: str, administrator: bool, needed: bool) -> None:
    actor = Actor(1, "ann", "Ann", frozenset(), administrator=administrator)
    assert needs_second_factor(actor, Rules(second_factor=rule)) is needed
