"""The documents of the shipped applications, as people see them before printing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser


def test_a_quotation_and_a_payslip_are_printed(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    page = new_page(locale="en")
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}/print/quote")
    expect(page.get_by_role("heading", name="Quotation")).to_be_visible()
    expect(page.get_by_role("row", name="Rack server R740 2.00 ¥32,000.00 ¥64,000.00")).to_be_visible()
    assert look_at(page, "quotation", accessibility_violations) == []
    screenshot(page, "quotation")
    company.office.update("system.user", {"id": company.people["payroll"].id}, locale="zh")
    payroll = new_page(viewport={"width": 360, "height": 740}, locale="zh")
    company.sign_in(payroll, "payroll")
    company.open(payroll, f"/hrm/payslip/{company.payslip['id']}/print/payslip")
    expect(payroll.get_by_role("heading", name="工资单")).to_be_visible()
    expect(payroll.get_by_role("row", name="基本工资 ¥12,000.00")).to_be_visible()
    assert look_at(payroll, "payslip", accessibility_violations) == []
    screenshot(payroll, "payslip")
