"""Signing in and out, and what nobody gets without it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import update

from blueprints.sign_in import own_address
from dougong.app import create_app
from dougong.settings import Settings
from engine.access.audit import Sought, page_of
from engine.access.limits import SECONDS, SIGN_INS, begin_sign_in, whose_sign_in
from engine.access.sessions import renew_all
from tests.blueprints.conftest import Site, Visitor


def test_a_page_leads_to_the_sign_in_page_and_back(site: Site) -> None:
    visitor = site.visitor()
    answer = visitor.get("/shop/order?q=chair")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/shop/order?q%3Dchair"
    visitor.get(answer.location)
    answer = visitor.post("/sign-in", username="clerk", password="secret-clerk", next="/shop/order?q=chair")
    assert (answer.status_code, answer.location) == (303, "/shop/order?q=chair")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/sign-in")
    for username, password in (("clerk", "wrong"), ("nobody", "secret-clerk"), ("", "")):
        answer = visitor.post("/sign-in", username=username, password=password)
        assert answer.status_code == 422
        assert "The user name or the password is not right." in answer.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


def test_signing_out_ends_the_visit(site: Site) -> None:
    visitor = site.as_("clerk")
    assert visitor.get("/").status_code == 200
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/").status_code == 302


def test_a_form_without_the_token_of_its_page_is_refused(site: Site) -> None:
    visitor = site.as_("clerk")
    visitor.token = "made-up"
    answer = visitor.post("/shop/customer", name="Acme")
    assert answer.status_code == 400
    assert "This page was open for too long" in answer.get_data(as_text=True)


def test_the_sign_in_page_speaks_the_language_that_was_chosen_or_that_the_browser_asks_for(
    site: Site,
) -> None:
    visitor = site.visitor()
    page = visitor.client.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert "欢迎回来" in page.get_data(as_text=True)
    visitor.get("/sign-in")
    assert visitor.post("/profile/locale", locale="zh", next="/sign-in").location == "/sign-in"
    assert "欢迎回来" in visitor.get("/sign-in").get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_nobody_is_sent_to_another_site(site: Site, address: str | None) -> None:
    with site.app.test_request_context():
        assert own_address(address) == "/"


def test_a_page_of_this_site_is_followed(site: Site) -> None:
    with site.app.test_request_context():
        assert own_address("/shop/order?view=all") == "/shop/order?view=all"


def test_too_many_failures_close_the_account_for_a_while(site: Site) -> None:
    with site.workspace.writing() as transaction:
        for _ in range(SIGN_INS["account"]):
            assert begin_sign_in(transaction, whose_sign_in("clerk", "203.0.113.7")) is None
    visitor = site.visitor()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", username="Clerk", password="secret-clerk")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= SECONDS
    assert "There were too many failed sign-ins." in answer.get_data(as_text=True)
    assert visitor.get("/").status_code == 302
    assert site.as_("chief").get("/").status_code == 200


def test_a_cookie_that_somebody_prepared_is_replaced_at_the_sign_in(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as before:
        before["_user_id"], before["planted"] = "planted", "yes"
        fixed = before["csrf_token"]
    assert visitor.post("/sign-in", username="clerk", password="secret-clerk").status_code == 303
    with visitor.client.session_transaction() as after:
        assert after["_user_id"] != "planted"
        assert "planted" not in after
        assert after.get("csrf_token") != fixed


def test_two_sign_ins_are_two_sessions_and_signing_out_ends_one(site: Site) -> None:
    desk, phone = site.as_("clerk"), site.as_("clerk")
    with desk.client.session_transaction() as cookie:
        kept = dict(cookie)
    desk.post("/sign-out")
    assert desk.get("/").status_code == 302
    assert phone.get("/").status_code == 200
    with desk.client.session_transaction() as cookie:
        cookie.update(kept)
    assert desk.get("/").status_code == 302, "the cookie of before was sent again"


def test_devices_are_listed_and_signed_out(site: Site) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    desk = site.visitor()
    desk.client.environ_base["HTTP_USER_AGENT"] = agent
    desk.sign_in("clerk")
    phone = site.as_("clerk")
    page = phone.get("/profile/sessions").get_data(as_text=True)
    assert "Firefox · Linux" in page
    assert page.count("This device") == 1
    (ended,) = re.findall(r"/profile/sessions/(\d+)/end", page)
    assert site.as_("chief").post(f"/profile/sessions/{ended}/end").status_code == 404
    assert phone.post(f"/profile/sessions/{ended}/end").status_code == 303
    assert desk.get("/").status_code == 302
    third = site.as_("clerk")
    assert phone.post("/profile/sessions/end-others").status_code == 303
    assert third.get("/").status_code == 302
    assert phone.get("/").status_code == 200


def test_a_deactivated_person_is_out_at_the_next_click(site: Site) -> None:
    visitor = site.as_("clerk")
    with site.workspace.writing() as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(update(users).values(active=False))
    assert visitor.get("/").status_code == 302


def test_changed_rights_give_the_session_a_new_secret(site: Site) -> None:
    visitor = site.as_("clerk")
    with visitor.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    with site.workspace.writing() as transaction:
        renew_all(transaction, site.people["clerk"])
    assert visitor.get("/").status_code == 200
    with visitor.client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert visitor.get("/").status_code == 200


def test_sign_ins_their_failures_and_sign_outs_are_in_the_audit(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/sign-in")
    visitor.post("/sign-in", username="clerk", password="wrong")
    visitor.post("/sign-in", username="x" * 101, password="a password typed into the wrong box")
    visitor.sign_in("clerk").post("/sign-out")
    with site.workspace.reading() as transaction:
        told = [(each.event, each.username, each.address) for each in page_of(transaction, Sought(), 4)]
    assert told == [
        ("sign_out", "clerk", "127.0.0.1"),
        ("sign_in", "clerk", "127.0.0.1"),
        ("sign_in_failed", "", "127.0.0.1"),
        ("sign_in_failed", "clerk", "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.9", "127.0.0.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "192.0.2.66, 198.51.100.9", "198.51.100.9"),
        (2, "192.0.2.66, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_only(
    site: Site, tmp_path: Path, proxies: int, forwarded: str, expected: str
) -> None:
    client = create_app(Settings("", tmp_path, proxies=proxies), site.workspace).test_client()
    client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    Visitor(client).sign_in("clerk")
    with site.workspace.reading() as transaction:
        assert page_of(transaction, Sought(), 1)[0].address == expected
