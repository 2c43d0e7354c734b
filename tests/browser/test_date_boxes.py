"""Date boxes and boxes for files speak the person's language, whatever that of the browser is."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.fields.registry import FIELD_TYPES
from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser

SAID = """(box) => {
  const { content } = getComputedStyle(box, "::before");
  return content.startsWith('"') ? JSON.parse(content) : null;
}"""
BOXES = """(values) => {
  for (const [type, value] of values) {
    const box = document.createElement("input");
    Object.assign(box, { type, value, className: "input", title: `${type} ${value}` });
    document.getElementById("page").append(box);
  }
}"""
VALUES: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "date": ("date", [("2026-11-02", date(2026, 11, 2)), ("0987-01-31", date(987, 1, 31))]),
    "datetime-local": ("datetime", [("2026-11-02T09:05", datetime(2026, 11, 2, 9, 5, tzinfo=UTC))]),
    "month": ("month", [("2026-11", date(2026, 11, 1))]),
    "time": ("time", [("00:00", time(0, 0)), ("09:05:30", time(9, 5, 30))]),
}
BLANK = {
    "en": {"date": "month/day/year", "datetime-local": "month/day/year --:--", "month": "month/year"},
    "zh": {"date": "年/月/日", "datetime-local": "年/月/日 --:--", "month": "年/月"},
}


def says(box: Locator, words: str | None) -> None:
    """Waits until a box says this; None: it shows what the browser writes itself."""
    expect(box).to_have_attribute("data-shown", re.compile(".+") if words is None else words)
    assert box.evaluate(SAID) == words


@pytest.mark.parametrize(("locale", "browser_locale"), [("en", "zh-CN"), ("zh", "en-US")])
def test_every_box_says_its_value_as_the_rest_of_the_page_does(
    company: Company, new_page: Callable[..., Page], locale: str, browser_locale: str
) -> None:
    company.speak(locale)
    page = new_page(locale=browser_locale)
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit/new")
    page.evaluate(BOXES, [[kind, text] for kind, (_, values) in VALUES.items() for text, _ in values])
    page.evaluate(BOXES, [[kind, ""] for kind in VALUES])
    for kind, (field_type, values) in VALUES.items():
        for text, value in values:
            options: dict[str, Any] = {}
            written = FIELD_TYPES[field_type].format(options, value, locale, "UTC")
            says(page.get_by_title(f"{kind} {text}", exact=True), written)
        blank = page.locator(f"#page > input[type={kind}][title='{kind} ']")
        says(blank, BLANK[locale].get(kind, "--:--"))


def test_a_box_follows_people_and_scripts_and_lets_the_browser_in_while_it_has_the_focus(
    company: Company, new_page: Callable[..., Page], accessibility_violations: Callable[..., list[str]]
) -> None:
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit/new")
    box = page.locator("#field-begins")
    says(box, "年/月/日")
    box.fill("2026-11-21")
    says(box, None)
    page.locator("#field-name").focus()
    says(box, "2026年11月21日")
    # By the keyboard: into its first part, which is typed over, and out behind its button.
    box.focus()
    page.keyboard.type("12012025")
    expect(box).to_have_value("2025-12-01")
    page.locator("#field-name").focus()
    says(box, "2025年12月1日")
    page.locator("#field-maker").focus()
    box.evaluate("(box) => { box.value = '2024-02-29'; }")
    says(box, "2024年2月29日")
    box.evaluate("(box) => box.form.reset()")
    says(box, "年/月/日")
    # A click where the words are goes to the part of the date that lies there.
    box.click(position={"x": 20, "y": 18})
    says(box, None)
    page.keyboard.type("03042026")
    expect(box).to_have_value("2026-03-04")
    assert look_at(page, "date", accessibility_violations) == []

    page.get_by_role("tab", name="外借").click()
    page.get_by_role("button", name="添加一行").click()
    row = page.locator("[name='loans-0-since']")
    says(row, "年/月/日")
    # Ctrl+D doubles the row, and the copy goes its own way.
    row.fill("2026-01-05")
    row.press("Control+d")
    twin = page.locator("[name='loans-1-since']")
    expect(twin).to_have_value("2026-01-05")
    says(twin, None)
    twin.evaluate("(box) => box.blur()")
    says(twin, "2026年1月5日")
    twin.evaluate("(box) => { box.value = '2026-01-06'; }")
    says(twin, "2026年1月6日")
    says(row, "2026年1月5日")


def test_boxes_that_come_later_speak_too(company: Company, new_page: Callable[..., Page]) -> None:
    company.office.create("museum.exhibit", name="Vase", begins="2026-11-21")
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit")
    cell = page.locator("tr[data-row] td[data-field=begins]")
    cell.dblclick()
    box = cell.locator("input[type=date]")
    expect(box).to_be_focused()
    says(box, None)
    box.evaluate("(box) => box.blur()")
    expect(cell.locator("input[type=date]:focus")).to_have_count(0)
    page.reload()
    page.locator("[data-pick]").first.check()
    page.locator("[data-act-open=update]").click()
    dialog = page.locator("[data-act-dialog]")
    dialog.locator("[data-act-field]").select_option("begins")
    says(dialog.locator("#field-begins"), "年/月/日")


def test_a_filter_by_a_day_has_boxes_for_days(company: Company, new_page: Callable[..., Page]) -> None:
    for name, begins in (("Vase", "2026-11-21"), ("Horse", "2026-12-24")):
        company.office.create("museum.exhibit", name=name, begins=begins)
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit")
    page.locator("summary", has_text="筛选").click()
    value, end = page.locator("[data-filter-first]"), page.locator("[data-filter-second]")
    page.locator("[data-filter-field]").select_option("begins")
    page.locator("[data-filter-operator]").select_option("between")
    says(value, "年/月/日")
    value.fill("2026-11-01")
    end.fill("2026-11-30")
    says(value, "2026年11月1日")
    # Another field takes texts again.
    page.locator("[data-filter-field]").select_option("name")
    expect(value).to_have_attribute("type", "text")
    expect(value).not_to_have_attribute("data-shown", re.compile(".*"))
    value.fill("Vase")
    expect(value).to_have_value("Vase")
    page.locator("[data-filter-field]").select_option("begins")
    page.locator("[data-filter-operator]").select_option("between")
    value.fill("2026-11-01")
    end.fill("2026-11-30")
    page.get_by_role("button", name="添加筛选").click()
    expect(page.locator(".row-title")).to_have_text(["Vase"])
    expect(page.locator(".chip")).to_contain_text("2026年11月1日")


def test_a_box_for_files_has_words_of_ours(
    company: Company,
    new_page: Callable[..., Page],
    accessibility_violations: Callable[..., list[str]],
    tmp_path: Path,
) -> None:
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "chief")
    company.open(page, "/museum/exhibit/import")
    said = page.locator("[data-file-chosen]")
    expect(said).to_have_text("尚未选择")
    page.get_by_role("main").press("Tab")
    expect(page.locator("#import-file")).to_be_focused()
    # What is seen lies behind the box, which takes the click.
    with page.expect_file_chooser() as asked:
        page.locator(".file-pick").click()
    rows = tmp_path / "展品 2026.csv"
    rows.write_text("name\nVase\n", encoding="utf-8")
    asked.value.set_files(rows)
    expect(said).to_have_text("展品 2026.csv")
    assert look_at(page, "file", accessibility_violations) == []
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("展品 2026.csv：共 1 行")).to_be_visible()
