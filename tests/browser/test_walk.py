"""The walk through both applications: a deal is won, the commission follows, approval holds it fast."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Screenshot = Callable[[Page, str], Path]


def value(page: Page, name: str) -> str:
    return page.locator(f'[data-value="{name}"]').inner_text().strip()


def test_somebody_signs_in_and_is_led_where_they_wanted_to_go(company: Company, page: Page) -> None:
    company.open(page, f"/crm/deal/{company.deal['id']}")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("sales")
    page.fill("#password", "wrong")
    page.click("#sign-in button[type=submit]")
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    expect(page.locator("#username")).to_have_value("sales")
    page.fill("#password", "secret-sales")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Data centre extension")


def test_a_deal_is_won_and_the_approved_payslip_does_not_move(
    company: Company, new_page: NewPage, screenshot: Screenshot
) -> None:
    deal, payslip = f"/crm/deal/{company.deal['id']}", f"/hrm/payslip/{company.payslip['id']}"
    seller, payroll, manager = new_page(), new_page(), new_page()
    company.sign_in(payroll, "payroll")
    company.open(payroll, payslip)
    assert value(payroll, "commission") == "¥0.00"

    company.sign_in(seller, "sales")
    company.open(seller, deal)
    seller.fill("#field-amount", "240000")
    expect(seller.locator('[data-value="weighted"]')).to_have_text("¥168,000.00")
    screenshot(seller, "typing")
    seller.get_by_role("link", name="Win", exact=True).click()
    expect(seller.get_by_role("dialog")).to_contain_text("No approval is needed")
    seller.get_by_role("dialog").get_by_role("button", name="Win", exact=True).click()
    expect(seller.locator(".stage-now")).to_have_text("Won")
    screenshot(seller, "won")

    payroll.reload()
    assert value(payroll, "sales_won") == "¥240,000.00"
    assert value(payroll, "commission") == "¥3,000.00"
    net = value(payroll, "net")
    payroll.get_by_role("button", name="Approve", exact=True).click()
    expect(payroll.locator(".stage-now")).to_have_text("Approved")
    screenshot(payroll, "approved")

    company.sign_in(manager, "manager")
    company.open(manager, deal)
    manager.fill("#field-amount", "990000")
    manager.locator(".save-bar").get_by_role("button", name="Save").click()
    expect(manager.locator("[data-toast]")).to_contain_text("Saved")
    expect(manager.locator("#field-amount")).to_have_value(re.compile("990,?000.00"))

    payroll.reload()
    assert value(payroll, "sales_won") == "¥240,000.00"
    assert value(payroll, "commission") == "¥3,000.00"
    assert value(payroll, "net") == net


def test_losing_asks_for_the_reason_in_a_dialog(company: Company, page: Page, screenshot: Screenshot) -> None:
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.fill("#field-next_step", "Call again in spring")
    page.get_by_role("link", name="Lose", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    screenshot(page, "dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Lose", exact=True)).to_be_focused()
    page.get_by_role("link", name="Lose", exact=True).click()
    dialog.get_by_role("button", name="Lose", exact=True).click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Reason for losing").select_option("price")
    dialog.get_by_label("Comment").fill("They had a cheaper offer.")
    dialog.get_by_role("button", name="Lose", exact=True).click()
    expect(page.locator(".stage-now")).to_have_text("Lost")
    lost = company.office.read("crm.deal", company.deal)
    assert (lost["lost_reason"], lost["next_step"]) == ("price", "Call again in spring")
    expect(page.locator(".event-quote").first).to_have_text("They had a cheaper offer.")


def test_rows_are_added_by_keyboard_and_computed_while_typing(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.get_by_role("button", name="Add a row").click()
    page.keyboard.type("rack")
    expect(page.get_by_role("option", name="Rack server R740")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator('[name="lines-1-quantity"]').fill("3")
    page.locator('[name="lines-1-unit_price"]').fill("1,000")
    expect(page.locator('[data-value="lines-1-amount"]')).to_have_text("¥3,000.00")
    page.locator(".save-bar").get_by_role("button", name="Save").click()
    expect(page.locator("[data-toast]")).to_contain_text("Saved")
    assert len(company.office.read("crm.deal", company.deal)["lines"]) == 2
    page.locator("[data-row-remove]").first.click()
    page.locator(".save-bar").get_by_role("button", name="Save").click()
    expect(page.locator("[data-toast]")).to_contain_text("Saved")
    lines = company.office.read("crm.deal", company.deal)["lines"]
    assert [line["quantity"] for line in lines] == [3]


def test_enter_in_a_field_saves_and_does_not_move_the_record(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.fill("#field-name", "Data centre, phase 2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Saved")
    expect(page.get_by_role("heading", level=1)).to_have_text("Data centre, phase 2")
    expect(page.locator(".stage-now")).to_contain_text("Negotiation")


def test_leaving_with_unsaved_changes_asks_first(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.fill("#field-name", "Something else")
    page.on("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        page.get_by_role("link", name="Contacts").click()
    assert asked.value.type == "beforeunload"
    expect(page.locator("#field-name")).to_have_value("Something else")


def test_a_list_is_searched_while_typing_and_filtered_by_choosing(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.open(page, "/crm/deal")
    expect(page.locator(".row-title")).to_have_count(4)
    page.get_by_role("searchbox").press_sequentially("Retrofit 3")
    expect(page.locator(".row-title")).to_have_count(1)
    assert "q=Retrofit" in page.url
    company.open(page, "/crm/deal")
    page.locator(".tools summary", has_text="Filter").click()
    panel = page.locator(".tools .menu[open]")
    panel.get_by_label("Field", exact=True).select_option("amount")
    panel.get_by_label("Condition").select_option("ge")
    panel.get_by_label("Value", exact=True).fill("50000")
    page.get_by_role("button", name="Add filter").click()
    expect(page.locator(".chip")).to_contain_text("Amount at least ¥50,000.00")
    expect(page.locator(".row-title")).to_have_count(2)
    page.get_by_role("link", name=re.compile("^Remove the filter")).click()
    expect(page.locator(".row-title")).to_have_count(4)


def test_everything_is_readable_and_savable_without_scripts(company: Company, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.fill("#field-name", "Plain and simple")
    page.fill("#field-account", "Nordwind GmbH")
    page.fill('[name="lines-1-product-title"]', "Rack server R740")
    page.fill('[name="lines-1-unit_price"]', "7")
    page.locator(".save-bar").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plain and simple")
    saved = company.office.read("crm.deal", company.deal)
    assert saved["account"].title == "Nordwind GmbH"
    assert [line["quantity"] for line in saved["lines"]] == [2, 1]
    page.get_by_role("link", name="Lose", exact=True).click()
    page.get_by_label("Reason for losing").select_option("timing")
    page.get_by_role("button", name="Lose", exact=True).click()
    expect(page.locator(".stage-now")).to_have_text("Lost")


def test_the_navigation_opens_on_a_phone(company: Company, new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    company.sign_in(page, "sales")
    company.open(page, "/")
    expect(page.locator(".rail").get_by_text("Contacts")).not_to_be_in_viewport()
    page.locator(".rail-open").click()
    page.locator(".rail").get_by_role("link", name="Contacts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contacts")
