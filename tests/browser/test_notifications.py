"""The bell, the notifications and the jobs in a real browser: read, opened, tried again; on every screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import notifications, outbox
from engine.access.accounts import grant_roles
from engine.schema.system_tables import job
from engine.text import Text
from tests.browser.company import Company
from tests.browser.looks import LOOKS, Eyes

pytestmark = pytest.mark.browser


@pytest.fixture
def told(company: Company) -> Company:
    """The salesperson was told two things and looks after a failed mail."""
    person = company.people["sales"].id or 0
    with company.office.workspace.writing() as transaction:
        for number, about in enumerate([None, ("crm.deal", company.deal["id"])]):
            message = Text({"en": f"Message number {number}", "zh": f"第 {number} 条消息"})
            notifications.notify(transaction, [person], message, about, "task", f"told-{number}")
        outbox.enqueue(transaction, "mail", [("failing", {"notification": 0})])
        failed = job.update().where(job.c.key == "failing")
        transaction.connection.execute(failed.values(state="failed", attempts=6, reason="No such mailbox"))
        grant_roles(transaction, person, ["system.administrator"])
    return company


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_bell_opens_on_every_screen(
    told: Company, new_page: Callable[..., Page], eyes: Eyes, locale: str
) -> None:
    told.speak(locale)
    page = new_page(**LOOKS["wide"], locale=locale)
    told.sign_in(page, "sales")
    told.open(page, "/notifications")
    page.locator("[data-bell]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    eyes.look_around(page, "bell")
    assert eyes.found == []


def test_a_notification_is_opened_and_a_job_tried_again(told: Company, page: Page) -> None:
    told.sign_in(page, "sales")
    told.open(page, "/")
    page.get_by_role("link", name="Notifications, 2 unread").click()
    page.get_by_role("button", name="Unread: Message number 1").click()
    page.wait_for_url(f"**/crm/deal/{told.deal['id']}")
    page.get_by_role("link", name="Notifications, 1 unread").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Notifications, 0 unread")).to_be_visible()
    assert page.url.endswith(f"/crm/deal/{told.deal['id']}")
    told.open(page, "/admin/jobs?state=failed")
    expect(page.locator("main")).to_contain_text("No such mailbox")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main")).to_contain_text("No jobs here")


def test_the_bell_obeys_the_keyboard_and_stays_on_the_page(told: Company, page: Page) -> None:
    told.sign_in(page, "sales")
    told.open(page, "/profile")
    bell = page.get_by_role("link", name="Notifications, 2 unread")
    bell.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Notifications")
    expect(dialog).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("button", name="Unread: Message number 1")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("link", name="See all notifications")).to_be_focused()
    dialog.get_by_role("button", name="Mark as read: Message number 0").click()
    bell = page.get_by_role("link", name="Notifications, 1 unread")
    expect(bell).to_be_visible()
    expect(dialog).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(bell).to_be_focused()
    bell.click()
    page.get_by_role("heading", level=1).click()
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/profile")
