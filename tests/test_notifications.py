"""Notifications: told once, to whom it concerns, and not at all when the work is undone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect

from engine import notifications
from engine.problems import NotFound
from engine.schema.migrations import v0003_notifications
from engine.schema.system_tables import mail_choice, notification
from engine.text import Text, say
from engine.transaction import Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    return person(shop, "ann", "shop.clerk")


def tell(workspace: Workspace, *people: Actor, key: str = "order-1") -> list[int]:
    message = say("You have no notification {id}.", id=Text({"en": "seven", "zh": "七"}))
    with workspace.writing() as transaction:
        ids = [each.id for each in people if each.id]
        return notifications.notify(transaction, ids, message, ("shop.order", 1), "task", key)


def told(workspace: Workspace, actor: Actor, **which: object) -> list[str]:
    with workspace.reading(actor) as transaction:
        found = notifications.page_of(transaction, 50, **which)  # type: ignore[arg-type]
        return [f"{each.message.to('zh')} {each.about}" for each in found]


def test_people_are_told_once_for_each_key(shop: Workspace, ann: Actor) -> None:
    bob = person(shop, "bob")
    assert len(tell(shop, ann, bob, ann)) == 2
    assert tell(shop, ann, bob) == []
    assert len(tell(shop, ann, key="order-2")) == 1
    assert told(shop, bob) == ["您没有编号为 七 的通知。 ('shop.order', 1)"]
    assert len(told(shop, ann)) == 2


def test_who_left_is_not_told(shop: Workspace, ann: Actor) -> None:
    gone = person(shop, "gone", active=False)
    assert len(tell(shop, ann, gone)) == 1
    assert told(shop, gone) == []


def test_what_is_undone_was_never_told(shop: Workspace, ann: Actor) -> None:
    def fail() -> None:
        with shop.writing() as transaction:
            notifications.notify(transaction, [ann.id or 0], say("yes"), None, "task", "k")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told(shop, ann) == []


def test_reading_marks_only_ones_own(shop: Workspace, ann: Actor) -> None:
    bob = person(shop, "bob")
    (of_ann,) = tell(shop, ann)
    tell(shop, ann, bob, key="order-2")
    with shop.writing(bob) as transaction:
        with pytest.raises(NotFound, match=f"You have no notification {of_ann}"):
            notifications.mark_read(transaction, of_ann)
        assert notifications.mark_all_read(transaction) == 1
    with shop.writing(ann) as transaction:
        assert notifications.unread_count(transaction) == 2
        notifications.mark_read(transaction, of_ann)
        notifications.mark_read(transaction, of_ann)
        assert notifications.unread_count(transaction) == 1
    assert len(told(shop, ann, unread_only=True)) == 1
    assert told(shop, ann, before=of_ann) == []


def test_mail_is_wanted_until_it_is_not(shop: Workspace, ann: Actor) -> None:
    assert ann.id is not None
    for wanted in (False, True, False):
        with shop.writing(ann) as transaction:
            notifications.choose_mail(transaction, wanted)
            assert notifications.wants_mail(transaction, ann.id) is wanted
            assert notifications.wants_mail(transaction, ann.id + 1)


def test_a_thousand_people_are_told_by_few_statements(shop: Workspace) -> None:
    people = [person(shop, f"p{number}") for number in range(30)]
    shop_of_many = [each.id or 0 for each in people]
    with shop.writing() as transaction:
        told_ids = notifications.notify(transaction, shop_of_many * 40, say("yes"), None, "note", "all")
    assert len(told_ids) == 30


def test_two_transactions_tell_one_thing_once(shop: Workspace, ann: Actor) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: tell(shop, ann), range(8)))
    assert sum(len(each) for each in ids) == 1


def test_the_migration_makes_the_same_tables(shop: Workspace) -> None:
    def shape() -> list[object]:
        with shop.reading() as transaction:
            found = inspect(transaction.connection)
            return [
                (
                    [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
                    sorted(str(each["name"]) for each in found.get_indexes(name)),
                )
                for name in (notification.name, mail_choice.name)
            ]

    before = shape()
    with shop.writing() as transaction:
        notification.drop(transaction.connection)
        mail_choice.drop(transaction.connection)
        v0003_notifications.upgrade(transaction.connection)
    assert shape() == before
