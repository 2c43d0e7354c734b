"""A formula is written with suggestions and says what it gives or what is wrong; values of filters."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company

pytestmark = pytest.mark.browser


def test_a_filter_is_written_with_the_keyboard(
    company: Company,
    page: Page,
    screenshot: Callable[[Page, str], Path],
    accessibility_violations: Callable[[Page], list[str]],
) -> None:
    company.sign_in(page, "manager")
    company.open(page, "/crm/deal?view=all")
    page.locator(".tools summary", has_text="Filter").click()
    box, said = page.locator("#filter-formula"), page.locator("#filter-formula-said")
    offered = page.get_by_role("listbox", name="Formula")
    box.click()
    box.press_sequentially("amo")
    expect(offered.get_by_role("option").first).to_contain_text("Amount")
    assert accessibility_violations(page) == []
    box.press("Tab")
    box.press_sequentially(" > 0 and owner.nam")
    expect(offered).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("amount > 0 and owner.name")
    expect(said).to_contain_text("must be")
    expect(box).to_have_attribute("aria-invalid", "true")
    screenshot(page, "wrong")
    said.get_by_role("button").first.click()
    assert box.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)") == "owner"
    box.press("End")
    box.press_sequentially(' != "" and stage == "')
    expect(offered.get_by_role("option")).not_to_have_count(0)
    box.press("Escape")
    expect(offered).to_be_hidden()
    box.press_sequentially('won"')
    expect(said).to_have_text("Gives a yes or no.")
    page.get_by_role("button", name="Apply formula").click()
    expect(page.locator(".chip")).to_contain_text("amount > 0 and owner.name")


def test_a_filter_with_several_values(
    company: Company, page: Page, accessibility_violations: Callable[[Page], list[str]]
) -> None:
    company.sign_in(page, "manager")
    company.open(page, "/crm/deal?view=all")
    page.locator(".tools summary", has_text="Filter").click()
    second = page.locator("[data-filter-second]")
    page.select_option("#filter-field", "amount")
    page.select_option("#filter-operator", "ge")
    expect(second).to_be_hidden()
    page.select_option("#filter-operator", "between")
    page.fill("#filter-value", "1")
    second.fill("999999")
    page.get_by_role("button", name="Add filter").click()
    expect(page.locator(".chip")).to_contain_text("Amount between")
    page.locator(".tools summary", has_text="Filter").click()
    page.select_option("#filter-field", "lost_reason")
    page.select_option("#filter-operator", "in")
    page.get_by_label("Price").check()
    page.get_by_label("Competitor").check()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Add filter").click()
    expect(page.locator(".chip").last).to_contain_text("Price, Competitor")
