"""Writing records through the commands: what is written, what follows, and what is refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from engine import batches, commands, importing
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Stale
from engine.records import history, read
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

Sentences = Callable[..., list[str]]


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def make(workspace: Workspace, key: str, actor: Actor = SYSTEM, **values: Any) -> dict[str, Any]:
    return commands.create_record(workspace, actor, f"shop.{key}", values)


def an_order(workspace: Workspace, actor: Actor = SYSTEM, **values: Any) -> dict[str, Any]:
    customer = make(workspace, "customer", name=uuid4().hex)
    rows = [{"text": "Tea", "quantity": 2, "price": "10.50"}, {"text": "Cup", "price": "4"}]
    return make(workspace, "order", actor, **{"customer": customer["id"], "lines": rows, **values})


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputRefused) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def test_a_new_record_has_its_defaults_numbers_rows_and_computed_values(shop: Workspace) -> None:
    order = an_order(shop, person(shop, "ann", "shop.chief"), discount="5%")
    assert order["number"].startswith("O-20")
    assert order["number"].endswith("-001")
    assert order["stage"] == "draft"
    assert order["owner"].title == "Ann"
    assert order["factor"] == Decimal("0.95")
    assert [row["amount"] for row in order["lines"]] == [Decimal(21), Decimal(4)]
    assert order["sum"] == Decimal(25)
    assert order["total"] == Decimal("23.75")
    assert order["revision"] == 1


def test_numbers_count_on(shop: Workspace) -> None:
    numbers = [an_order(shop, due=None if n else "2030-01-01")["number"][-3:] for n in (0,)]
    numbers += [an_order(shop, special=flag)["number"][-3:] for flag in (True, False)]
    assert numbers == ["001", "002", "003"]


def test_every_problem_is_told_at_once_at_its_place(shop: Workspace) -> None:
    rows = [{"text": "Tea", "price": "1"}, {"quantity": 0, "price": "x"}]
    problems = refused(lambda: make(shop, "order", discount="80%", colour="red", lines=rows))
    assert [problem.partition(":")[0] for problem in problems] == [
        "discount",
        "colour",
        "lines[1].quantity",
        "lines[1].price",
        "lines[1].text",
        "customer",
    ]


def test_nothing_is_written_when_a_child_row_is_refused(shop: Workspace) -> None:
    customer = make(shop, "customer", name="A")["id"]
    rows = [{"text": "Tea", "price": "1"}, {"quantity": 1, "price": "x"}]
    problems = refused(lambda: make(shop, "order", customer=customer, lines=rows))
    assert [problem.partition(":")[0] for problem in problems] == ["lines[1].price", "lines[1].text"]
    with shop.reading() as transaction:
        assert transaction.connection.exec_driver_sql("SELECT count(*) FROM shop__order").scalar() == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"stage": "shipped"}, "stage: The stage is changed by a transition, never written directly."),
        ({"id": 7}, "id: ID is kept by the system and cannot be set."),
        ({"total": "1"}, "total: Total is computed and cannot be set."),
        ({"shipped_on": "2026-01-01"}, "shipped_on: Shipped on cannot be changed."),
        ({"customer": 99}, "customer: There is no Customer 99."),
        ({"custmer": 1}, "custmer: Order has no field 'custmer'. Did you mean 'customer'?"),
        ({"lines": "x"}, "lines: “x” is not a list of rows."),
        ({"due": "2001-01-01"}, "due: An order is not due before it is made."),
        ({"discount": "20%"}, "reason: Reason is required."),
    ],
)
def test_refused_values(shop: Workspace, values: dict[str, Any], sentence: str) -> None:
    customer = make(shop, "customer", name="A")["id"]
    assert refused(lambda: make(shop, "order", **{"customer": customer, **values})) == [sentence]


def test_unique_values(shop: Workspace) -> None:
    make(shop, "customer", name="A")
    other = make(shop, "customer", name="B")
    taken = ["name: Another Customer has this Name already."]
    assert refused(lambda: make(shop, "customer", name="A")) == taken
    assert (
        refused(lambda: commands.update_record(shop, SYSTEM, "shop.customer", other["id"], {"name": "A"}))
        == taken
    )


def test_only_limits_what_a_link_may_hold(shop: Workspace) -> None:
    ours, theirs = (make(shop, "customer", name=name)["id"] for name in "AB")
    fitting = make(shop, "product", name="P", price="1", customer=ours)["id"]
    foreign = make(shop, "product", name="Q", price="1", customer=theirs)["id"]
    assert make(shop, "order", customer=ours, product=fitting)["product"].title == "P"
    sentence = "product: This Product cannot be chosen here: product.customer == customer does not hold."
    assert refused(lambda: make(shop, "order", customer=ours, product=foreign)) == [sentence]
    order = make(shop, "order", customer=ours, product=fitting)
    assert refused(
        lambda: commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"customer": theirs})
    ) == [sentence]


def test_an_update_changes_only_what_is_sent_and_remembers_it(shop: Workspace) -> None:
    order = an_order(shop)
    changed = commands.update_record(
        shop, SYSTEM, "shop.order", order["id"], {"discount": "10%", "reason": "x"}
    )
    assert (changed["factor"], changed["total"], changed["revision"]) == (
        Decimal("0.9"),
        Decimal("22.50"),
        2,
    )
    with shop.reading() as transaction:
        newest, oldest = history.timeline(transaction, "shop.order", order["id"])
    assert (newest.kind, oldest.kind) == ("updated", "created")
    assert {change.field: (change.before, change.after) for change in newest.changes} == {
        "discount": ("0.0000", "0.1000"),
        "factor": ("1.0000", "0.9000"),
        "reason": (None, "x"),
    }


def test_an_update_without_a_change_leaves_no_trace(shop: Workspace) -> None:
    order = an_order(shop)
    same = commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"discount": "0"})
    assert same["revision"] == 1


def test_child_rows_are_replaced_changed_and_kept_in_order(shop: Workspace) -> None:
    order = an_order(shop)
    tea, cup = order["lines"]
    rows = [{"id": cup["id"], "quantity": 3}, {"text": "Pot", "price": "30"}]
    changed = commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"lines": rows})
    assert [(row["text"], row["amount"]) for row in changed["lines"]] == [
        ("Cup", Decimal(12)),
        ("Pot", Decimal(30)),
    ]
    assert changed["sum"] == Decimal(42)
    with shop.reading() as transaction:
        event = history.timeline(transaction, "shop.order", order["id"])[0]
    (change,) = (change for change in event.changes if change.field == "lines")
    assert [row["text"] for row in change.before] == ["Tea", "Cup"]
    assert [row["text"] for row in change.after] == ["Cup", "Pot"]
    other = an_order(shop, special=True)
    assert refused(
        lambda: commands.update_record(
            shop, SYSTEM, "shop.order", other["id"], {"lines": [{"id": cup["id"], "quantity": 1}]}
        )
    ) == [f"lines[0].id: There is no Order line {cup['id']} here."]
    assert tea["id"] not in {row["id"] for row in changed["lines"]}


def test_links_to_many(shop: Workspace) -> None:
    products = [make(shop, "product", name=name, price="1")["id"] for name in "PQR"]
    order = an_order(shop, also=products[:2], kinds=["urgent", "large"])
    assert [link.title for link in order["also"]] == ["P", "Q"]
    assert order["kinds"] == ("urgent", "large")
    changed = commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"also": products[2:]})
    assert [link.id for link in changed["also"]] == products[2:]


def test_read_only_when(shop: Workspace) -> None:
    order = an_order(shop, promise="Monday", special=True)
    change = {"promise": "Tuesday", "special": False}
    sentence = ["promise: Promise cannot be changed."]
    assert (
        refused(lambda: commands.update_record(shop, SYSTEM, "shop.order", order["id"], change)) == sentence
    )
    same = {"promise": "Monday", "special": False}
    assert commands.update_record(shop, SYSTEM, "shop.order", order["id"], same)["revision"] == 2
    assert commands.update_record(shop, SYSTEM, "shop.order", order["id"], change)["promise"] == "Tuesday"


@pytest.mark.parametrize("identity", [0, -1, 99, 2**63, 10**30])
def test_an_id_that_no_record_has(shop: Workspace, identity: int) -> None:
    with pytest.raises(NotFound, match=f"There is no Customer {identity}"):
        commands.update_record(shop, SYSTEM, "shop.customer", identity, {"city": "Paris"})
    with shop.reading() as transaction, pytest.raises(NotFound):
        read.get(transaction, "shop.customer", identity)
    with shop.reading() as transaction, pytest.raises(NotFound):
        history.timeline(transaction, "shop.customer", identity)


def test_a_stale_revision_is_refused(shop: Workspace) -> None:
    order = an_order(shop)
    commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"special": True}, revision=1)
    with pytest.raises(Stale, match="it is at revision 2, yours is 1"):
        commands.update_record(shop, SYSTEM, "shop.order", order["id"], {"special": False}, revision=1)


def test_deleting(shop: Workspace) -> None:
    order = an_order(shop)
    customer = order["customer"].id
    with pytest.raises(NotPossible, match=r"1 Order refer to this Customer \(Customer\)"):
        commands.delete_record(shop, SYSTEM, "shop.customer", customer)
    commands.delete_record(shop, SYSTEM, "shop.order", order["id"])
    commands.delete_record(shop, SYSTEM, "shop.customer", customer)
    with shop.reading() as transaction, pytest.raises(NotFound):
        history.timeline(transaction, "shop.order", order["id"])


def test_rights_are_asked_at_the_door(shop: Workspace) -> None:
    boss = person(shop, "boss", "shop.chief")
    ann = person(shop, "ann", "shop.clerk", manager=boss.id)
    bob, stranger = person(shop, "bob", "shop.clerk"), person(shop, "eve")
    order = an_order(shop, ann)
    for actor in (bob, stranger):
        with pytest.raises(NotFound):
            commands.update_record(shop, actor, "shop.order", order["id"], {"due": "2030-01-01"})
    with pytest.raises(NotAllowed, match="No rule lets you create Order"):
        an_order(shop, stranger)
    with pytest.raises(NotAllowed, match="No rule lets you delete this Order"):
        commands.delete_record(shop, ann, "shop.order", order["id"])
    sentence = ["discount: No rule lets you change Discount."]
    assert (
        refused(lambda: commands.update_record(shop, ann, "shop.order", order["id"], {"discount": "5%"}))
        == sentence
    )
    commands.update_record(shop, boss, "shop.order", order["id"], {"discount": "5%"})
    assert refused(
        lambda: commands.update_record(shop, boss, "shop.order", order["id"], {"special": True})
    ) == ["special: No rule lets you change Special."]
    assert commands.update_record(shop, ann, "shop.order", order["id"], {"special": True})["special"] is True


def test_a_batch_is_all_or_nothing(shop: Workspace) -> None:
    good = {"op": "create", "values": {"name": "A"}}
    bad = {"op": "create", "values": {"name": ""}}
    assert refused(lambda: batches.run_batch(shop, SYSTEM, "shop.customer", [good, bad])) == [
        "operations[1].name: Name is required."
    ]
    (made,) = batches.run_batch(shop, SYSTEM, "shop.customer", [good])
    assert made is not None
    gone = batches.run_batch(
        shop,
        SYSTEM,
        "shop.customer",
        [{"op": "update", "id": made["id"], "values": {"city": "Paris"}}, {"op": "delete", "id": made["id"]}],
    )
    assert gone[0] is not None
    assert gone[0]["city"] == "Paris"
    assert gone[1] is None


def test_an_import_names_every_refused_row(shop: Workspace) -> None:
    rows = [(2, {"name": "A"}), (3, {"name": ""}), (4, {"name": "A"})]
    result = importing.import_rows(shop, SYSTEM, "shop.customer", rows)
    assert [(number, str(problems[0])) for number, problems in result.refused] == [
        (3, "name: Name is required."),
        (4, "name: Another Customer has this Name already."),
    ]
    assert result.created == []
    with shop.reading() as transaction:
        assert transaction.connection.exec_driver_sql("SELECT count(*) FROM shop__customer").scalar() == 0
    assert len(importing.import_rows(shop, SYSTEM, "shop.customer", rows, partial=True).created) == 1
