"""The controls of single kinds of fields, in a real browser: what is entered is what is kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser


def test_every_control_keeps_what_is_entered(
    company: Company, page: Page, accessibility_violations: Callable[[Page], list[str]]
) -> None:
    company.sign_in(page, "chief")
    company.open(page, "/kinds/thing/new")
    page.locator("#field-name").fill("Lamp")
    page.locator("#field-tint").fill("#1a7f64")
    expect(page.locator("[data-color-pick]")).to_have_value("#1a7f64")
    page.locator("label[for=field-stars-4]").click()
    page.get_by_label("Holder").fill("11010519491231002x")
    story = page.get_by_role("textbox", name="Story")
    story.click()
    page.keyboard.type("One ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("bold")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.press("Enter")
    page.keyboard.type("<script>alert(1)</script>")
    page.get_by_label("Province").fill("广东省")
    page.get_by_label("City").fill("深圳市")
    page.get_by_label("Street and number").fill("科技路 1 号")
    page.get_by_label("Extra").fill('{"watts": 40}')
    assert look_at(page, "new", accessibility_violations) == []
    page.get_by_role("button", name="Create thing").click()
    expect(page.locator("[data-toast]")).to_contain_text("created")
    made = company.office.read("kinds.thing", {"id": int(page.url.rsplit("/", 1)[1])})
    assert made["tint"] == "#1a7f64"
    assert made["stars"] == 4
    assert made["holder"] == "11010519491231002X"
    assert made["story"] == "<p>One <b>bold</b></p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert made["place"] == "广东省\n深圳市\n\n科技路 1 号\n"
    assert made["extra"] == '{"watts":40}'
    assert look_at(page, "saved", accessibility_violations) == []


def test_what_is_refused_stays_as_it_was_entered(company: Company, page: Page) -> None:
    company.sign_in(page, "chief")
    company.open(page, "/kinds/thing/new")
    page.locator("#field-name").fill("Lamp")
    page.get_by_label("City").fill("深圳市")
    page.get_by_label("Holder").fill("110105194912310021")
    page.get_by_label("Extra").fill("{watts")
    page.get_by_role("button", name="Create thing").click()
    expect(page.get_by_text("its check digit is wrong").first).to_be_visible()
    expect(page.get_by_text("is not JSON: see character 2").first).to_be_visible()
    expect(page.get_by_label("City")).to_have_value("深圳市")
    expect(page.get_by_label("Province")).to_have_value("")
