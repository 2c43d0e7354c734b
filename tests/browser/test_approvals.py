"""Approvals in a real browser: submitted, decided by manager and deal desk, in both languages."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.apps.office import Record
from tests.browser.company import Company
from tests.browser.looks import LOOKS, Eyes

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "win": "Win", "forecast": "Who will be asked", "desk": "Deal desk", "closing": "In approval",
        "won": "Won", "approve": "Approve", "transfer": "Transfer", "waiting": "Waiting for approval",
        "submit": "Submit", "done": "1 of 1 done", "copied": "Copied to me", "refused": "Refused",
        "reject": "Reject", "withdraw": "Withdraw", "remind": "Remind",
    },
    "zh": {
        "win": "赢单", "forecast": "将由以下人员审批", "desk": "商务评审", "closing": "审批中",
        "won": "赢单", "approve": "同意", "transfer": "转交", "waiting": "审批中",
        "submit": "提交", "done": "共 1 项，已完成 1 项", "copied": "抄送", "refused": "已驳回",
        "reject": "拒绝", "withdraw": "撤回", "remind": "催办",
    },
}  # fmt: skip


@pytest.fixture
def team(company: Company) -> Company:
    """The salesperson has a manager, and there is a deal desk of two."""
    office, people = company.office, company.people
    for name in ("desk", "second"):
        company.join(name, "crm.deal_desk")
    office.update("system.user", {"id": people["sales"].id}, manager=people["manager"].id)
    return company


def submitted(team: Company, discount: str = "0.25") -> Record:
    team.office.update("crm.deal", team.deal, discount=Decimal(discount))
    return team.office.move("crm.deal", team.deal, "win", team.people["sales"])


def open_task(team: Company, page: Page, username: str) -> Locator:
    """Signs somebody in and opens the first task of their inbox, wherever it opens."""
    team.sign_in(page, username)
    team.open(page, "/inbox")
    page.locator(".inbox-title").first.click()
    task = page.locator("#task")
    expect(task).to_be_visible()
    return task


@pytest.mark.parametrize(("look", "locale"), [("wide", "en"), ("phone", "zh")])
def test_a_discount_is_approved_by_the_manager_and_the_deal_desk(
    team: Company,
    new_page: NewPage,
    eyes: Eyes,
    look: str,
    locale: str,
) -> None:
    words = WORDS[locale]
    team.speak(locale)
    seller, manager, desk = (new_page(**LOOKS[look], locale=locale) for _ in range(3))
    deal = f"/crm/deal/{team.deal['id']}"

    team.sign_in(seller, "sales")
    team.open(seller, deal)
    seller.fill("#field-discount", "25%")
    seller.get_by_role("link", name=words["win"], exact=True).click()
    dialog = seller.get_by_role("dialog")
    expect(dialog).to_contain_text(words["forecast"])
    expect(dialog.locator(".flow-next")).to_have_count(3)
    expect(dialog.locator(".flow-passed")).to_have_count(1)
    eyes.look(seller, "forecast")
    dialog.locator("textarea").fill("Please")
    dialog.get_by_role("button", name=words["win"], exact=True).click()
    expect(seller.locator(".stage-now")).to_have_text(words["closing"])
    expect(seller.locator(".flow-now")).to_contain_text("Manager")
    for each in ("withdraw", "remind"):
        expect(seller.get_by_role("link", name=words[each], exact=True)).to_be_visible()
    eyes.look(seller, "submitted")

    task = open_task(team, manager, "manager")
    eyes.look(manager, "task")
    task.locator(".answer-comment").fill("Good customer")
    task.get_by_role("button", name=words["approve"], exact=True).click()
    expect(manager.locator("[data-toast]")).to_be_visible()
    expect(manager.locator(".inbox-title")).to_have_count(0)

    task = open_task(team, desk, "desk")
    expect(task).to_contain_text("Good customer")
    task.get_by_role("button", name=words["approve"], exact=True).click()
    expect(desk.locator("[data-toast]")).to_be_visible()

    seller.reload()
    expect(seller.locator(".stage-now")).to_have_text(words["won"])
    seller.locator(".approval summary").click()
    expect(seller.locator(".approval .flow-done")).to_have_count(3)
    eyes.look(seller, "won")
    assert eyes.found == []
    assert team.office.read("crm.deal", team.deal)["stage"] == "won"


@pytest.mark.parametrize(("look", "locale"), [("wide", "en"), ("phone", "zh")])
def test_leave_is_approved_in_the_inbox_and_payroll_gets_a_copy(
    team: Company,
    new_page: NewPage,
    eyes: Eyes,
    look: str,
    locale: str,
) -> None:
    words = WORDS[locale]
    team.speak(locale)
    office, people = team.office, team.people
    employee = next(iter(office.seen("hrm.employee", people["payroll"])))
    office.update("hrm.employee", {"id": employee}, manager=people["manager"].id)
    seller, manager, payroll = (new_page(**LOOKS[look], locale=locale) for _ in range(3))
    team.sign_in(seller, "sales")
    request = office.create(
        "hrm.leave_request", people["sales"], start=date(2026, 12, 7), end=date(2026, 12, 9)
    )
    team.open(seller, f"/hrm/leave_request/{request['id']}")
    seller.get_by_role("link", name=words["submit"], exact=True).click()
    seller.get_by_role("dialog").get_by_role("button", name=words["submit"], exact=True).click()
    expect(seller.locator(".approval")).to_contain_text(words["waiting"])
    eyes.look(seller, "leave")

    team.sign_in(manager, "manager")
    team.open(manager, "/inbox")
    manager.locator(".inbox-tick .tick").check()
    expect(manager.locator("[data-inbox-bulk]")).to_be_visible()
    eyes.look(manager, "chosen")
    manager.locator("[data-inbox-bulk]").get_by_role("button", name=words["approve"]).click()
    expect(manager.locator(".notice-good")).to_contain_text(words["done"])
    eyes.look(manager, "results")

    team.sign_in(payroll, "payroll")
    team.open(payroll, "/inbox?box=copied")
    expect(payroll.locator(".inbox-title")).to_have_count(1)
    eyes.look(payroll, "copied")
    assert eyes.found == []
    assert office.read("hrm.leave_request", request)["stage"] == "approved"


def test_of_two_who_decide_at_once_the_second_is_told(team: Company, new_page: NewPage) -> None:
    submitted(team)
    manager, first, second = new_page(), new_page(), new_page()
    open_task(team, manager, "manager").get_by_role("button", name="Approve", exact=True).click()
    expect(manager.locator("[data-toast]")).to_be_visible()
    mine, theirs = open_task(team, first, "desk"), open_task(team, second, "desk")
    mine.get_by_role("button", name="Approve", exact=True).click()
    expect(first.locator("[data-toast]")).to_be_visible()
    theirs.get_by_role("button", name="Reject", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("This was already decided by Desk at")
    assert team.office.read("crm.deal", team.deal)["stage"] == "won"


def test_the_inbox_obeys_the_keyboard(team: Company, page: Page) -> None:
    submitted(team)
    team.sign_in(page, "manager")
    team.open(page, "/inbox")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator(".inbox-title").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".inbox-tick .tick")).to_be_checked()
    page.keyboard.press("a")
    expect(page.locator("[data-inbox-bulk]").get_by_role("button", name="Approve")).to_be_focused()
    page.locator(".inbox-tick .tick").uncheck()
    page.keyboard.press("r")
    expect(dialog).to_contain_text("Reject")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator(".inbox-title").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#inbox-pane #task-title")).to_be_focused()


def test_a_mention_is_offered_while_typing(team: Company, page: Page) -> None:
    submitted(team)
    team.sign_in(page, "sales")
    team.open(page, f"/crm/deal/{team.deal['id']}")
    box = page.locator(".approval .remark textarea")
    box.click()
    page.keyboard.type("Please hurry, @man")
    expect(page.get_by_role("option", name=re.compile("@manager"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Please hurry, @manager ")
    page.locator(".approval").get_by_role("button", name="Say it", exact=True).click()
    expect(page.locator(".approval .at-name")).to_have_text("@manager")


def test_approvals_work_without_scripts(team: Company, new_page: NewPage) -> None:
    submitted(team)
    page = new_page(java_script_enabled=False)
    team.sign_in(page, "manager")
    team.open(page, "/inbox")
    page.locator(".inbox-title").click()
    page.get_by_role("link", name="Transfer", exact=True).click()
    page.get_by_label("Who").fill("Desk")
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.locator(".inbox-title")).to_have_count(0)
    team.open(page, f"/crm/deal/{team.deal['id']}")
    expect(page.locator(".flow-now")).to_contain_text("Desk")
