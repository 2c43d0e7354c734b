"""A public form in a real browser: a stranger fills it in, and it becomes a lead."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from blueprints import public_forms
from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser


def test_a_stranger_sends_a_lead(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No person is as quick as this test; that programs are refused is tested without a browser.
    monkeypatch.setattr(public_forms, "QUICKEST", timedelta(0))
    page = new_page(viewport={"width": 360, "height": 740}, color_scheme="dark", locale="zh")
    company.open(page, "/form/crm/lead/contact")
    expect(page.get_by_role("heading", name="联系我们")).to_be_visible()
    page.get_by_label("联系人").fill("王芳")
    page.get_by_label("电子邮箱").fill("wang")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".problem").first).to_be_visible()
    page_problems[:] = [each for each in page_problems if "422" not in each]
    screenshot(page, "refused")
    assert look_at(page, "refused", accessibility_violations) == []
    page.get_by_label("电子邮箱").fill("wang@example.com")
    page.get_by_label("备注").fill("我们需要报价。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("我们会在一个工作日内与您联系")).to_be_visible()
    assert look_at(page, "thanks", accessibility_violations) == []
    manager = new_page(locale="en")
    company.sign_in(manager, "manager")
    company.open(manager, "/crm/lead?view=all")
    expect(manager.get_by_role("link", name="王芳")).to_be_visible()
    company.open(manager, "/crm/lead?view=contact")
    expect(manager.get_by_label("Link to the form")).to_have_value(f"{company.address}/form/crm/lead/contact")
    assert look_at(manager, "link", accessibility_violations) == []
    screenshot(manager, "link")
    manager.get_by_role("button", name="Close the form").click()
    expect(manager.get_by_role("button", name="Open the form")).to_be_visible()
    page.reload()
    company.open(page, "/form/crm/lead/contact")
    expect(page.get_by_role("heading", name="该表单目前已关闭")).to_be_visible()
    page_problems[:] = [each for each in page_problems if "404" not in each]
