"""Link fields and tabs in a browser: cards, new records begun in a dialog, tabs by keys, undo of many."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.blueprints.conftest import give_password
from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser


def test_a_link_shows_a_card_and_begins_a_new_record(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
) -> None:
    page = new_page(locale="en")
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.locator("[data-field=account] .combo-open").hover()
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text("Haier Smart Home 海尔智家")
    expect(card).to_contain_text("Account")
    screenshot(page, "card")
    assert look_at(page, "card", accessibility_violations) == []
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.locator("#field-account").focus()
    page.keyboard.press("Tab")
    expect(card).to_contain_text("Haier")
    page.locator("#field-account").fill("Sinopec")
    page.get_by_role("option", name="New account").click()
    dialog = page.get_by_role("dialog", name="New account")
    expect(dialog.get_by_label("Name")).to_have_value("Sinopec")
    assert look_at(page, "dialog", accessibility_violations) == []
    screenshot(page, "dialog")
    dialog.get_by_label("Name").fill("")
    dialog.get_by_role("button", name="Create account").click()
    expect(dialog.get_by_text("Name is required.")).to_be_visible()
    page_problems[:] = [each for each in page_problems if "422" not in each]
    dialog.get_by_label("Name").fill("Sinopec 中国石化")
    dialog.get_by_role("button", name="Create account").click()
    expect(page.locator("#field-account")).to_have_value("Sinopec 中国石化")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("[data-toast]")).to_be_visible()
    saved = company.office.read("crm.deal", company.deal)
    assert saved["account"].title == "Sinopec 中国石化"


def test_tabs_open_by_keys_and_where_something_is_wrong(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
) -> None:
    hr = company.office.sign_in("hr", "hrm.hr")
    give_password(company.office.workspace, "hr", hr.id or 0, "hrm.hr")
    employee = company.office.create("hrm.employee", name="林悦二")
    page = new_page(locale="en")
    company.sign_in(page, "hr")
    company.open(page, f"/hrm/employee/{employee['id']}")
    tabs = page.get_by_role("tablist", name="Parts of the form").get_by_role("tab")
    expect(tabs).to_have_text(["Person", "Pay and insurance", "Deductions"])
    expect(page.locator("#field-email")).to_be_visible()
    expect(page.locator("#field-base_salary")).to_be_hidden()
    assert look_at(page, "tabs", accessibility_violations) == []
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    page.locator("#field-housing_fund_rate").fill("90%")
    screenshot(page, "tabs")
    page.keyboard.press("Enter")
    page_problems[:] = [each for each in page_problems if "422" not in each]
    expect(page.locator("#field-housing_fund_rate-problem")).to_be_visible()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")


def test_an_edit_of_many_is_undone(company: Company, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="en")
    company.sign_in(page, "sales")
    company.open(page, "/crm/deal?view=all")
    page.locator("[data-pick-page]").check()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.locator("[data-act-dialog]")
    dialog.locator("[data-act-field]").select_option("next_step")
    dialog.locator("[name=next_step]").fill("Call them")
    dialog.get_by_role("button", name="Do it").click()
    expect(dialog.locator("[data-act-said]")).to_contain_text("4 done")
    assert company.office.read("crm.deal", company.deal)["next_step"] == "Call them"
    company.office.update("crm.deal", company.deal, next_step="Write to them")
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.locator("[data-act-said]")).to_contain_text("3 done, 1 refused")
    expect(dialog.locator("[data-act-refusals]")).to_contain_text("was changed again since")
    assert company.office.read("crm.deal", company.deal)["next_step"] == "Write to them"


def test_moves_and_deletions_of_many_are_undone(
    company: Company, new_page: Callable[..., Page], screenshot: Callable[[Page, str], Path]
) -> None:
    page = new_page(locale="en")
    company.sign_in(page, "manager")
    found = page.locator(".row-title")

    def begin(button: str, query: str = "Retrofit") -> Locator:
        company.open(page, f"/crm/deal?view=all&q={query}")
        page.locator("[data-pick-page]").check()
        page.get_by_role("button", name=button, exact=True).click()
        return page.locator("[data-act-dialog]")

    def press(dialog: Locator, button: str) -> None:
        with page.expect_response("**/several"):
            dialog.get_by_role("button", name=button).click()

    dialog = begin("Delete")
    press(dialog, "Do it")
    said = dialog.locator("[data-act-said]")
    expect(said).to_contain_text("3 done, 0 refused")
    screenshot(page, "deleted")
    press(dialog, "Undo")
    expect(said).to_contain_text("3 done, 0 refused")
    dialog.get_by_role("button", name="Close").click()
    company.open(page, "/crm/deal?view=all&q=Retrofit")
    expect(found).to_have_count(3)

    dialog = begin("Move", "Data centre")
    dialog.locator("[data-act-move]").select_option("win")
    press(dialog, "Do it")
    expect(said).to_contain_text("1 done, 0 refused")
    assert company.office.read("crm.deal", company.deal)["stage"] == "won"
    press(dialog, "Undo")
    expect(said).to_contain_text("1 done, 0 refused")
    back = company.office.read("crm.deal", company.deal)
    assert (back["stage"], back["won_on"]) == ("negotiation", None)

    company.office.update("crm.deal", company.deal, discount="0.15")
    dialog = begin("Move", "Data centre")
    dialog.locator("[data-act-move]").select_option("win")
    press(dialog, "Do it")
    expect(said).to_contain_text("1 done, 0 refused")
    press(dialog, "Undo")
    expect(dialog.locator("[data-act-refusals]")).to_contain_text("An approval began or ended with this move")
    screenshot(page, "not-taken-back")
