"""Why somebody may or may not: the sentences, and that they say what reading and writing do."""

import pytest

from engine.access.reasons import ON_A_RECORD, Reasons, reasons_in_general, reasons_on
from engine.access.rights import rights_on
from engine.commands import create_record, fire_transition, update_record
from engine.problems import NotAllowed, NotFound
from engine.records.read import exists, get
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


@pytest.fixture
def people(shop: Workspace) -> dict[str, Actor]:
    chief = person(shop, "chief", "shop.chief")
    return {
        "chief": chief,
        "clerk": person(shop, "clerk", "shop.clerk", manager=chief.id),
        "other": person(shop, "other", "shop.clerk"),
        "boss_of": person(shop, "boss_of", "shop.clerk"),
        "guest": person(shop, "guest", "shop.guest"),
    }


@pytest.fixture
def order(shop: Workspace, people: dict[str, Actor]) -> int:
    customer = create_record(shop, SYSTEM, "shop.customer", {"name": "Acme", "city": "Rome"})["id"]
    lines = [{"text": "Tea", "price": "10", "quantity": 3}]
    values = {"customer": customer, "owner": people["clerk"].id, "lines": lines}
    return int(create_record(shop, SYSTEM, "shop.order", values)["id"])


def on(workspace: Workspace, actor: Actor, key: str, identity: int) -> Reasons:
    with workspace.reading(actor) as transaction:
        return reasons_on(transaction, transaction.catalog.entity(key), identity)


def in_general(workspace: Workspace, actor: Actor, key: str) -> Reasons:
    with workspace.reading(actor) as transaction:
        return reasons_in_general(transaction, transaction.catalog.entity(key))


def test_an_answer_names_the_rule_or_what_is_missing(
    shop: Workspace, people: dict[str, Actor], order: int
) -> None:
    found = on(shop, people["clerk"], "shop.order", order).actions
    assert str(found["update"].reason) == "The rule for Clerk allows it where owner == user."
    assert not found["delete"].allowed
    assert str(found["delete"].reason) == (
        "No rule lets you delete this Order. Rules for others allow it: Chief."
    )
    assert str(found["export"].reason) == "No rule lets you export Order."
    assert found["delete"].reason.to("zh") == "没有规则允许您删除此订单。规则允许以下人员操作：Chief。"
    found = on(shop, people["chief"], "shop.order", order).actions
    assert str(found["delete"].reason) == "The rule for Chief allows it."
    found = on(shop, SYSTEM, "shop.order", order).actions
    assert {str(each.reason) for each in found.values()} == {"Administrators may do everything."}


