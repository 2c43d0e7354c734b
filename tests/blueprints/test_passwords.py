"""Passwords and second factors on the pages: forgotten, changed, asked for, never guessed."""

import re
from pathlib import Path
from time import time

import pyotp
import pytest
from sqlalchemy import func, select, update

from dougong.app import create_app
from dougong.settings import Settings
from engine.access.limits import SIGN_INS
from engine.access.rules import Rules
from engine.access.site_key import SiteKey
from engine.letters import letter_handler
from engine.mail import read_server
from engine.schema.system_tables import job
from tests.blueprints.conftest import Site, Visitor
from tests.fixtures.mail_server import Mailbox


def jobs(site: Site) -> list[dict[str, object]]:
    with site.workspace.reading() as transaction:
        statement = select(job.c.payload).where(job.c.kind == "account_mail").order_by(job.c.id)
        return list(transaction.connection.execute(statement).scalars())


def give_mail(site: Site, username: str) -> None:
    with site.workspace.writing() as transaction:
        users = transaction.catalog.tables.table("system.user")
        transaction.connection.execute(
            update(users).where(users.c.username == username).values(email=f"{username}@shop.example")
        )


def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(site: Site, mailbox: Mailbox) -> None:
    give_mail(site, "clerk")
    visitor = site.visitor()
    visitor.get("/forgot-password")
    pages = {
        name: visitor.post("/forgot-password", name=name).get_data(as_text=True)
        for name in ("Clerk@shop.example", "nobody@shop.example", "idle")
    }
    assert all("If there is somebody with this name" in page for page in pages.values())
    assert [each["user"] for each in jobs(site)] == [site.people["clerk"], None, site.people["idle"]]
    server = read_server(f"{mailbox.url}?plain", "dougong@shop.example", "https://shop.example")
    send = letter_handler(site.workspace, server, SiteKey(site.app.config["SECRET_KEY"]))
    assert [str(send(payload) or "") for payload in jobs(site)] == [
        "",
        "Nobody has this user name or address.",
        "The person has left or has no address.",
    ]
    (letter,) = mailbox.messages
    body = letter.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"https://shop\.example(/password/\S+)", body.get_content())
    assert "Your user name is clerk" in body.get_content()
    before = site.as_("clerk")
    visitor.get(link)
    assert visitor.post(link, password="quite another", again="quite another").status_code == 303
    assert before.get("/").status_code == 302, "who had the old password is out"
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", username="clerk", password="secret-clerk").status_code == 422
    assert visitor.post("/sign-in", username="clerk", password="quite another").status_code == 303


