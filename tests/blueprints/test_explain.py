"""The page that says how a value comes about, without scripts."""

import html
from pathlib import Path
from typing import Any

import pytest

from dougong.app import create_app
from dougong.settings import Settings
from engine.commands import create_record, fire_transition
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site, give_password
from tests.fixtures.workspaces import Publish, person


@pytest.fixture
def order(site: Site) -> int:
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    values = {
        "customer": customer,
        "owner": site.people["clerk"],
        "discount": "0.1",
        "reason": "Old friend",
        "lines": [{"text": "Tea", "price": "1000.55", "quantity": 3}],
    }
    return int(create_record(site.workspace, SYSTEM, "shop.order", values)["id"])


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_the_number_and_its_mark_lead_to_the_explanation(site: Site, order: int) -> None:
    page = text(site.as_("clerk").get(f"/shop/order/{order}"))
    assert page.count(f'href="/shop/order/{order}/explain/total"') == 2
    assert '/explain/amount" data-dialog' in page
    assert "/explain/" not in text(site.as_("clerk").get("/shop/order/new"))


def test_the_page_reads_like_a_receipt(site: Site, order: int) -> None:
    answer = site.as_("clerk").get(f"/shop/order/{order}/explain/total")
    page = text(answer)
    assert answer.status_code == 200
    assert "= Sum × Factor, rounded to 2 decimals" in page
    assert "¥3,001.65" in page
    assert "2,701.485 was rounded to 2,701.49." in page
    assert f'href="/shop/order/{order}/explain/sum" data-dialog' in page
    assert "round(sum * factor, 2)" in page
    assert "Computed just now, by release 1." in page


TAX = """
app: tax
roles: {clerk: {}}
entities:
  bill:
    title: name
    fields:
      name: {type: text}
      owed: {type: money, label: {en: Owed so far, zh: 应缴}}
      paid: {type: money, label: {en: Paid so far, zh: 已缴}}
      due: {type: money, formula: "max(0, owed - paid)"}
    access:
      role:clerk: {read: true}
"""


def test_a_part_that_has_no_name_is_said_in_words(
    publish: Publish, database_url: str, tmp_path: Path
) -> None:
    workspace = publish(TAX)
    clerk = person(workspace, "clerk", "tax.clerk")
    give_password(workspace, "clerk", clerk.id or 0, "tax.clerk")
    values = {"name": "May", "owed": "300", "paid": "120"}
    bill = create_record(workspace, SYSTEM, "tax.bill", values)["id"]
    site = Site(create_app(Settings(database_url, tmp_path), workspace), workspace, {"clerk": clerk.id or 0})
    page = text(site.as_("clerk").get(f"/tax/bill/{bill}/explain/due"))
    assert '<span class="why-label">Owed so far − Paid so far</span>' in page
    assert "<code>owed - paid</code>" not in page


def test_the_records_that_count_are_named(site: Site, order: int) -> None:
    page = text(site.as_("clerk").get(f"/shop/order/{order}/explain/sum"))
    assert "the sum over 1 " in page
    assert ">Tea</a>" in page


def test_a_frozen_value_says_when_it_was_stored(site: Site, order: int) -> None:
    fire_transition(site.workspace, SYSTEM, "shop.order", order, "ship", {})
    page = text(site.as_("clerk").get(f"/shop/order/{order}/explain/total"))
    assert "Stored for good at the stage Shipped, computed by release 1." in page


def test_there_is_nothing_to_explain_for_strangers(site: Site, order: int) -> None:
    assert site.as_("guest").get(f"/shop/order/{order}/explain/total").status_code == 404
    assert site.as_("clerk").get(f"/shop/order/{order}/explain/due").status_code == 404
    assert site.visitor().get(f"/shop/order/{order}/explain/total").status_code == 302
