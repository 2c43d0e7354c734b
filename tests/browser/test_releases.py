"""An administrator publishes from the page: a text, its plan, the release, and the way back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.access.actors import ADMINISTRATOR
from tests.blueprints.conftest import give_password
from tests.browser.company import Company

pytestmark = pytest.mark.browser

PUBLISHED = 40_000
"""Milliseconds in which a release is there, on a machine that other tests keep busy."""
TEXT = """\
app: garden
label: {en: Garden, zh: 花园}
entities:
  plant:
    fields:
      name: {type: text}
"""


@pytest.mark.parametrize("width", [1280, 360])
def test_publish_compare_and_go_back(
    company: Company,
    page: Page,
    width: int,
    screenshot: Callable[[Page, str], Path],
    accessibility_violations: Callable[[Page], list[str]],
) -> None:
    page.set_default_timeout(PUBLISHED)
    page.set_viewport_size({"width": width, "height": 800})
    give_password(company.office.workspace, "chief", company.people["chief"].id or 0, ADMINISTRATOR)
    company.sign_in(page, "chief")
    company.open(page, "/admin/releases")
    assert accessibility_violations(page) == []
    page.fill("#release-text", TEXT + f"      height{width}: {{type: decimal}}\n")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", name="What is pending")).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, f"plan-{width}")
    page.fill("#release-message", f"A garden {width}")
    for tick in page.locator("input[name=agreed]").all():
        tick.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name=f"A garden {width}")).to_be_visible(timeout=PUBLISHED)
    expect(page.get_by_role("status")).to_contain_text("is published")
    page.get_by_role("link", name="What it changed").click()
    expect(page.locator("#differences")).to_contain_text("Adds the")
    assert accessibility_violations(page) == []
    page.select_option("#choice-before", index=0)
    expect(page.locator("#differences")).to_contain_text("They mean the same.")
    company.open(page, "/admin/releases")
    screenshot(page, f"history-{width}")
    page.get_by_role("link", name="Go back").first.click()
    for tick in page.locator("input[name=agreed]").all():
        tick.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Back to release")).to_be_visible(timeout=PUBLISHED)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
