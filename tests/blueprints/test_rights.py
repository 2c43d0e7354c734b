"""“Why can't I?” on the page of a record."""

import html
from typing import Any

import pytest

from engine.commands import create_record
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site


@pytest.fixture
def order(site: Site) -> int:
    customer = create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})["id"]
    values = {"customer": customer, "owner": site.people["clerk"]}
    return int(create_record(site.workspace, SYSTEM, "shop.order", values)["id"])


def text(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_the_menu_of_a_record_leads_to_the_reasons(site: Site, order: int) -> None:
    clerk = site.as_("clerk")
    page = text(clerk.get(f"/shop/order/{order}"))
    assert f'href="/shop/order/{order}/rights" data-dialog' in page
    assert f"/shop/order/{order}/delete" not in page
    assert "/rights" not in text(clerk.get("/shop/order/new"))
    page = text(clerk.get(f"/shop/order/{order}/rights"))
    assert "Why can’t I?" in page
    assert "No rule lets you delete this Order. Rules for others allow it: Chief." in page
    assert "'Ship' is possible only when sum > 0." in page
    assert "Change Discount" in page
    assert "The field is for Chief only." in page


def test_the_reasons_are_told_in_chinese(site: Site, order: int) -> None:
    clerk = site.as_("clerk")
    clerk.post("/profile/locale", locale="zh")
    page = text(clerk.get(f"/shop/order/{order}/rights"))
    assert "为什么不能操作？" in page
    assert "没有规则允许您删除此订单。规则允许以下人员操作：Chief。" in page


def test_nobody_learns_of_records_they_may_not_see(site: Site, order: int) -> None:
    assert site.as_("guest").get(f"/shop/order/{order}/rights").status_code == 404
    assert site.visitor().get(f"/shop/order/{order}/rights").status_code == 302
