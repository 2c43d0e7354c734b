"""What holds for every address of the site: headers, cookies, tokens against forgery, no way out."""

import re
import statistics
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.routing import Rule

from engine.access.accounts import set_password
from engine.access.limits import SIGN_INS
from tests.blueprints.conftest import Site

VALUES = {"int": "1", "any": "cancel", "path": "x"}
ANSWERS_WITHOUT_A_FORM = ("api.",)


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.endpoint.startswith(ANSWERS_WITHOUT_A_FORM):
            yield rule


def address(rule: Rule) -> str:
    one_of = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: VALUES.get(found[1] or "", "x"), one_of)


def test_every_form_is_refused_without_the_token_of_its_page(site: Site) -> None:
    visitor = site.as_("chief")
    sent = [address(rule) for rule in rules(site.app, "POST")]
    assert len(sent) > 40
    for path in sent:
        for token in (None, "forged"):
            data = {} if token is None else {"csrf_token": token}
            answer = visitor.client.post(path, data=data)
            assert answer.status_code == 400, path
            assert "This page was open for too long" in answer.get_data(as_text=True), path
    assert visitor.get("/").status_code == 200, "nor was anybody signed out"


def test_nothing_is_changed_by_following_a_link(site: Site) -> None:
    changing = (
        "end",
        "remove",
        "begin",
        "revoke",
        "leave",
        "active",
        "retry",
        "confirm",
        "read_all",
    )
    named = [rule.endpoint for rule in rules(site.app, "GET") if rule.endpoint.rpartition(".")[2] in changing]
    assert named == []


def test_every_page_carries_the_headers_and_says_nothing_about_its_insides(site: Site) -> None:
    visitor = site.as_("chief")
    paths = [address(rule) for rule in rules(site.app, "GET")]
    assert len(paths) > 40
    for path in [*paths, "/nothing/at/all", "/shop/order/99999", "/static-of-nobody.js"]:
        answer = visitor.client.get(path)
        assert answer.status_code < 500, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        assert "Traceback" not in text, path
        assert "sqlalchemy" not in text.lower(), path
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>|\son\w+=|\sstyle=", text), path


def test_pages_with_data_are_kept_by_no_cache(site: Site) -> None:
    visitor = site.as_("chief")
    for path in ("/", "/shop/order", "/profile", "/profile/sessions", "/admin/users", "/sign-in"):
        assert visitor.client.get(path).headers["Cache-Control"] == "no-store", path


def test_an_error_that_nobody_expected_shows_no_insides(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret insides")

    visitor = site.as_("clerk")
    monkeypatch.setitem(site.app.view_functions, "profile.show", broken)
    answer = visitor.client.get("/profile")
    assert answer.status_code == 500
    assert "secret insides" not in answer.get_data(as_text=True)
    assert "ZeroDivisionError" not in answer.get_data(as_text=True)


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(site: Site) -> None:
    client = site.app.test_client()
    for path in ("/sign-in", "/forgot-password"):
        for cookie in client.get(path).headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, cookie
            assert "SameSite=Lax" in cookie, cookie


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example", "/%09/evil.example"],
)
def test_no_form_leads_to_another_site(site: Site, following: str) -> None:
    visitor = site.visitor()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", username="clerk", password="secret-clerk", next=following)
    assert answer.status_code == 303
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))
    for path in ("/profile/theme", "/profile/locale"):
        visitor.get("/")
        location = visitor.post(path, theme="dark", locale="en", next=following).location
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_an_unknown_name_takes_as_long_as_a_wrong_password(site: Site) -> None:
    with site.workspace.writing() as transaction:
        set_password(transaction, site.people["clerk"], "secret-clerk", PasswordHasher())
    visitor = site.visitor()
    visitor.get("/sign-in")

    def seconds(username: str) -> float:
        begun = time.process_time()
        assert visitor.post("/sign-in", username=username, password="wrong").status_code == 422
        return time.process_time() - begun

    taken: dict[str, list[float]] = {"clerk": [], "nobody": []}
    for _ in range(SIGN_INS["account"] - 1):
        for username, each in taken.items():
            each.append(seconds(username))
    known, unknown = (statistics.median(each) for each in taken.values())
    assert 0.5 < known / unknown < 2


def test_what_is_too_large_is_not_read(site: Site) -> None:
    site.app.config["MAX_CONTENT_LENGTH"] = 1_000
    visitor = site.as_("clerk")
    answer = visitor.post("/shop/customer", name="x" * 2_000)
    assert answer.status_code == 413
