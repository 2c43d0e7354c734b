"""Every kind of page: nothing that axe objects to, nothing wider than the screen, in both languages."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from engine.access.second_factor import begin_second_factor, confirm_second_factor
from engine.definition.view_type_registry import VIEW_TYPES
from tests.browser.company import Company
from tests.browser.looks import ALL_LOOKS, IN_ANOTHER_LANGUAGE, LOOKS, Eyes, draw_charts, look_at

pytestmark = pytest.mark.browser

WALKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "doors": (
        "",
        {
            "sign in": "/sign-in?next=/crm/deal",
            "forgot password": "/forgot-password",
            "link that is over": "/password/nothing",
            "public form": "/form/crm/lead/contact",
            "application": "/form/hrm/applicant/apply",
            "closed form": "/form/crm/lead/nothing",
            "thanks": "/form/crm/lead/contact/thanks",
        },
    ),
    "lists": (
        "sales",
        {
            "home": "/",
            "list": "/crm/deal",
            "groups": "/crm/deal?view=all&group=stage&sort=-amount",
            "empty": "/crm/lead",
            "nothing": "/crm/deal?q=zzz",
            "wrong formula": "/crm/deal?filter=amout > 1",
            "board": "/crm/deal?view=board",
            "calendar": "/crm/deal?view=calendar",
            "week": "/crm/deal?view=calendar&mode=week",
            "pivot": "/crm/deal?view=results",
            "chart": "/crm/deal?view=won_by_month",
            "dashboard": "/dashboards/crm/sales",
            "import": "/crm/contact/import",
            "columns": "/crm/contact/import/{import}",
            "search": "/search?q=extension",
            "search for nothing": "/search?q=zzz",
        },
    ),
    "records": (
        "sales",
        {
            "record": "/crm/deal/{deal}",
            "new": "/crm/deal/new",
            "move": "/crm/deal/{other}/transitions/lose",
            "delete": "/crm/deal/{other}/delete",
            "withdraw": "/crm/deal/{deal}/approval/withdraw",
            "duplicate": "/crm/deal/{other}/duplicate",
            "short form": "/crm/account/new/short",
            "related": "/crm/account/{account}/related?entity=crm.deal&field=account",
            "account": "/crm/account/{account}",
            "explain": "/crm/deal/{deal}/explain/weighted",
            "rights": "/crm/deal/{deal}/rights",
            "print": "/crm/deal/{deal}/print/quote",
        },
    ),
    "people": (
        "everything",
        {
            "gallery": "/hrm/employee?view=gallery",
            "tree": "/hrm/employee?view=chart",
            "organisation": "/hrm/employee?view=chart&look=chart",
            "timeline": "/hrm/leave_request?view=timeline",
            "quarter": "/hrm/leave_request?view=timeline&scale=quarter",
            "applicants": "/hrm/applicant?view=board",
            "form link": "/hrm/applicant?view=apply",
            "employee": "/hrm/employee/{employee}",
            "nothing deleted": "/hrm/employee/deleted",
            "payslip": "/hrm/payslip/{payslip}",
            "explained tax": "/hrm/payslip/{payslip}/explain/tax",
            "print": "/hrm/payslip/{payslip}/print/payslip",
            "cost": "/hrm/payslip?view=cost",
            "people": "/dashboards/hrm/people",
            "recruiting": "/dashboards/hrm/recruiting",
            "payroll": "/dashboards/hrm/payroll",
        },
    ),
    "tasks": (
        "manager",
        {
            "inbox": "/inbox",
            "empty box": "/inbox?box=copied",
            "done": "/inbox?box=done",
            "task": "/inbox/tasks/{task}",
            "transfer": "/inbox/tasks/{task}/transfer",
            "record in approval": "/crm/deal/{deal}",
            "substitutes": "/profile/substitutes",
            "notifications": "/notifications",
            "unread": "/notifications?unread=1",
            "profile": "/profile",
            "password": "/profile/password",
            "second factor": "/profile/second-factor",
            "sessions": "/profile/sessions",
            "tokens": "/profile/tokens",
        },
    ),
    "administration": (
        "root",
        {
            "people": "/admin/users",
            "person": "/admin/users/{seller}",
            "new person": "/admin/users/new",
            "tokens of one": "/admin/users/{seller}/tokens",
            "departments": "/admin/departments",
            "rights": "/admin/rights?entity=crm.deal",
            "personal": "/admin/personal",
            "tokens": "/admin/tokens",
            "audit": "/admin/audit",
            "jobs": "/admin/jobs",
            "no job": "/admin/jobs?state=running",
            "approvals": "/admin/approvals",
            "cancel": "/admin/approvals/{approval}/cancel",
            "other release": "/admin/approvals/migrate",
            "releases": "/admin/releases",
            "release": "/admin/releases/2",
            "differences": "/admin/releases/diff",
            "way back": "/admin/releases/1/back",
        },
    ),
    # An app that only tests know looks as good.
    "museum": (
        "chief",
        {
            "list": "/museum/exhibit",
            "board": "/museum/exhibit?view=board",
            "calendar": "/museum/exhibit?view=calendar",
            "timeline": "/museum/exhibit?view=timeline",
            "gallery": "/museum/exhibit?view=gallery",
            "tree": "/museum/exhibit?view=tree",
            "pivot": "/museum/exhibit?view=worth",
            "chart": "/museum/exhibit?view=months",
            "dashboard": "/dashboards/museum/house",
            "record": "/museum/exhibit/{exhibit}",
            "new": "/museum/exhibit/new",
            "move": "/museum/exhibit/{exhibit}/transitions/store",
            "print": "/museum/exhibit/{exhibit}/print/plate",
            "form link": "/museum/exhibit?view=offer",
            "public form": "/form/museum/exhibit/offer",
            "import": "/museum/exhibit/import",
            "deleted": "/museum/exhibit/deleted",
        },
    ),
}
"""Part → who walks, and the pages by name."""
NOT_WALKED = {
    "openid.go": "leads to another site",
    "openid.back": "comes from another site",
    **dict.fromkeys(
        ("audit.export", "exports.download", "files.download", "files.thumbnail", "files.view", "prints.pdf"),
        "a file",
    ),
    **dict.fromkeys(
        ("cells.show", "link_fields.card", "list_acts.field", "notifications.latest", "releases.progress"),
        "a part of other pages, which tests of these look at",
    ),
    **dict.fromkeys(
        ("list_acts.matching", "tasks.people", "health.alive", "health.ready", "site.static"), "no page"
    ),
}
"""What answers GET and is no page of the walk → why."""
BETWEEN = {"second_factor.ask"}
"""What stands between two pages and has a walk of its own."""
CLOSED = ("status of 410 (GONE)", "status of 404 (NOT FOUND)")
"""Chromium logs the status of the pages for links that are over."""


def test_the_walk_comes_to_every_page_and_every_type_of_view(lively: Company) -> None:
    ways = lively.app.url_map.bind("localhost")
    paths = [path.format(**lively.numbers) for _, pages in WALKS.values() for path in pages.values()]
    walked = {ways.match(urlsplit(path).path, "GET")[0] for path in paths}
    pages = {rule.endpoint for rule in lively.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    missing = {each for each in pages - walked if not each.startswith("api") and each not in NOT_WALKED}
    assert missing == BETWEEN
    assert walked.isdisjoint(NOT_WALKED)
    views = lively.office.workspace.catalog.apps["museum"].entities["exhibit"].views
    assert {each.kind for each in views.values()} == set(VIEW_TYPES)


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("part", WALKS)
def test_every_kind_of_page(
    lively: Company,
    new_page: Callable[..., Page],
    eyes: Eyes,
    page_problems: list[str],
    part: str,
    locale: str,
) -> None:
    who, pages = WALKS[part]
    lively.speak(locale)
    page = new_page(**LOOKS["wide"], locale=locale, reduced_motion="reduce")
    if who:
        lively.sign_in(page, who)
    for name, path in pages.items():
        lively.open(page, path.format(**lively.numbers))
        draw_charts(page)
        eyes.look_around(page, name, ALL_LOOKS if locale == "en" else IN_ANOTHER_LANGUAGE)
    assert eyes.found == []
    page_problems[:] = [each for each in page_problems if not each.endswith(CLOSED)]


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_page_for_the_code_of_a_second_factor(
    lively: Company, new_page: Callable[..., Page], eyes: Eyes, locale: str
) -> None:
    workspace, person = lively.office.workspace, lively.people["sales"]
    key = lively.app.extensions["dougong_key"]
    with workspace.writing(person) as transaction:
        phone = pyotp.parse_uri(begin_second_factor(transaction, key, person.id or 0))
        confirm_second_factor(transaction, key, person.id or 0, phone.at(transaction.now, counter_offset=-1))
    page = new_page(**LOOKS["wide"], locale=locale, reduced_motion="reduce")
    lively.open(page, "/sign-in?next=/crm/deal")
    page.fill("#username", "sales")
    page.fill("#password", "secret-sales")
    page.press("#password", "Enter")
    expect(page).to_have_url(f"{lively.address}/sign-in/code")
    expect(page.locator("#code")).to_be_focused()
    eyes.look_around(page, "code")
    page.fill("#code", "000000")
    page.press("#code", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    eyes.look_around(page, "wrong code")
    assert eyes.found == []
    with workspace.reading() as transaction:
        page.fill("#code", phone.at(transaction.now))
    page.press("#code", "Enter")
    expect(page).to_have_url(f"{lively.address}/crm/deal")


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_page_of_an_error(
    lively: Company,
    new_page: Callable[..., Page],
    eyes: Eyes,
    page_problems: list[str],
    monkeypatch: pytest.MonkeyPatch,
    locale: str,
) -> None:
    def break_down() -> str:
        raise RuntimeError("on purpose")

    monkeypatch.setitem(lively.app.view_functions, "notifications.show", break_down)
    lively.speak(locale)
    page = new_page(**LOOKS["wide"], locale=locale)
    lively.sign_in(page, "sales")
    for status, path in {403: "/admin/users", 404: "/crm/deal/999999", 500: "/notifications"}.items():
        answer = page.goto(f"{lively.address}{path}")
        assert answer is not None
        assert answer.status == status
        eyes.look_around(page, str(status))
    assert eyes.found == []
    # They are part of the walk, and Chromium logs their status.
    told = ("status of 404", "status of 500", "answered 500")
    page_problems[:] = [each for each in page_problems if not any(status in each for status in told)]


def test_a_page_opened_on_a_phone_looks_as_one_that_became_narrow(
    lively: Company, new_page: Callable[..., Page], accessibility_violations: Callable[..., list[str]]
) -> None:
    """The walk makes wide pages narrow; what depends on the width when it is opened is opened so here."""
    page = new_page(**LOOKS["phone"], has_touch=True, is_mobile=True, device_scale_factor=2)
    lively.sign_in(page, "everything")
    found = []
    for path in (
        "/",
        "/crm/deal",
        "/crm/deal?view=board",
        "/hrm/leave_request?view=timeline",
        "/dashboards/hrm/people",
    ):
        lively.open(page, path)
        draw_charts(page)
        found += look_at(page, path, accessibility_violations)
    assert found == []


def test_a_form_of_an_app_that_only_tests_know(
    company: Company,
    page: Page,
    accessibility_violations: Callable[..., list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    """It has the kinds of controls that the shipped applications do not need."""
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
    company.open(page, "/")
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