def test_a_condition_that_is_not_met_is_named(publish: Publish) -> None:
    text = SHOP.replace("read: owner == user or owner.manager == user, ", "read: true, ")
    shop = publish(text)
    clerk, other = person(shop, "clerk", "shop.clerk"), person(shop, "other", "shop.clerk")
    customer = create_record(shop, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    values = {"customer": customer, "owner": clerk.id}
    order = int(create_record(shop, SYSTEM, "shop.order", values)["id"])
    decision = on(shop, other, "shop.order", order).actions["update"]
    assert not decision.allowed
    assert str(decision.reason) == (
        "No rule lets you change this Order. The rule for Clerk allows it only where owner == user. "
        "Rules for others allow it: Chief."
    )


def test_the_stage_is_named_that_lets_nobody_or_only_others_edit(
    shop: Workspace, people: dict[str, Actor], order: int
) -> None:
    fire_transition(shop, SYSTEM, "shop.order", order, "ship", {})
    decision = on(shop, people["clerk"], "shop.order", order).actions["update"]
    sentence = "In the stage Shipped you cannot edit this Order. There it is for Chief only."
    assert (decision.allowed, str(decision.reason)) == (False, sentence)
    with pytest.raises(NotAllowed, match="In the stage Shipped"):
        update_record(shop, people["clerk"], "shop.order", order, {"note": "!"})
    fire_transition(shop, SYSTEM, "shop.order", order, "lose", {"reason": "Late"}, comment="Sorry")
    decision = on(shop, people["chief"], "shop.order", order).actions["update"]
    assert str(decision.reason).endswith("Nobody edits it there; it has to move to another stage first.")


def test_single_fields_have_their_own_reasons(shop: Workspace, people: dict[str, Actor], order: int) -> None:
    fields = {each.name: each for each in on(shop, people["clerk"], "shop.order", order).fields}
    assert str(fields["discount"].update.reason) == "The field is for Chief only."
    assert str(fields["total"].update.reason) == "Total is computed and cannot be set."
    assert str(fields["shipped_on"].update.reason) == "Shipped on cannot be changed."
    assert str(fields["special"].read.reason) == "The field's own rule: it is for Chief, Owner."
    assert fields["special"].update.allowed
    assert fields["note"].update.allowed
    chief = {each.name: each for each in on(shop, people["chief"], "shop.order", order).fields}
    assert (chief["special"].read.allowed, chief["special"].update.allowed) == (True, False)
    assert not {"id", "revision", "created_by"} & set(fields)


def test_child_rows_follow_their_owner(shop: Workspace, people: dict[str, Actor], order: int) -> None:
    with shop.reading() as transaction:
        line = int(get(transaction, "shop.order", order)["lines"][0]["id"])
    decision = on(shop, people["clerk"], "shop.order_line", line).actions["delete"]
    assert decision.allowed
    assert str(decision.reason) == (
        "It follows the rules of Order. The rule for Clerk allows it where owner == user."
    )
    decision = in_general(shop, people["guest"], "shop.order_line").actions["create"]
    assert not decision.allowed
    assert str(decision.reason).startswith(
        "It follows the rules of Order. No rule lets you change this Order."
    )


def test_what_may_not_be_seen_has_no_reasons(shop: Workspace, people: dict[str, Actor], order: int) -> None:
    unseen, absent = [], []
    for identity, kept in ((order, unseen), (order + 1, absent), (2**70, absent), (0, absent)):
        with pytest.raises(NotFound) as raised:
            on(shop, people["other"], "shop.order", identity)
        kept.append(str(raised.value).replace(str(identity), "…"))
    assert set(unseen) == set(absent)


def test_in_general_a_rule_with_a_condition_allows_something(
    shop: Workspace, people: dict[str, Actor]
) -> None:
    found = in_general(shop, people["guest"], "shop.customer")
    assert str(found.actions["read"].reason) == 'The rule for Guest allows it where city == "Paris".'
    assert str(found.actions["create"].reason) == (
        "No rule lets you create Customer. Rules for others allow it: Clerk."
    )
    fields = {each.name: each for each in in_general(shop, people["clerk"], "shop.order").fields}
    assert fields["special"].update.allowed
    assert not fields["discount"].update.allowed


def test_every_answer_is_what_reading_and_writing_do(
    shop: Workspace, people: dict[str, Actor], order: int
) -> None:
    customers = [
        int(create_record(shop, SYSTEM, "shop.customer", {"name": city, "city": city})["id"])
        for city in ("Paris", "Lyon")
    ]
    records = [("shop.order", order), *(("shop.customer", each) for each in customers)]
    compared = 0
    for stage in ("draft", "ship", "lose"):
        if stage != "draft":
            fire_transition(shop, SYSTEM, "shop.order", order, stage, {"reason": "Late"}, comment="!")
        for actor in people.values():
            for key, identity in records:
                with shop.reading(actor) as transaction:
                    entity = transaction.catalog.entity(key)
                    if not exists(transaction, key, identity):
                        with pytest.raises(NotFound):
                            reasons_on(transaction, entity, identity)
                        continue
                    found = reasons_on(transaction, entity, identity)
                    rights = rights_on(transaction, entity, identity)
                    for action in ON_A_RECORD:
                        holds = exists(transaction, key, identity, action)
                        said = found.actions[action].allowed
                        assert said == (holds and (action != "update" or rights.in_stage)), (actor, action)
                    record = get(transaction, key, identity)
                    for each in found.fields:
                        assert each.read.allowed == (each.name in record), (actor, each.name)
                        open_to_set = (
                            each.name in rights.writable and not entity.fields[each.name].definition.read_only
                        )
                        assert each.update.allowed == open_to_set, (actor, each.name)
                        compared += 1
    assert compared > 100
