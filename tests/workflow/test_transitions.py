"""Moves between stages: who may, when, what is asked for, what is set, what freezes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine import commands
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Stale
from engine.records import history, read
from engine.transaction import SYSTEM, Actor
from engine.workflow.transitions import possible
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def ann(shop: Workspace) -> Actor:
    return person(shop, "ann", "shop.clerk")


@pytest.fixture
def order(shop: Workspace, ann: Actor) -> dict[str, Any]:
    customer = commands.create_record(shop, SYSTEM, "shop.customer", {"name": "Ada"})
    values = {"customer": customer["id"], "lines": [{"text": "Tea", "price": "10", "quantity": 3}]}
    return commands.create_record(shop, ann, "shop.order", values)


def move(
    workspace: Workspace, actor: Actor, order: dict[str, Any], name: str, **about: Any
) -> dict[str, Any]:
    return commands.fire_transition(workspace, actor, "shop.order", order["id"], name, **about)


def states(workspace: Workspace, actor: Actor, order: dict[str, Any]) -> dict[str, str | None]:
    with workspace.reading(actor) as transaction:
        record = read.get(transaction, "shop.order", order["id"])
        return {
            state.name: None if state.enabled else str(state.reason)
            for state in possible(transaction, "shop.order", record)
        }


def test_a_move_sets_fields_and_is_remembered(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    moved = move(shop, ann, order, "ship", comment="On its way")
    assert moved["stage"] == "shipped"
    assert moved["shipped_on"] is not None
    with shop.reading(ann) as transaction:
        event = history.timeline(transaction, "shop.order", order["id"])[0]
    assert (event.kind, event.transition, event.from_stage, event.to_stage, event.comment) == (
        "transition",
        "ship",
        "draft",
        "shipped",
        "On its way",
    )
    assert event.by is not None
    assert event.by.title == "Ann"


def test_only_the_principals_move(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    assert states(shop, ann, order) == {"ship": None, "lose": "'Lose' is for Chief only."}
    with pytest.raises(NotAllowed, match=r"'Lose' is for Chief only"):
        move(shop, ann, order, "lose", values={"reason": "x"}, comment="x")
    with pytest.raises(NotFound):
        move(shop, person(shop, "bob", "shop.clerk"), order, "ship")


def test_required_fields_and_comment_are_asked_for_together(shop: Workspace, order: dict[str, Any]) -> None:
    chief = person(shop, "cho", "shop.chief")
    with pytest.raises(InputRefused) as caught:
        move(shop, chief, order, "lose")
    assert [str(each) for each in caught.value.problems] == [
        "reason: Reason is required to Lose.",
        "comment: 'Lose' needs a comment.",
    ]
    lost = move(shop, chief, order, "lose", values={"reason": "Price"}, comment="Too dear")
    assert (lost["stage"], lost["reason"]) == ("lost", "Price")


def test_when_must_hold(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    commands.update_record(shop, ann, "shop.order", order["id"], {"lines": []})
    assert states(shop, ann, order)["ship"] == "'Ship' is possible only when sum > 0."
    with pytest.raises(NotPossible, match="possible only when sum > 0"):
        move(shop, ann, order, "ship")


def test_a_move_starts_from_its_stages_only(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    move(shop, ann, order, "ship")
    with pytest.raises(NotPossible, match="not possible from the stage Shipped; it starts from Draft"):
        move(shop, ann, order, "ship")
    with pytest.raises(NotFound, match=r"no transition 'shop'\. Did you mean 'ship'"):
        move(shop, ann, order, "shop")
    with pytest.raises(Stale):
        move(shop, SYSTEM, order, "reopen", revision=1)


def test_the_stage_says_who_edits(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    move(shop, ann, order, "ship")
    with pytest.raises(NotAllowed, match="In the stage Shipped you cannot edit this Order"):
        commands.update_record(shop, ann, "shop.order", order["id"], {"due": "2040-01-01"})
    chief = person(shop, "cho", "shop.chief")
    assert (
        commands.update_record(shop, chief, "shop.order", order["id"], {"due": "2040-01-01"})["revision"] == 3
    )


def test_a_stage_that_nobody_edits_is_closed_to_administrators_too(
    shop: Workspace, order: dict[str, Any]
) -> None:
    move(shop, SYSTEM, order, "lose", values={"reason": "Price"}, comment="Too dear")
    with pytest.raises(NotAllowed, match="In the stage Lost you cannot edit this Order"):
        commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"due": "2040-01-01"})


def test_what_froze_stays_until_it_is_thawed(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    chief = person(shop, "cho", "shop.chief")
    assert move(shop, ann, order, "ship")["total"] == Decimal(30)
    line = {**order["lines"][0], "price": "20"}
    sent = {name: line[name] for name in ("id", "text", "quantity", "price")}
    changed = commands.update_record(shop, chief, "shop.order", order["id"], {"lines": [sent]})
    assert (changed["sum"], changed["total"]) == (Decimal(60), Decimal(30))
    with shop.reading() as transaction:
        found = read.page(transaction, "shop.order", read.Query(filter="total == 30"))
    assert len(found.records) == 1
    assert move(shop, chief, order, "reopen")["total"] == Decimal(60)


def test_a_refused_move_writes_nothing(shop: Workspace, ann: Actor, order: dict[str, Any]) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: move(shop, ann, order, "ship", values={"stage": "lost"}),
        lambda: move(shop, ann, order, "ship", values={"due": "yesterday-ish"}),
        lambda: move(shop, ann, order, "ship", values={"due": "2001-01-01"}),
    ]
    for refusal in refusals:
        with pytest.raises(InputRefused):
            refusal()
    with shop.reading() as transaction:
        record = read.get(transaction, "shop.order", order["id"])
    assert (record["stage"], record["revision"]) == ("draft", 1)
