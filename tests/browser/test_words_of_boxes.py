"""What a browser would say in its own language is said in the person's."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.company import Company

pytestmark = pytest.mark.browser

SAID = "(box) => box.validationMessage"


def test_what_has_to_be_filled(company: Company, new_page: Callable[..., Page]) -> None:
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "sales")
    company.open(page, "/crm/contact/import")
    page.get_by_role("button", name="继续").click()
    box = page.locator("#import-file")
    assert box.evaluate(SAID) == "请填写此项。"
    box.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": b"Name\nBo\n"})
    assert box.evaluate(SAID) == ""
    page.get_by_role("button", name="继续").click()
    expect(page).not_to_have_url("**/import")


def test_a_file_is_looked_at_where_it_stands(company: Company, new_page: Callable[..., Page]) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 40), "#c9a227").save(picture, "PNG")
    company.speak("zh")
    page = new_page(locale="en-US")
    company.sign_in(page, "sales")
    company.open(page, f"/crm/deal/{company.deal['id']}")
    page.locator("#files [data-file-input]").set_input_files(
        {"name": "机房.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    link = page.locator("#files").get_by_role("link", name="机房.png")
    link.click()
    viewer = page.get_by_role("dialog", name="机房.png")
    shown = viewer.get_by_role("img", name="机房.png")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 64
    expect(viewer.get_by_role("link", name="下载")).to_have_attribute("href", re.compile(r"/files/\d+$"))
    viewer.get_by_role("button", name="关闭").click()
    expect(viewer).to_have_count(0)
    expect(link).to_be_focused()
