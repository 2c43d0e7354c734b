"""Tokens, sessions and roles over HTTP: one's own, and for administrators those of others."""

from typing import Any

from werkzeug.test import TestResponse

from engine.access.accounts import make_service
from engine.access.rules import DEFAULT
from engine.access.sessions import Device, begin_session
from engine.transaction import SYSTEM
from tests.blueprints.api.shop import Caller, Shop, add_person, detail


def with_token(shop: Shop, token: str) -> Caller:
    return Caller(shop.app.test_client(), token)


def put(caller: Caller, path: str, body: Any) -> TestResponse:
    return caller.ask("PUT", path, body)


def test_a_token_is_made_listed_and_ended(shop: Shop) -> None:
    made = shop.clerk.post("/tokens", {"name": "nightly", "scopes": ["read"], "expires": "2090-01-31"})
    assert made.status_code == 201
    body = made.get_json()
    assert (body["name"], body["scopes"], body["expires_at"]) == (
        "nightly",
        ["read"],
        "2090-01-31T00:00:00+00:00",
    )
    program = with_token(shop, body["token"])
    assert program.get("/shop/customer").status_code == 200
    assert program.post("/shop/customer", {"name": "x"}).status_code == 403
    listed = shop.clerk.get("/tokens").get_json()["tokens"]
    assert [each["name"] for each in listed] == ["nightly", "test"]
    assert body["token"] not in str(listed)
    assert shop.clerk.delete(f"/tokens/{body['id']}").status_code == 204
    assert program.get("/shop/customer").status_code == 401


def test_a_token_with_scopes_manages_no_accounts(shop: Shop) -> None:
    token = shop.admin.post("/tokens", {"scopes": ["write"]}).get_json()["token"]
    program, clerk = with_token(shop, token), shop.people["clerk"]
    for answer in (
        program.get("/tokens"),
        program.post("/tokens", {}),
        program.get("/sessions"),
        program.get(f"/users/{clerk}/roles"),
        put(program, f"/users/{clerk}/roles", {"roles": []}),
    ):
        assert answer.status_code == 403, answer.request.path


def test_those_of_others_are_for_administrators(shop: Shop) -> None:
    clerk, other = shop.people["clerk"], shop.people["other"]
    theirs = shop.admin.get(f"/tokens?user={other}").get_json()["tokens"]
    assert [each["user"]["username"] for each in theirs] == ["other"]
    assert len(shop.admin.get("/tokens?user=all").get_json()["tokens"]) == 5
    for path in (
        f"/tokens?user={other}",
        "/tokens?user=all",
        f"/sessions?user={other}",
        f"/users/{clerk}/roles",
    ):
        assert shop.clerk.get(path).status_code == 403, path
    assert shop.clerk.post("/tokens", {"user": other}).status_code == 403
    assert shop.clerk.delete(f"/tokens/{theirs[0]['id']}").status_code == 404
    assert put(shop.clerk, f"/users/{clerk}/roles", {"roles": ["administrator"]}).status_code == 403
    assert shop.admin.post("/tokens", {"user": other}).status_code == 201
    assert shop.admin.post("/tokens", {"user": 99}).status_code == 404
    assert "not the id of a person" in detail(shop.admin.get("/tokens?user=x"), 400)
    assert shop.admin.problems(shop.admin.post("/tokens", {"expires": "soon"}))["expires"].startswith(
        "“soon”"
    )


def test_sessions_are_listed_and_ended(shop: Shop) -> None:
    with shop.workspace.writing(SYSTEM) as transaction:
        for browser in ("Firefox", "Chrome"):
            begin_session(transaction, shop.people["clerk"], Device("203.0.113.7", browser, "Linux"), DEFAULT)
    found = shop.clerk.get("/sessions").get_json()["sessions"]
    assert {each["browser"] for each in found} == {"Firefox", "Chrome"}
    assert shop.other.delete(f"/sessions/{found[0]['id']}").status_code == 404
    assert shop.clerk.delete(f"/sessions/{found[0]['id']}").status_code == 204
    clerk = shop.people["clerk"]
    (left,) = shop.admin.get(f"/sessions?user={clerk}").get_json()["sessions"]
    assert shop.admin.delete(f"/sessions/{left['id']}").status_code == 204
    assert shop.clerk.get("/sessions").get_json() == {"sessions": []}


def test_roles_are_given_exactly(shop: Shop) -> None:
    path = f"/users/{shop.people['clerk']}/roles"
    assert shop.admin.get(path).get_json()["roles"] == ["shop.clerk"]
    answer = put(shop.admin, path, {"roles": ["shop.boss"]})
    assert answer.get_json()["roles"] == ["shop.boss"]
    assert shop.admin.get("/audit?event=role_withdrawn").get_json()["entries"][0]["subject"] == "shop.clerk"
    assert "Did you mean" in str(shop.admin.problems(put(shop.admin, path, {"roles": ["shop.bos"]})))
    assert put(shop.admin, path, {"roles": "shop.boss"}).status_code == 400
    alone = f"/users/{shop.people['admin']}/roles"
    assert put(shop.admin, alone, {"roles": []}).status_code == 409
    assert shop.admin.get("/users/99/roles").status_code == 404


def test_the_document_has_them(shop: Shop) -> None:
    assert {"/tokens", "/sessions"} <= shop.clerk.get("/openapi.json").get_json()["paths"].keys()
    assert "/users/{user_id}/roles" not in shop.clerk.get("/openapi.json").get_json()["paths"]
    assert "/users/{user_id}/roles" in shop.admin.get("/openapi.json").get_json()["paths"]


def test_a_program_never_signs_in_by_password(shop: Shop) -> None:
    identity = add_person(shop.workspace, "robot", "shop.clerk")
    browser = shop.app.test_client()
    page = browser.get("/sign-in").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = {"csrf_token": token, "username": "robot", "password": "secret-robot"}
    with shop.workspace.writing(SYSTEM) as transaction:
        make_service(transaction, identity)
    assert browser.post("/sign-in", data=sent).status_code != 303
    made = shop.admin.post("/tokens", {"user": identity}).get_json()["token"]
    assert with_token(shop, made).get("/shop/customer").status_code == 200
