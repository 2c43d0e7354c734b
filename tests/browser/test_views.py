"""Board, calendar, timeline, gallery, tree, pivot, charts and dashboards in a real browser."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.blueprints.conftest import give_password
from tests.browser.conftest import Company
from tests.browser.test_looks import look_at

pytestmark = pytest.mark.browser

PAGES = {
    "board": "/crm/deal?view=board",
    "calendar": "/crm/deal?view=calendar",
    "week": "/crm/deal?view=calendar&mode=week",
    "timeline": "/hrm/leave_request?view=timeline",
    "gallery": "/hrm/employee?view=gallery",
    "tree": "/hrm/employee?view=chart",
    "organisation": "/hrm/employee?view=chart&look=chart",
    "pivot": "/crm/deal?view=results",
    "chart": "/crm/deal?view=won_by_month",
    "dashboard": "/dashboards/crm/sales",
}
LOOKS = {
    "wide": {"viewport": {"width": 1440, "height": 900}},
    "dark phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}


@pytest.mark.parametrize(("look", "locale"), [("wide", "en"), ("dark phone", "zh")])
def test_every_type_of_view(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    look: str,
    locale: str,
) -> None:
    manager = company.people["manager"]
    company.office.update("system.user", {"id": manager.id}, locale=locale)
    today = date.today()
    employee = company.office.create("hrm.employee", name="孙婷", user=manager.id, manager=None)
    company.office.create(
        "hrm.leave_request",
        employee=employee["id"],
        kind="annual",
        start=today,
        end=today + timedelta(days=4),
    )
    deal = company.office.move("crm.deal", company.deal, "win", company.people["sales"])
    assert deal["stage"] == "won"
    page = new_page(**LOOKS[look], locale=locale)
    company.sign_in(page, "manager")
    found: list[str] = []
    for name, path in PAGES.items():
        company.open(page, path)
        page.wait_for_load_state("networkidle")
        for chart in page.locator("[data-chart]").all():
            chart.scroll_into_view_if_needed()
            expect(chart).to_have_attribute("data-drawn", "yes")
        found += look_at(page, name, accessibility_violations)
        screenshot(page, name)
    assert found == []


def drag(page: Page, title: str, column: str) -> None:
    """Carries a card to a column, as a hand does: in several steps."""
    page.wait_for_load_state("networkidle")
    card = page.locator(".board-card", has_text=title)
    card.scroll_into_view_if_needed()
    start = card.bounding_box()
    target = page.locator(f"[data-column={column}] [data-cards]")
    end = target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + start["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 30, steps=12)
    page.mouse.move(end["x"] + end["width"] / 2 + 3, end["y"] + 34, steps=4)
    page.mouse.up()


def test_a_card_that_is_dragged_fires_the_transition(company: Company, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1500, "height": 900})
    company.sign_in(page, "sales")
    company.open(page, "/crm/deal?view=board")
    expect(page.locator("[data-column=lead] .board-count")).to_have_text("3")
    drag(page, "Retrofit 1", "proposal")
    expect(page.locator("[data-column=proposal] .board-title", has_text="Retrofit 1")).to_be_visible()
    expect(page.locator("[data-column=lead] .board-count")).to_have_text("2")
    expect(page.locator(".toast")).to_contain_text("Retrofit 1")


def test_a_move_that_is_refused_springs_back_with_the_reason(
    company: Company, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 1500, "height": 900})
    company.sign_in(page, "sales")
    company.open(page, "/crm/deal?view=board")
    drag(page, "Retrofit 2", "negotiation")
    expect(page.locator(".toast-bad")).to_contain_text("There is no way from “Lead” to “Negotiation”")
    expect(page.locator("[data-column=lead] .board-title", has_text="Retrofit 2")).to_be_visible()


def test_what_a_move_needs_is_asked_for(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.open(page, "/crm/deal?view=board")
    card = page.locator(".board-card", has_text="Retrofit 3")
    card.locator("[data-board-menu]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Lose → Lost").click()
    dialog = page.locator("dialog")
    expect(dialog.locator("h1")).to_have_text("Lose")
    dialog.locator("select").select_option("price")
    dialog.locator("[type=submit]").click()
    expect(page.locator("[data-column=lead] .board-count")).to_have_text("2")
    expect(page.locator("[data-column=lost] .board-count")).to_have_text("1")
    page.locator("[data-column=lost] [data-board-open]").click()
    expect(page.locator("[data-column=lost] .board-title")).to_have_text("Retrofit 3")


def test_a_record_is_moved_to_another_day_by_keyboard(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.office.update("crm.deal", company.deal, close_date=date(2026, 3, 11), amount=Decimal(5))
    company.open(page, "/crm/deal?view=calendar&at=2026-03-01")
    page.wait_for_load_state("networkidle")
    page.locator("[data-day='2026-03-11'] .calendar-entry a").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-day='2026-03-18'] .calendar-entry a")).to_have_text("Data centre extension")


def carry(page: Page, what: Locator, to: Locator) -> None:
    """Carries something to the middle of something else, as a hand does: in several steps."""
    what.scroll_into_view_if_needed()
    start, end = what.bounding_box(), to.bounding_box()
    assert start
    assert end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    to_x, to_y = end["x"] + end["width"] / 2, end["y"] + end["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 6, steps=3)
    page.mouse.move(to_x, to_y, steps=12)
    page.mouse.move(to_x + 2, to_y + 2, steps=3)
    page.mouse.up()


def test_days_ends_and_people_above_are_changed_by_dragging(
    company: Company, new_page: Callable[..., Page]
) -> None:
    office = company.office
    head = office.sign_in("head", "hrm.hr", "crm.sales_manager")
    give_password(office.workspace, "head", head.id or 0, "hrm.hr", "crm.sales_manager")
    office.update("crm.deal", company.deal, close_date=date(2026, 3, 11))
    above = office.create("hrm.employee", name="Ann Above", user=head.id)
    below = office.create("hrm.employee", name="Bo Below")
    monday = date.today() - timedelta(days=date.today().weekday())
    leave = office.create(
        "hrm.leave_request", employee=below["id"], kind="annual", start=monday, end=monday + timedelta(days=1)
    )
    page = new_page(viewport={"width": 1500, "height": 900}, locale="en")
    company.sign_in(page, "head")

    company.open(page, "/crm/deal?view=calendar&at=2026-03-01")
    page.wait_for_load_state("networkidle")
    entry = page.locator("[data-day='2026-03-11'] .calendar-entry")
    carry(page, entry, page.locator("[data-day='2026-03-25']"))
    expect(page.locator("[data-day='2026-03-25'] .calendar-entry")).to_contain_text("Data centre extension")
    expect(page.locator(".toast")).to_contain_text("Data centre extension")
    assert office.read("crm.deal", company.deal)["close_date"] == date(2026, 3, 25)

    company.open(page, "/hrm/leave_request?view=timeline")
    page.wait_for_load_state("networkidle")
    bar = page.locator(f".timeline-bar[data-card='{leave['id']}']")
    two_days = page.locator(".timeline-day").first.bounding_box()
    box = bar.bounding_box()
    assert two_days
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 12, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 12 + 2 * two_days["width"], middle, steps=8)
    page.mouse.up()
    # The timeline is drawn anew before it can be dragged again.
    moved = monday + timedelta(days=2)
    bar = page.locator(f".timeline-bar[data-card='{leave['id']}'][data-begins='{moved}']")
    expect(bar.locator("a")).to_be_focused()
    kept = office.read("hrm.leave_request", leave)
    assert (kept["start"], kept["end"]) == (monday + timedelta(days=2), monday + timedelta(days=3))

    company.open(page, "/hrm/employee?view=chart")
    page.wait_for_load_state("networkidle")
    item = page.locator(f".tree-item[data-card='{below['id']}'] > .tree-card .avatar")
    carry(page, item, page.locator(f".tree-item[data-card='{above['id']}'] > [data-below]"))
    expect(page.locator(".toast")).to_contain_text("Bo Below")
    assert office.read("hrm.employee", below)["manager"].id == head.id


def test_a_click_on_a_number_leads_to_its_records(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.office.move("crm.deal", company.deal, "win", company.people["sales"])
    company.open(page, "/dashboards/crm/sales")
    page.locator(".figure-card", has=page.locator("#card-won")).locator(".figure-value").click()
    expect(page.locator(".row-title")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Data centre extension")
