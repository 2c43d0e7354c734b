"""A click on a computed number says how it comes about, without leaving the page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company

pytestmark = pytest.mark.browser


def test_a_commission_is_followed_down_to_the_deals(
    company: Company,
    page: Page,
    screenshot: Callable[[Page, str], Path],
    accessibility_violations: Callable[[Page], list[str]],
) -> None:
    company.office.move("crm.deal", company.deal, "win", company.people["sales"])
    company.office.move("hrm.payslip", company.payslip, "approve", company.people["payroll"])
    company.sign_in(page, "sales")
    company.open(page, f"/hrm/payslip/{company.payslip['id']}")
    page.click("#field-commission")
    first = page.get_by_role("dialog", name="Commission")
    expect(first).to_contain_text("Sales won × Employee · Commission rate, rounded to 2 decimals")
    first.get_by_role("link", name="Sales won").click()
    second = page.get_by_role("dialog", name="Sales won")
    expect(second.get_by_role("link", name="Data centre extension")).to_be_visible()
    screenshot(page, "deals")
    assert accessibility_violations(page) == []
    second.get_by_role("link", name="Close").click()
    expect(first).to_be_visible()
    first.get_by_role("link", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#field-commission")).to_be_focused()
