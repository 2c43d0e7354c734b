"""The search for everything in a real browser: opened and chosen by keys, with what was looked at lately."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser


def test_records_pages_and_actions_are_found_by_keys_alone(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    page = new_page(locale="en")
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    company.open(page, "/")
    # What was looked at stands on the home page, and at the beginning of the search.
    expect(page.locator("[data-recently]").get_by_role("link", name="Data centre extension")).to_be_visible()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search records, pages, actions")
    expect(box).to_be_focused()
    lately = page.get_by_role("group", name="Looked at lately").get_by_role("option")
    expect(lately).to_have_text(["Data centre extensionDeal"])
    assert look_at(page, "palette", accessibility_violations) == []
    screenshot(page, "beginning")
    # In Chinese the same pages are found, whatever language the page is in.
    box.fill("商机")
    expect(page.get_by_role("option", name="New deal")).to_be_visible()
    expect(page.get_by_role("option", name="Deals CRM", exact=True)).to_be_visible()
    box.fill("retrofit")
    records = page.get_by_role("group", name="Records").get_by_role("option")
    expect(records).to_have_count(3)
    expect(records.first).to_have_attribute("aria-selected", "true")
    screenshot(page, "found")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    name = chosen.locator(".palette-name").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.keyboard.press("Control+k")
    box.fill("zzz")
    expect(page.get_by_text("Nothing found for “zzz”")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.palette")).to_have_count(0)
    expect(page.locator("a[data-palette]")).to_be_focused()


def test_it_is_as_good_on_a_phone_in_chinese_and_dark(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    company.office.update("system.user", {"id": company.people["sales"].id}, locale="zh")
    page = new_page(viewport={"width": 360, "height": 740}, color_scheme="dark", locale="zh")
    company.sign_in(page, "sales")
    company.open(page, "/")
    page.locator("a[data-palette]").click()
    page.get_by_role("combobox").fill("extension")
    expect(page.get_by_role("option", name="Data centre extension")).to_be_visible()
    assert look_at(page, "palette", accessibility_violations) == []
    screenshot(page, "phone")
