"""Who calls: the bearer of a token, or somebody signed in to the site with a CSRF token."""

import re

from tests.blueprints.api.shop import Shop, detail

ADDRESS = "/api/v1/shop/customer"


def test_without_a_token_that_is_known_nobody_gets_in(shop: Shop) -> None:
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer dg_nothing",
        "Basic Y2xlcms6c2VjcmV0",
        "Bearer é",
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        for method in ("GET", "POST"):
            answer = shop.app.test_client().open(ADDRESS, method=method, headers=headers)
            assert detail(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_token_of_somebody_who_left_is_no_longer_valid(shop: Shop) -> None:
    assert shop.clerk.get("/shop/customer").status_code == 200
    answer = shop.admin.patch(f"/system/user/{shop.people['clerk']}", {"active": False})
    assert answer.status_code == 200
    assert detail(shop.clerk.get("/shop/customer"), 401) == "This token is not known, or no longer valid."


def test_sentences_come_in_the_language_asked_for_else_in_the_persons(shop: Shop) -> None:
    english = detail(shop.clerk.get("/shop/nothing"), 404)
    chinese = detail(shop.other.get("/shop/nothing"), 404)
    assert english == "There is no 'shop.nothing' here."
    assert chinese != english
    assert detail(shop.clerk.get("/shop/nothing", Accept_Language="zh-CN"), 404) == chinese
    assert detail(shop.other.get("/shop/nothing", Accept_Language="en-GB,en;q=0.8"), 404) == english
    assert detail(shop.other.get("/shop/nothing", Accept_Language="fr"), 404) == chinese
    assert detail(shop.nobody.get("/shop/customer", Accept_Language="zh"), 401).startswith("请登录")


def test_the_cookie_of_the_site_reads_and_with_a_csrf_token_writes(shop: Shop) -> None:
    client = shop.app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"username": "clerk", "password": "secret-clerk", "csrf_token": token[1]}
    assert client.post("/sign-in", data=form).status_code in (302, 303)
    assert client.get(ADDRESS).get_json() == {"records": [], "next": None}

    refused = client.post(ADDRESS, json={"name": "Li"})
    assert "X-CSRF-Token" in detail(refused, 400)
    forged = client.post(ADDRESS, json={"name": "Li"}, headers={"X-CSRF-Token": "forged"})
    assert forged.status_code == 400
    fresh = re.search(
        r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', client.get("/").get_data(as_text=True)
    )
    assert fresh
    written = client.post(ADDRESS, json={"name": "Li"}, headers={"X-CSRF-Token": fresh[1]})
    assert written.status_code == 201, written.get_data(as_text=True)
    assert [each["name"] for each in client.get(ADDRESS).get_json()["records"]] == ["Li"]


def test_every_answer_carries_the_security_headers(shop: Shop) -> None:
    for answer in (
        shop.clerk.get("/shop/customer"),
        shop.nobody.get("/nowhere"),
        shop.app.test_client().get("/sign-in"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert shop.clerk.get("/shop/customer").headers["Cache-Control"] == "no-store"
