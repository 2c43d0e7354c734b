"""The page of a record in a real browser: rows as a spreadsheet, files, two people at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.looks import look_at

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n%%EOF\n"
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}"""


def test_a_block_of_cells_is_pasted_into_rows_which_are_moved_and_doubled(
    company: Company, page: Page, screenshot: Callable[[Page, str], Path]
) -> None:
    customer = company.office.create("shop.customer", name="Acme")
    company.sign_in(page, "chief")
    company.open(page, f"/shop/order/new?customer={customer['id']}")
    page.get_by_role("button", name="Add a row").click()
    page.evaluate(PASTE, '办公椅\t２\t1,200.50\n"Table ""XL"""\t1\t300\n')
    rows = page.locator("[data-rows] > tr:not(.row-extra)")
    expect(rows).to_have_count(2)
    expect(page.locator("[data-total]").last).to_have_text("2,701.00")
    expect(rows.first.locator("[name=lines-0-text]")).to_be_focused()
    page.keyboard.press("Control+d")
    expect(rows).to_have_count(3)
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[name=lines-1-text]")).to_have_value('Table "XL"')
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Delete")
    expect(rows).to_have_count(2)
    screenshot(page, "rows")
    page.get_by_role("button", name="Create order").click()
    expect(page.locator("[data-toast]")).to_contain_text("created")
    made = company.office.read("shop.order", {"id": int(page.url.rsplit("/", 1)[1])})
    found = [(row["text"], row["quantity"], str(row["price"])) for row in made["lines"]]
    assert found == [("办公椅", 2, "1200.50"), ('Table "XL"', 1, "300.00")]


def test_files_are_sent_shown_and_kept(
    company: Company,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
) -> None:
    company.sign_in(page, "chief")
    company.open(page, "/kinds/thing/new")
    page.locator("#field-name").fill("Lamp")
    papers = page.locator("[data-field=papers]")
    page.locator("#field-papers").set_input_files(
        [
            {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "wrong.pdf", "mimeType": "application/pdf", "buffer": b"MZ"},
        ]
    )
    expect(papers.locator("span.problem")).to_contain_text("is not what its name says")
    expect(papers.get_by_role("link", name="合同.pdf")).to_be_visible()
    pad = page.locator("[data-signature-page]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=6)
    page.mouse.up()
    expect(page.locator("[name=signed]")).not_to_have_value("")
    screenshot(page, "new")
    page_problems[:] = [each for each in page_problems if "422" not in each]
    page.get_by_role("button", name="Create thing").click()
    expect(page.locator("[data-toast]")).to_contain_text("created")
    made = company.office.read("kinds.thing", {"id": int(page.url.rsplit("/", 1)[1])})
    assert made["papers"].endswith("/合同.pdf")
    assert made["signed"].endswith("/signature.png")
    page.locator("#files [data-file-input]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(page.locator("#files").get_by_role("link", name="notes.txt")).to_be_visible()
    screenshot(page, "record")
    assert look_at(page, "record", accessibility_violations) == []
    page.get_by_role("button", name="Remove “notes.txt”").click()
    expect(page.locator("#files").get_by_role("link", name="notes.txt")).to_have_count(0)


def test_two_people_who_change_one_field_are_asked(
    company: Company,
    page: Page,
    accessibility_violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
    page_problems: list[str],
) -> None:
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.locator("#field-name").fill("My name for it")
    company.office.update("crm.deal", company.deal, name="Their name for it")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Somebody else changed this record")).to_be_visible()
    page_problems[:] = [each for each in page_problems if "412" not in each]
    screenshot(page, "merge")
    assert look_at(page, "merge", accessibility_violations) == []
    page.get_by_label("Their name for it").check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Their name for it")
