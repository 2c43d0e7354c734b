"""Signing in and out, and what nobody gets without it."""

import pytest

from blueprints.sign_in import own_address
from engine.access.limits import SECONDS, SIGN_INS, begin_sign_in, whose_sign_in
from tests.blueprints.conftest import Site


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
