"""Every kind of page: nothing that axe objects to, nothing wider than the screen, in both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Company

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "list": "/crm/deal",
    "empty": "/crm/lead",
    "nothing": "/crm/deal?q=zzz",
    "wrong formula": "/crm/deal?filter=amout > 1",
    "record": "/crm/deal/{deal}",
    "new": "/crm/deal/new",
    "move": "/crm/deal/{deal}/transitions/lose",
    "profile": "/profile",
    "not found": "/crm/deal/9999",
}
LOOKS = {
    "wide": {"viewport": {"width": 1440, "height": 900}},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_kind_of_page(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
    look: str,
    locale: str,
) -> None:
    sales = company.people["sales"]
    company.office.update("system.user", {"id": sales.id}, locale=locale)
    page = new_page(**LOOKS[look], locale=locale)
    found: list[str] = []
    company.open(page, "/sign-in")
    found += look_at(page, "sign-in", accessibility_violations)
    screenshot(page, "sign-in")
    company.sign_in(page, "sales")
    for name, path in PAGES.items():
        company.open(page, path.format(deal=company.deal["id"]))
        found += look_at(page, name, accessibility_violations)
        screenshot(page, name.replace(" ", "-"))
    # The page that is not found is part of the walk, and Chromium logs its status.
    page_problems[:] = [each for each in page_problems if "status of 404" not in each]
    assert found == []


def look_at(page: Page, name: str, violations: Callable[[Page], list[str]]) -> list[str]:
    """What is wrong with a page: what axe finds, and whether it is wider than the screen."""
    # What moves in (a toast, a colour) is looked at when it has arrived.
    page.evaluate(ARRIVED)
    too_wide = page.evaluate(f"({OVERFLOW})()")
    found = [f"{name}: {violation}" for violation in violations(page)]
    return [*found, *([f"{name}: {too_wide} pixels wider than the screen"] if too_wide > 0 else [])]


ARRIVED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_an_app_that_only_tests_know_looks_as_good(
    company: Company,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    """Its form has the kinds of controls that the shipped applications do not need."""
    office = company.office
    customer = office.create("shop.customer", name="Acme")
    for name in ("Chair", "Table"):
        office.create("shop.product", name=name, price="10")
    company.sign_in(page, "chief")
    company.open(page, f"/shop/order/new?customer={customer['id']}")
    page.get_by_label("Urgent").check()
    page.fill("#field-also", "tab")
    page.get_by_role("option", name="Table").click()
    page.fill("#field-discount", "20%")
    expect(page.locator("#field-reason")).to_be_visible()
    page.fill("#field-reason", "Old friends")
    screenshot(page, "form")
    assert look_at(page, "form", accessibility_violations) == []
    page.get_by_role("button", name="Create order").click()
    expect(page.locator("[data-toast]")).to_contain_text("created")
    made = office.read("shop.order", {"id": int(page.url.rsplit("/", 1)[1])})
    assert made["kinds"] == ("urgent",)
    assert [link.title for link in made["also"]] == ["Table"]
    assert made["reason"] == "Old friends"
    screenshot(page, "record")
    assert look_at(page, "record", accessibility_violations) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_appearance_follows_the_device_until_one_is_chosen(
    company: Company, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    company.sign_in(page, "sales")
    assert (_lightness(page) > 128) is (scheme == "light")
    page.locator("summary.person").click()
    with page.expect_response("**/profile/theme"):
        page.get_by_role("button", name="Light" if scheme == "dark" else "Dark", exact=True).click()
    assert (_lightness(page) > 128) is (scheme == "dark")
    page.reload()
    assert (_lightness(page) > 128) is (scheme == "dark")


def _lightness(page: Page) -> int:
    colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return int(colour.split("(")[1].split(",")[0])
