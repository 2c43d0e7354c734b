"""Sessions: found by the cookie's secret alone; ended by time, by hand, with their person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from engine.access.accounts import grant_roles
from engine.access.actors import ADMINISTRATOR
from engine.access.audit import Sought, page_of
from engine.access.browsers import browser_and_system
from engine.access.rules import Rules
from engine.access.sessions import (
    OLD_SECRET,
    Device,
    Opened,
    begin_session,
    drop_sessions,
    end_others,
    end_session,
    find_session,
    is_worth_noting,
    note_seen,
    renew_all,
    renew_session,
    sessions_of,
    sign_out,
)
from engine.problems import NotAllowed, NotFound
from engine.schema.prepared import Prepared
from engine.schema.system_tables import session
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

RULES = Rules(idle=timedelta(hours=2), longest=timedelta(hours=8))
DESK = Device("203.0.113.7", "Firefox", "Linux")


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    return person(shop, "ann")


def signed_in(workspace: Workspace, actor: Actor, device: Device = DESK) -> str:
    with workspace.writing(actor) as transaction:
        return begin_session(transaction, actor.id or 0, device, RULES)


def found(workspace: Workspace, secret: str, later: timedelta = timedelta()) -> Opened | None:
    return find_session(workspace, secret, datetime.now(UTC) + later, RULES)


def known(workspace: Workspace, secret: str) -> Opened:
    opened = found(workspace, secret)
    assert opened is not None
    return opened


def test_the_secret_opens_the_session_of_its_person_with_all_roles(shop: Workspace, ann: Actor) -> None:
    with shop.writing(SYSTEM) as transaction:
        grant_roles(transaction, ann.id or 0, ["shop.chief"])
    opened = known(shop, signed_in(shop, ann))
    assert (opened.actor.id, opened.actor.roles) == (ann.id, {"shop.chief", "shop.clerk"})
    assert found(shop, "guessed") is None


def test_only_the_hash_of_the_secret_is_kept(shop: Workspace, ann: Actor) -> None:
    secret = signed_in(shop, ann)
    with shop.reading() as transaction:
        (row,) = transaction.connection.execute(select(session)).mappings()
    assert secret not in str(dict(row))
    assert (row["address"], row["browser"], row["system"]) == ("203.0.113.7", "Firefox", "Linux")


def test_it_is_found_in_one_statement_with_the_current_release(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = publish(SHOP)
    ann = person(shop, "ann")
    secret = signed_in(shop, ann)
    other = Workspace(shop.database)
    publish(SHOP, "app: further\nentities:\n  thing:\n    fields:\n      name: {type: text}\n")
    assert other.catalog.release == 1
    assert known(other, secret).actor.id == ann.id
    assert other.catalog.release == 2
    asked: list[str] = []
    rows = Prepared.rows

    def noted(prepared: Prepared, connection: Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        asked.append(prepared.text)
        return rows(prepared, connection, parameters)

    def never(*_: object) -> None:
        raise AssertionError("another statement was sent")

    monkeypatch.setattr(Prepared, "rows", noted)
    event.listen(other.database.engine, "before_cursor_execute", never)
    known(other, secret)
    event.remove(other.database.engine, "before_cursor_execute", never)
    assert len(asked) == 1
    assert "dougong_release" in asked[0]
    assert "dougong_session" in asked[0]


@pytest.mark.parametrize(
    ("later", "open_still"),
    [
        (timedelta(minutes=119), True),
        (timedelta(minutes=121), False),
    ],
)
def test_it_ends_when_nothing_was_asked_for_a_while(
    shop: Workspace, ann: Actor, later: timedelta, open_still: bool
) -> None:
    assert (found(shop, signed_in(shop, ann), later) is not None) is open_still


def test_it_ends_at_its_last_moment_however_much_it_is_used(shop: Workspace, ann: Actor) -> None:
    secret = signed_in(shop, ann)
    for hours in (1, 2.5, 4, 5.5, 7):
        with shop.writing(ann) as transaction:
            then = replace(transaction, now=transaction.now + timedelta(hours=hours))
            note_seen(then, known_at(shop, secret, hours), "203.0.113.8")
    assert found(shop, secret, timedelta(hours=7, minutes=50)) is not None
    assert found(shop, secret, timedelta(hours=8, minutes=1)) is None


def known_at(workspace: Workspace, secret: str, hours: float) -> Opened:
    opened = found(workspace, secret, timedelta(hours=hours))
    assert opened is not None
    return opened


def test_use_is_noted_once_a_minute(shop: Workspace, ann: Actor) -> None:
    opened = known(shop, signed_in(shop, ann))
    assert not is_worth_noting(opened, opened.seen_at + timedelta(seconds=59))
    assert is_worth_noting(opened, opened.seen_at + timedelta(seconds=60))


def test_a_person_who_is_deactivated_is_signed_out_at_once(shop: Workspace, ann: Actor) -> None:
    secret = signed_in(shop, ann)
    with shop.writing(SYSTEM) as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(update(users).where(users.c.id == ann.id).values(active=False))
    assert found(shop, secret) is None


def test_a_new_secret_replaces_the_old_one_which_works_for_requests_under_way(
    shop: Workspace, ann: Actor
) -> None:
    old = signed_in(shop, ann)
    with shop.writing(SYSTEM) as transaction:
        renew_all(transaction, ann.id or 0)
    opened = known(shop, old)
    assert opened.renew
    with shop.writing() as transaction:
        new = renew_session(transaction, opened.id)
        assert renew_session(transaction, opened.id) is None
    assert new is not None
    assert new != old
    assert not known(shop, new).renew
    assert known(shop, old).id == opened.id
    assert found(shop, old, OLD_SECRET + timedelta(seconds=1)) is None
    assert found(shop, new, OLD_SECRET + timedelta(seconds=1)) is not None


def test_own_sessions_are_listed_and_ended_those_of_others_are_not(shop: Workspace, ann: Actor) -> None:
    bob = person(shop, "bob")
    first, second, third = (signed_in(shop, ann) for _ in range(3))
    identity = known(shop, first).id
    with shop.writing(bob) as transaction:
        with pytest.raises(NotAllowed, match="Only administrators see and end"):
            sessions_of(transaction, ann.id or 0, RULES)
        with pytest.raises(NotFound, match="has ended already"):
            end_session(transaction, identity)
        with pytest.raises(NotAllowed, match="Only administrators see and end"):
            end_others(transaction, ann.id or 0, None)
    with shop.writing(ann) as transaction:
        assert len(sessions_of(transaction, ann.id or 0, RULES)) == 3
        end_session(transaction, identity)
    assert found(shop, first) is None
    with shop.writing(ann) as transaction:
        assert end_others(transaction, ann.id or 0, known(shop, second).id) == 1
    assert found(shop, second) is not None
    assert found(shop, third) is None
    with shop.reading() as transaction:
        assert [each.event for each in page_of(transaction, Sought(), 9)] == ["session_ended"] * 2


def test_an_administrator_ends_the_sessions_of_others(shop: Workspace, ann: Actor) -> None:
    boss = replace(person(shop, "boss"), administrator=True)
    secret = signed_in(shop, ann)
    with shop.writing(boss) as transaction:
        (shown,) = sessions_of(transaction, ann.id or 0, RULES)
        end_session(transaction, shown.id)
    assert found(shop, secret) is None
    other = signed_in(shop, ann)
    with shop.writing(boss) as transaction:
        drop_sessions(transaction, ann.id or 0)
    assert found(shop, other) is None


def test_signing_out_ends_it_and_signing_in_removes_what_has_expired(shop: Workspace, ann: Actor) -> None:
    secret = signed_in(shop, ann)
    with shop.writing(ann) as transaction:
        sign_out(transaction, known(shop, secret).id)
    assert found(shop, secret) is None
    signed_in(shop, ann)
    with shop.writing(ann) as transaction:
        later = replace(transaction, now=transaction.now + timedelta(hours=9))
        begin_session(later, ann.id or 0, DESK, RULES)
        assert len(transaction.connection.execute(select(session.c.id)).all()) == 1


def test_viewing_as_somebody_ends_with_the_rights_of_an_administrator(shop: Workspace, ann: Actor) -> None:
    boss = person(shop, "boss")
    with shop.writing(SYSTEM) as transaction:
        grant_roles(transaction, boss.id or 0, [ADMINISTRATOR])
    secret = signed_in(shop, boss)
    with shop.writing(SYSTEM) as transaction:
        transaction.connection.execute(update(session).values(seeing=ann.id))
    opened = known(shop, secret)
    assert (opened.actor.id, opened.actor.administrator) == (ann.id, False)
    assert opened.actor.viewer is not None
    assert opened.actor.viewer.id == boss.id
    with (
        pytest.raises(NotAllowed, match="looking at this as Ann: nothing can be changed"),
        shop.writing(opened.actor),
    ):
        pass
    with shop.writing(SYSTEM) as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(update(users).where(users.c.id == ann.id).values(active=False))
    assert known(shop, secret).actor.id == boss.id


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            ("Edge", "Windows"),
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML) "
                "Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            ("Safari", "iPhone"),
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 "
                "MicroMessenger/8.0.50"
            ),
            ("WeChat", "Android"),
        ),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
    ],
)
def test_devices_have_names(agent: str, expected: tuple[str, str]) -> None:
    assert browser_and_system(agent) == expected
