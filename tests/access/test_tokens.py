"""Tokens: kept as hashes, within scopes, until a day; scopes hold in the engine, whatever door is used."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access.policy import may, row_condition
from engine.access.reasons import reasons_in_general
from engine.access.scopes import read_scopes
from engine.access.tokens import Bearer, bearer_of, new_token, note_used, revoke_token, tokens_of
from engine.problems import InputRefused, NotAllowed, NotFound
from engine.records.query import Query
from engine.records.read import page
from engine.records.write import create, delete, update
from engine.schema.system_tables import token
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def boss(shop: Workspace) -> Actor:
    return replace(person(shop, "boss"), administrator=True)


def bearer(workspace: Workspace, sent: str, later: timedelta = timedelta()) -> Bearer | None:
    with workspace.reading() as transaction:
        return bearer_of(transaction.catalog, transaction.connection, sent, transaction.now + later)


def made(workspace: Workspace, actor: Actor, *scopes: str) -> Actor:
    """The actor of a new token with these scopes; administrators stay what they are."""
    with workspace.writing(actor) as transaction:
        sent = new_token(transaction, actor.id or 0, "script", scopes)
    found = bearer(workspace, sent)
    assert found is not None
    return replace(found.actor, administrator=actor.administrator)


def test_it_is_shown_once_and_ends_on_its_day(shop: Workspace, boss: Actor) -> None:
    with shop.writing(boss) as transaction:
        ends = transaction.now + timedelta(days=3)
        sent = new_token(transaction, boss.id or 0, "nightly", ["read"], ends)
        (shown,) = tokens_of(transaction, boss.id)
        kept = transaction.connection.execute(select(token.c.token_hash)).scalar_one()
    assert sent.startswith("dg_")
    assert sent not in kept
    assert (shown.name, shown.scopes, shown.username) == ("nightly", ("read",), "boss")
    assert bearer(shop, sent) is not None
    assert bearer(shop, sent, timedelta(days=3, seconds=1)) is None
    with shop.writing(boss) as transaction, pytest.raises(InputRefused, match="cannot end in the past"):
        new_token(transaction, boss.id or 0, "late", (), transaction.now)


def test_its_use_is_noted_once_a_minute(shop: Workspace, boss: Actor) -> None:
    with shop.writing(boss) as transaction:
        sent = new_token(transaction, boss.id or 0, "script")
    first = bearer(shop, sent)
    assert first is not None
    with shop.writing(SYSTEM) as transaction:
        assert first.is_worth_noting(transaction.now)
        note_used(transaction, first)
        now = transaction.now
    again = bearer(shop, sent)
    assert again is not None
    assert not again.is_worth_noting(now + timedelta(seconds=59))
    assert again.is_worth_noting(now + timedelta(seconds=60))


def test_others_neither_see_nor_make_nor_revoke_it(shop: Workspace, boss: Actor) -> None:
    ann = person(shop, "ann")
    with shop.writing(boss) as transaction:
        new_token(transaction, boss.id or 0, "script")
        (shown,) = tokens_of(transaction, boss.id)
    with shop.writing(ann) as transaction:
        for forbidden in (
            lambda: tokens_of(transaction, boss.id),
            lambda: tokens_of(transaction, None),
            lambda: new_token(transaction, boss.id or 0, "mine"),
        ):
            with pytest.raises(NotAllowed, match="Only administrators see and make tokens of others"):
                forbidden()
        with pytest.raises(NotFound):
            revoke_token(transaction, shown.id)
    with shop.writing(boss) as transaction:
        revoke_token(transaction, shown.id)
        assert tokens_of(transaction, None) == []


def test_scopes_are_read_and_refused_with_what_would_be_right(shop: Workspace) -> None:
    with shop.reading() as transaction:
        catalog = transaction.catalog
    assert read_scopes(catalog, [" write:shop ", "read", ""]) == ("read", "write:shop")
    assert read_scopes(catalog, []) is None
    with pytest.raises(InputRefused) as refused:
        read_scopes(catalog, ["admin", "read:shop.ordre", "write:stock"])
    told = [str(each.message) for each in refused.value.problems]
    assert "“admin” is not a scope. Write read, write, read:crm or write:crm.deal." in told[0]
    assert "Did you mean 'shop.order'?" in told[1]


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (("read",), {"customer", "order", "order_line"}, set()),
        (("write",), {"customer", "order", "order_line"}, {"customer", "order", "order_line"}),
        (("read:shop",), {"customer", "order", "order_line"}, set()),
        (("read:shop.customer",), {"customer"}, set()),
        (("write:shop.order",), {"order", "order_line"}, {"order", "order_line"}),
        (("read:system", "write:shop.customer"), {"customer"}, {"customer"}),
    ],
)
def test_scopes_hold_for_every_entity(
    shop: Workspace, boss: Actor, scopes: tuple[str, ...], reads: set[str], writes: set[str]
) -> None:
    actor = made(shop, boss, *scopes)
    with shop.reading(actor) as transaction:
        for name in ("customer", "order", "order_line"):
            each = transaction.catalog.entity(f"shop.{name}")
            assert may(transaction, "read", each).allowed is (name in reads), name
            assert may(transaction, "export", each).allowed is (name in reads), name
            for action in ("create", "update", "delete"):
                assert may(transaction, action, each).allowed is (name in writes), (name, action)
                if name not in writes:
                    assert str(row_condition(transaction, action, each)) == "false"


def test_what_scopes_do_not_reach_is_refused_with_a_sentence(shop: Workspace, boss: Actor) -> None:
    with shop.writing(SYSTEM) as transaction:
        acme = create(transaction, "shop.customer", {"name": "Acme"})
    actor = made(shop, boss, "read:shop.customer")
    with pytest.raises(NotAllowed, match="For this it needs “write”"):
        shop.writing(actor).__enter__()
    actor = made(shop, boss, "read:shop.customer", "write:shop.order")
    sentence = "For this it needs “write:shop.customer”"
    with shop.writing(actor) as transaction:
        with pytest.raises(NotAllowed, match=sentence):
            create(transaction, "shop.customer", {"name": "Other"})
        with pytest.raises(NotAllowed, match=sentence):
            update(transaction, "shop.customer", acme, {"name": "Other"})
        with pytest.raises(NotAllowed, match=sentence):
            delete(transaction, "shop.customer", acme)
        assert [each["name"] for each in page(transaction, "shop.customer", Query()).records] == ["Acme"]
        entity = transaction.catalog.entity("shop.customer")
        told = reasons_in_general(transaction, entity).actions["update"]
        assert (told.allowed, sentence in str(told.reason)) == (False, True)
        with pytest.raises(NotAllowed, match="administers nothing"):
            new_token(transaction, boss.id or 0, "more")