def test_links_are_asked_for_a_few_times_only(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/forgot-password")
    for _ in range(6):
        assert visitor.post("/forgot-password", name="clerk").status_code == 200
    assert len(jobs(site)) == 3


def test_the_own_password_is_changed_by_who_knows_the_old_one(site: Site) -> None:
    here, elsewhere = site.as_("clerk"), site.as_("clerk")
    here.get("/profile/password")
    new = {"password": "brand new one", "again": "brand new one"}
    wrong = here.post("/profile/password", old="guessed", **new)
    assert wrong.status_code == 422
    assert "This is not your present password." in wrong.get_data(as_text=True)
    with here.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    assert here.post("/profile/password", old="secret-clerk", **new).status_code == 303
    assert elsewhere.get("/").status_code == 302
    assert here.get("/").status_code == 200
    with here.client.session_transaction() as cookie:
        assert cookie["_user_id"] != before, "the session has a new secret"


def test_an_open_session_is_no_way_to_guess_the_password(site: Site) -> None:
    visitor = site.as_("clerk")
    visitor.get("/profile/password")
    answers = [
        visitor.post("/profile/password", old="guess", password="x", again="x").status_code
        for _ in range(SIGN_INS["account"] + 1)
    ]
    assert answers[-1] == 429


def enrol(visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    visitor.get("/profile/second-factor")
    visitor.post("/profile/second-factor/begin")
    page = visitor.get("/profile/second-factor").get_data(as_text=True)
    assert "<svg" in page
    (secret,) = re.findall(r'<code class="secret-text">([A-Z2-7 ]+)</code>', page)
    phone = pyotp.TOTP(secret.replace(" ", ""))
    # The code of the period before, so that the present one is still unused.
    answer = visitor.post("/profile/second-factor/confirm", code=phone.at(int(time()) - 30))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return phone, re.findall(r"<li><code>([^<]+)</code></li>", answer.get_data(as_text=True))


def half_way(site: Site, username: str) -> Visitor:
    visitor = site.visitor()
    visitor.get("/sign-in?next=/shop/order")
    answer = visitor.post("/sign-in", username=username, password=f"secret-{username}", next="/shop/order")
    assert answer.location == "/sign-in/code"
    visitor.get("/sign-in/code")
    return visitor


def test_with_a_second_factor_the_password_alone_opens_nothing(site: Site) -> None:
    phone, codes = enrol(site.as_("clerk"))
    assert len(codes) == 10
    visitor = half_way(site, "clerk")
    assert visitor.get("/").status_code == 302
    assert visitor.client.get("/api/v1/shop/customer").status_code == 401
    code = phone.now()
    wrong = visitor.post("/sign-in/code", code=f"{(int(code) + 1) % 1_000_000:06}")
    assert wrong.status_code == 422
    assert visitor.post("/sign-in/code", code=code).location == "/shop/order"
    assert visitor.get("/").status_code == 200
    replayed = half_way(site, "clerk")
    assert replayed.post("/sign-in/code", code=code).status_code == 422
    assert replayed.post("/sign-in/code", code=codes[0]).status_code == 303
    assert half_way(site, "clerk").post("/sign-in/code", code=codes[0]).status_code == 422


def test_codes_are_not_guessed(site: Site) -> None:
    enrol(site.as_("clerk"))
    assert 429 in [half_way_or_locked(site) for _ in range(SIGN_INS["account"])]


def half_way_or_locked(site: Site) -> int:
    """Password and one guess; signing in by the password again does not clear the count."""
    visitor = site.visitor()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", username="clerk", password="secret-clerk")
    if answer.status_code == 429:
        return 429
    visitor.get("/sign-in/code")
    return visitor.post("/sign-in/code", code="000000").status_code


def test_nobody_comes_to_the_second_page_without_the_first(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.get("/sign-in/code").location == "/sign-in"
    visitor.get("/sign-in")
    assert visitor.post("/sign-in/code", code="123456").location == "/sign-in"


def test_removing_it_takes_the_password(site: Site) -> None:
    visitor = site.as_("clerk")
    enrol(visitor)
    visitor.get("/profile/second-factor")
    assert visitor.post("/profile/second-factor/remove", old="wrong").status_code == 422
    fresh = visitor.post("/profile/second-factor/codes", old="secret-clerk").get_data(as_text=True)
    assert fresh.count("<li><code>") == 10
    assert visitor.post("/profile/second-factor/remove", old="secret-clerk").status_code == 303
    assert site.as_("clerk").get("/").status_code == 200


def test_who_needs_one_can_do_nothing_else_before(site: Site, tmp_path: Path) -> None:
    settings = Settings("", tmp_path, rules=Rules(second_factor="everybody"))
    strict = Site(create_app(settings, site.workspace), site.workspace, site.people)
    visitor = strict.as_("clerk")
    assert visitor.get("/shop/order").location == "/profile/second-factor"
    assert visitor.client.get("/api/v1/shop/order").status_code == 403
    assert "Set it up to go on." in visitor.get("/profile/second-factor").get_data(as_text=True)
    enrol(visitor)
    assert visitor.get("/shop/order").status_code == 200


@pytest.mark.parametrize("kind", ["account_mail"])
def test_no_link_lies_in_the_database(site: Site, kind: str) -> None:
    give_mail(site, "clerk")
    visitor = site.visitor()
    visitor.get("/forgot-password")
    visitor.post("/forgot-password", name="clerk")
    with site.workspace.reading() as transaction:
        number = transaction.connection.execute(select(func.count()).where(job.c.kind == kind)).scalar_one()
    assert number == 1
    assert jobs(site) == [{"kind": "reset", "user": site.people["clerk"]}]
