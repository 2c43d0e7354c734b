"""What holds for every page: language, appearance, policy, weight."""

import gzip
import re
from pathlib import Path

import pytest

from blueprints.assets import STATIC, manifest
from engine.commands import create_record
from engine.records.read import get
from engine.transaction import SYSTEM
from tests.blueprints.conftest import Site

PAGES = [
    "/",
    "/profile",
    "/shop/customer",
    "/shop/customer/1",
    "/shop/customer/new",
    "/shop/order/new",
    "/nowhere/at/all",
]
INLINE = re.compile(r"<[^>]*\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)")
LIGHTEST = 150_000
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_a_page_keeps_to_the_policy_and_speaks_the_chosen_language(
    site: Site, path: str, locale: str
) -> None:
    create_record(site.workspace, SYSTEM, "shop.customer", {"name": "Acme"})
    visitor = site.as_("chief")
    visitor.post("/profile/locale", locale=locale)
    answer = visitor.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code in {200, 404}
    assert INLINE.findall(page) == []
    assert f'<html lang="{locale}"' in page
    assert ("首页" in page) is (locale == "zh")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers.get("Cache-Control") == "no-store"


def test_the_language_is_kept_with_the_person(site: Site) -> None:
    visitor = site.as_("guest")
    visitor.post("/profile/locale", locale="zh", next="/profile")
    with site.workspace.reading() as transaction:
        assert get(transaction, "system.user", site.people["guest"])["locale"] == "zh"
    assert "个人资料" in site.as_("guest").get("/profile").get_data(as_text=True)
    visitor.post("/profile/locale", locale="xx")
    assert "个人资料" in visitor.get("/profile").get_data(as_text=True)


def test_the_server_renders_the_chosen_appearance(site: Site) -> None:
    visitor = site.as_("clerk")
    assert 'data-bs-theme="auto"' in visitor.get("/").get_data(as_text=True)
    visitor.post("/profile/theme", theme="dark")
    assert 'data-bs-theme="dark"' in visitor.get("/").get_data(as_text=True)
    visitor.post("/profile/theme", theme="pink")
    assert 'data-bs-theme="dark"' in visitor.get("/").get_data(as_text=True)


def test_the_navigation_shows_what_may_be_seen(site: Site) -> None:
    assert 'href="/shop/product"' in site.as_("clerk").get("/").get_data(as_text=True)
    assert 'href="/shop/product"' not in site.as_("guest").get("/").get_data(as_text=True)
    assert "/shop/order_line" not in site.as_("chief").get("/").get_data(as_text=True)


def test_home_counts_and_remembers(site: Site) -> None:
    visitor = site.as_("clerk")
    visitor.post("/shop/customer", name="Acme")
    page = visitor.get("/").get_data(as_text=True)
    assert "Changed by you lately" in page
    assert "Acme" in page


def test_a_page_is_light() -> None:
    """Scripts, styles and icons of a page, and none of them from elsewhere."""
    names = manifest()
    files = [STATIC / "dist" / names[name] for name in ("main.js", "main.css", "icons.svg")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < LIGHTEST


@pytest.mark.parametrize("path", ["/static/dist/nothing.js", "/shop/customer/999"])
def test_what_is_not_there_is_a_page_that_says_so(site: Site, path: str) -> None:
    answer = site.as_("chief").get(path)
    assert answer.status_code == 404
    assert "Not found" in answer.get_data(as_text=True)


def test_styles_of_names_that_templates_put_together_are_kept() -> None:
    """`columns-{{ count }}` stands nowhere as a whole word, by which the build knows what is used."""
    templates = (ROOT / "blueprints" / "templates").rglob("*.html")
    written = "".join(each.read_text(encoding="utf-8") for each in templates)
    begun = set(re.findall(r'class="[^"]*?\b([a-z][a-z-]*-)\{\{', written))
    assert {"columns-", "tree-"} <= begun
    styles = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "ui" / "styles").glob("*.css"))
    built = (STATIC / "dist" / manifest()["main.css"]).read_text(encoding="utf-8")
    kept = set(re.findall(r"\.([a-z][\w-]*)", built))
    wanted = {name for name in re.findall(r"\.([a-z][\w-]*)", styles) if name.startswith(tuple(begun))}
    assert wanted - kept == set()
