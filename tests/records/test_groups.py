"""Lists in groups: every value once, with totals, under the reader's rights."""

from decimal import Decimal

import pytest

from engine.fields.types.link import Link
from engine.problems import InputRefused
from engine.records.bulk import insert_many
from engine.records.groups import groups
from engine.records.query import Query
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    workspace = publish(SHOP)
    with workspace.writing(SYSTEM) as transaction:
        bo, ada = insert_many(transaction, "shop.customer", [{"name": "Bo"}, {"name": "Ada"}])
        rows = [
            {"customer": bo, "stage": "lost"},
            {"customer": ada, "stage": "draft"},
            {"customer": bo, "stage": "draft", "special": True},
        ]
        orders = insert_many(transaction, "shop.order", rows)
        lines = [{"order": each, "text": "Tea", "price": "1.50", "quantity": each} for each in orders]
        insert_many(transaction, "shop.order_line", lines)
    return workspace


def found(
    workspace: Workspace, field: str, actor: Actor = SYSTEM, **query: object
) -> list[tuple[object, int]]:
    with workspace.reading(actor) as transaction:
        grouped = groups(transaction, "shop.order", Query(**query), field)  # type: ignore[arg-type]
        return [(group.value, group.count) for group in grouped.groups]


def test_groups_stand_in_the_order_of_their_values(shop: Workspace) -> None:
    assert found(shop, "stage") == [("draft", 2), ("lost", 1)]
    linked = found(shop, "customer")
    assert [(link.title, count) for link, count in linked if isinstance(link, Link)] == [
        ("Ada", 1),
        ("Bo", 2),
    ]
    assert found(shop, "special") == [(False, 2), (True, 1)]
    assert found(shop, "owner") == [(None, 3)]
    assert found(shop, "stage", filter='customer.name == "Bo"') == [("draft", 1), ("lost", 1)]


def test_groups_have_totals_of_computed_fields_too(shop: Workspace) -> None:
    with shop.reading(SYSTEM) as transaction:
        grouped = groups(transaction, "shop.order", Query(totals={"sum": "sum", "due": "count"}), "stage")
        totals = {group.value: group.totals for group in grouped.groups}
    assert totals["draft"]["sum"] == Decimal("7.50")
    assert totals["lost"]["sum"] == Decimal("1.50")
    assert totals["draft"]["due"] == 2


def test_rights_narrow_groups(shop: Workspace) -> None:
    assert found(shop, "stage", person(shop, "clerk", "shop.clerk")) == []
    guest = person(shop, "guest", "shop.guest")
    with pytest.raises(InputRefused, match="cannot be grouped"):
        found(shop, "special", guest)
    with pytest.raises(InputRefused, match="cannot be grouped"):
        found(shop, "nothing")
