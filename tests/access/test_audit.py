"""The audit: written with what it tells about, found by its parts, changed by nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, inspect, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable

from engine.access.audit import EVENTS, Sought, all_of, page_of, record
from engine.problems import NotAllowed
from engine.schema.database import open_database
from engine.schema.migrations.v0008_audit import upgrade
from engine.schema.system_tables import audit
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    return replace(person(shop, "ann"), address="203.0.113.7")


def test_an_entry_tells_who_as_whom_what_of_what_and_from_where(shop: Workspace, ann: Actor) -> None:
    boss = replace(person(shop, "boss"), administrator=True)
    with shop.writing(ann) as transaction:
        record(transaction, "exported", about="shop.order", identity=7, subject="Orders", detail={"rows": 3})
        record(transaction, "personal_shown", by=replace(ann, viewer=boss))
    with shop.reading() as transaction:
        shown, exported = page_of(transaction, Sought(), 10)
    assert (exported.event, exported.user_id, exported.username) == ("exported", ann.id, "ann")
    assert (exported.about, exported.about_id, exported.subject) == ("shop.order", 7, "Orders")
    assert (exported.detail, exported.address, exported.as_username) == ({"rows": 3}, "203.0.113.7", None)
    assert (shown.username, shown.as_user_id, shown.as_username) == ("boss", ann.id, "ann")


def test_what_is_undone_leaves_no_entry(shop: Workspace, ann: Actor) -> None:
    def stumble() -> None:
        with shop.writing(ann) as transaction:
            record(transaction, "exported")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with shop.reading() as transaction:
        assert page_of(transaction, Sought(), 10) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(audit).values(username="eve"),
        lambda: delete(audit),
        lambda: update(audit).where(audit.c.id == 1).values(subject="x"),
        lambda: text("DELETE FROM dougong_audit WHERE id = 1"),
    ],
)
def test_the_database_refuses_to_change_it(
    shop: Workspace, ann: Actor, change: Callable[[], Executable]
) -> None:
    with shop.writing(ann) as transaction:
        record(transaction, "exported", subject="Orders")
    with (
        pytest.raises(DBAPIError, match="Entries of dougong_audit cannot be changed or removed"),
        shop.writing(SYSTEM) as transaction,
    ):
        transaction.connection.execute(change())
    with shop.reading() as transaction:
        (kept,) = page_of(transaction, Sought(), 10)
    assert (kept.username, kept.subject) == ("ann", "Orders")


def test_an_upgraded_database_refuses_it_too(database_url: str) -> None:
    database = open_database(database_url)
    with database.writing() as connection:
        audit.drop(connection)
        if database.dialect == "postgresql":
            connection.execute(text("DROP FUNCTION dougong_audit_keeps"))
        upgrade(connection)
        columns = {column["name"] for column in inspect(connection).get_columns("dougong_audit")}
        indexes = {index["name"] for index in inspect(connection).get_indexes("dougong_audit")}
        values = {
            "at": datetime.now(UTC),
            "event": "exported",
            "username": "ann",
            "subject": "",
            "detail": {},
        }
        connection.execute(insert(audit).values(values))
    assert columns == {column.name for column in audit.c}
    assert indexes == {index.name for index in audit.indexes}
    with pytest.raises(DBAPIError, match="cannot be changed"), database.writing() as connection:
        connection.execute(delete(audit))
    database.close()


def test_entries_are_found_by_their_parts(shop: Workspace, ann: Actor) -> None:
    with shop.writing(SYSTEM) as transaction:
        for number, event in enumerate(("exported", "sign_in", "exported", "sign_out")):
            then = replace(transaction, now=transaction.now + timedelta(hours=number))
            record(then, event, about="shop.order", identity=number, subject=f"Order {number}%", by=ann)
        begun = transaction.now
    cases = {
        "0123": Sought(),
        "02": Sought(events=("exported",)),
        "123": Sought(since=begun + timedelta(minutes=30)),
        "01": Sought(until=begun + timedelta(hours=2)),
        "3": Sought(text="order 3%"),
        "": Sought(text="order _%"),
        "2": Sought(about="shop.order", about_id=2),
    }
    with shop.reading() as transaction:
        for expected, sought in cases.items():
            found = [each.subject[6] for each in all_of(transaction, sought, at_once=2)]
            assert "".join(reversed(found)) == expected, sought
        assert len(page_of(transaction, Sought(user_id=ann.id, text="203.0"), 10)) == 4
        assert page_of(transaction, Sought(user_id=0), 10) == []


def test_it_is_for_administrators(shop: Workspace, ann: Actor) -> None:
    with shop.reading(ann) as transaction, pytest.raises(NotAllowed, match="for administrators only"):
        page_of(transaction, Sought(), 10)


def test_every_event_has_words_in_both_languages() -> None:
    assert [each for each, words in EVENTS.items() if words.to("zh") == words.to("en")] == []
