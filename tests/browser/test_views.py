"""Board, calendar, timeline, gallery, tree, pivot, charts and dashboards in a real browser."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.company import Company
from tests.browser.looks import Eyes

pytestmark = pytest.mark.browser


def drag(page: Page, title: str, column: str) -> None:
    """Carries a card to a column, as a hand does: in several steps."""
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


@pytest.fixture
def head(company: Company, new_page: Callable[..., Page]) -> Page:
    """The page of somebody who may change whatever is dragged here."""
    company.join("head", "hrm.hr", "crm.sales_manager")
    page = new_page(viewport={"width": 1500, "height": 900}, locale="en")
    company.sign_in(page, "head")
    return page


def test_a_record_is_dragged_to_another_day(company: Company, head: Page) -> None:
    company.office.update("crm.deal", company.deal, close_date=date(2026, 3, 11))
    company.open(head, "/crm/deal?view=calendar&at=2026-03-01")
    carry(
        head, head.locator("[data-day='2026-03-11'] .calendar-entry"), head.locator("[data-day='2026-03-25']")
    )
    expect(head.locator("[data-day='2026-03-25'] .calendar-entry")).to_contain_text("Data centre extension")
    expect(head.locator(".toast")).to_contain_text("Data centre extension")
    assert company.office.read("crm.deal", company.deal)["close_date"] == date(2026, 3, 25)


def drag_by(page: Page, what: Locator, days: int, steps: int) -> None:
    """Drags something along the timeline by so many days; one step is a hand that is in a hurry."""
    what.scroll_into_view_if_needed()
    box, day = what.bounding_box(), page.locator(".timeline-day").first.bounding_box()
    assert box
    assert day
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + days * day["width"], y, steps=steps)
    page.mouse.up()


def test_bars_of_the_timeline_and_their_ends_are_dragged(company: Company, head: Page) -> None:
    office = company.office
    employee = office.create("hrm.employee", name="Bo Below")
    monday = date.today() - timedelta(days=date.today().weekday())

    def day(number: int) -> date:
        return monday + timedelta(days=number)

    leave = office.create(
        "hrm.leave_request", employee=employee["id"], kind="annual", start=day(0), end=day(1)
    )
    company.open(head, "/hrm/leave_request?view=timeline")

    def bar(begins: date, ends: date) -> Locator:
        """The bar once it is drawn with these days; whoever dragged it finds the focus on it."""
        found = head.locator(f"[data-card='{leave['id']}'][data-begins='{begins}'][data-ends='{ends}']")
        expect(found.locator("a")).to_be_focused()
        kept = office.read("hrm.leave_request", leave)
        assert (kept["start"], kept["end"]) == (begins, ends)
        return found

    drag_by(head, head.locator(f"[data-card='{leave['id']}'] a"), 2, steps=8)
    moved = bar(day(2), day(3))
    # The grip is narrower than a day: the very first step leaves it.
    drag_by(head, moved.locator("[data-grip]"), 3, steps=8)
    longer = bar(day(2), day(6))
    drag_by(head, longer.locator("[data-grip]"), -2, steps=1)
    shorter = bar(day(2), day(4))
    # It does not end before it begins.
    drag_by(head, shorter.locator("[data-grip]"), -5, steps=4)
    shortest = bar(day(2), day(2))
    head.keyboard.press("Alt+Shift+ArrowRight")
    bar(day(2), day(3))
    head.keyboard.press("Alt+ArrowLeft")
    bar(day(1), day(2))
    expect(shortest).to_have_count(0)
    # What was dragged is not opened; a click opens it.
    expect(head).to_have_url(re.compile("view=timeline"))
    head.locator(f"[data-card='{leave['id']}'] a").click()
    expect(head).to_have_url(re.compile(f"/hrm/leave_request/{leave['id']}"))


def test_a_bar_that_may_not_be_changed_springs_back(company: Company, head: Page) -> None:
    office = company.office
    employee = office.create("hrm.employee", name="Bo Below", manager=company.people["head"].id)
    leave = office.create(
        "hrm.leave_request", employee=employee["id"], kind="annual", start=date.today(), end=date.today()
    )
    company.open(head, "/hrm/leave_request?view=timeline")
    office.move("hrm.leave_request", leave, "submit", company.people["head"])
    bar = head.locator(f"[data-card='{leave['id']}']")
    drag_by(head, bar.locator("[data-grip]"), 1, steps=3)
    expect(head.locator(".toast-bad")).to_contain_text("Not moved")
    expect(bar).not_to_have_attribute("style", re.compile("width"))
    assert office.read("hrm.leave_request", leave)["end"] == date.today()


def test_somebody_is_dragged_below_somebody_else(company: Company, head: Page) -> None:
    above = company.office.create("hrm.employee", name="Ann Above", user=company.people["head"].id)
    below = company.office.create("hrm.employee", name="Bo Below")
    company.open(head, "/hrm/employee?view=chart")
    item = head.locator(f".tree-item[data-card='{below['id']}'] > .tree-card .avatar")
    carry(head, item, head.locator(f".tree-item[data-card='{above['id']}'] > [data-below]"))
    expect(head.locator(".toast")).to_contain_text("Bo Below")
    assert company.office.read("hrm.employee", below)["manager"].id == company.people["head"].id


def test_a_gallery_shows_the_pictures_of_its_records(company: Company, page: Page, eyes: Eyes) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (1600, 1000), "#c9a227").save(picture, "PNG")
    company.office.create("museum.exhibit", name="Without one")
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit/new")
    page.get_by_label("Name").fill("Sunflowers")
    page.get_by_role("tab", name="Story").click()
    page.locator("#field-picture").set_input_files(
        {"name": "sunflowers.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    expect(page.locator("[data-field=picture]").get_by_role("link", name="sunflowers.png")).to_be_visible()
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.locator("[data-toast]")).to_contain_text("created")
    company.open(page, "/museum/exhibit?view=gallery")
    drawn = page.locator(".gallery-card", has_text="Sunflowers").locator("img")
    expect(drawn).to_be_visible()
    width, height = drawn.evaluate(
        "(each) => each.decode().then(() => [each.naturalWidth, each.naturalHeight])"
    )
    assert 0 < width < 1600, "the gallery loads small pictures"
    assert width / height == pytest.approx(1.6, rel=0.02)
    assert drawn.evaluate("(each) => getComputedStyle(each).objectFit") == "cover"
    expect(page.locator(".gallery-card", has_text="Without one").locator(".gallery-mark")).to_be_visible()
    eyes.look_around(page, "gallery")
    assert eyes.found == []
    page.get_by_role("link", name="Sunflowers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sunflowers")


def test_a_click_on_a_number_leads_to_its_records(company: Company, page: Page) -> None:
    company.sign_in(page, "sales")
    company.office.move("crm.deal", company.deal, "win", company.people["sales"])
    company.open(page, "/dashboards/crm/sales")
    page.locator(".figure-card", has=page.locator("#card-won")).locator(".figure-value").click()
    expect(page.locator(".row-title")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Data centre extension")
