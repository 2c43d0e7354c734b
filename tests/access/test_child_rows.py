"""The right to child rows is asked of their owner alone, and never of all owners that somebody may see."""

import pytest
from sqlalchemy import select

from engine.access.policy import row_condition
from engine.commands import create_record
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def test_the_rows_of_one_owner_do_not_need_all_owners(shop: Workspace) -> None:
    """With a million orders a list of those that may be seen would take a second for each page."""
    clerk, other, chief = (
        person(shop, "clerk", "shop.clerk"),
        person(shop, "other", "shop.clerk"),
        person(shop, "chief", "shop.chief"),
    )
    customer = create_record(shop, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    for owner in (clerk, other):
        lines = [{"text": owner.username, "price": "10"}]
        create_record(shop, SYSTEM, "shop.order", {"customer": customer, "owner": owner.id, "lines": lines})
    seen = {}
    for actor in (clerk, other, chief):
        with shop.reading(actor) as transaction:
            child = transaction.catalog.entity("shop.order_line")
            rows = select(child.table.c.text).where(row_condition(transaction, "read", child))
            text = str(rows.compile(dialect=transaction.connection.dialect))
            assert " IN (SELECT" not in text
            seen[actor.username] = set(transaction.connection.execute(rows, {"dg_user": actor.id}).scalars())
    assert seen == {"clerk": {"clerk"}, "other": {"other"}, "chief": {"clerk", "other"}}
