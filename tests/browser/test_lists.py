"""Lists by mouse and keyboard: search, several keys, selecting, editing many and one in place, importing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company, settled

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]
Screenshot = Callable[[Page, str], Path]
DEALS = "/crm/deal?view=all&columns=name,account,amount,stage,owner"


def titles(page: Page) -> list[str]:
    return page.locator("[data-table] .row-title").all_inner_texts()


def test_a_list_is_searched_ordered_selected_and_edited(
    company: Company, page: Page, screenshot: Screenshot, accessibility_violations: Violations
) -> None:
    company.sign_in(page, "manager")
    company.open(page, DEALS)
    page.keyboard.press("/")
    page.keyboard.type("海尔")
    expect(page.locator("[data-table] .row-title")).to_have_count(2)
    page.get_by_role("searchbox").fill("")
    expect(page.locator("[data-table] .row-title")).to_have_count(4)

    page.get_by_role("link", name="Amount", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
    settled(page)
    assert titles(page)[0] == "Retrofit 1"

    # By keyboard: two rows selected, one of them opened for editing in place.
    page.locator("h1").click()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    acts = page.get_by_role("region", name="Selected records")
    expect(acts).to_contain_text("2 selected")
    screenshot(page, "selected")
    acts.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("amount")
    dialog.locator("#field-amount").fill("77000")
    assert accessibility_violations(page) == []
    dialog.get_by_role("button", name="Do it").click()
    expect(dialog).to_contain_text("2 done, 0 refused")
    screenshot(page, "done")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_text("¥77,000.00")).to_have_count(2)

    cell = page.locator("tr[data-row]", has_text="Retrofit 3").locator("td[data-field=amount]")
    cell.dblclick()
    cell.locator("input:not([type=hidden])").fill("-5")
    page.keyboard.press("Enter")
    expect(cell.get_by_role("alert")).to_be_visible()
    screenshot(page, "refused")
    assert accessibility_violations(page) == []
    cell.locator("input:not([type=hidden])").fill("88000")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("¥88,000.00")
    cell.press("Enter")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("¥88,000.00")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


@pytest.mark.parametrize(("locale", "width", "scheme"), [("zh", 360, "light"), ("en", 1280, "dark")])
def test_views_columns_and_groups_look_right(
    company: Company,
    new_page: NewPage,
    screenshot: Screenshot,
    accessibility_violations: Violations,
    locale: str,
    width: int,
    scheme: str,
) -> None:
    company.speak(locale)
    page = new_page(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800})
    company.sign_in(page, "manager")
    company.open(page, f"{DEALS}&group=stage&sort=-amount,name")
    expect(page.locator(".view-changed")).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, f"groups-{width}")
    for number, name in enumerate(("filter", "order", "group", "columns")):
        page.locator(".tools .menu > summary").nth(number).click()
        screenshot(page, f"{name}-{width}")
        assert accessibility_violations(page) == []
        page.keyboard.press("Escape")
    page.locator(".view-acts summary").click()
    page.fill("#view-name", "Big ones 大单")
    screenshot(page, f"view-{width}")
    page.locator(".view-panel button[type=submit]").first.click()
    expect(page.locator(".tab[aria-current]")).to_contain_text("Big ones 大单")
    expect(page.locator(".view-changed")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_is_imported_after_its_problems_were_seen(
    company: Company, page: Page, tmp_path: Path, screenshot: Screenshot, accessibility_violations: Violations
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        "Name,客户,Email,Shoe size\nWei Ling,京东物流,wei@example.com,41\nBo,Nobody Ltd,no address,40\n"
    )
    company.sign_in(page, "manager")
    company.open(page, "/crm/contact/import")
    assert accessibility_violations(page) == []
    page.set_input_files("#import-file", file)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Shoe size")).to_have_value("")
    expect(page.get_by_label("客户")).to_have_value("account")
    screenshot(page, "columns")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Check all rows").click()
    result = page.locator("#import-result")
    expect(result).to_contain_text("1 rows cannot be imported")
    expect(result.locator("td.wrong")).to_have_count(2)
    screenshot(page, "problems")
    assert accessibility_violations(page) == []
    result.get_by_role("button", name="Import the 1 good rows").click()
    expect(result).to_contain_text("1 new, 0 changed")
    result.get_by_role("link", name="Show the list").click()
    expect(page.get_by_role("link", name="Wei Ling")).to_be_visible()
    company.open(page, "/crm/contact/import")
    page.get_by_role("link", name="contacts.csv").click()
    page.get_by_role("button", name="Undo the whole import").click()
    expect(page.locator("[data-toast]")).to_contain_text("as they were before the import")
