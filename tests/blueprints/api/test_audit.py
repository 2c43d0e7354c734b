"""The audit over HTTP: for administrators, filtered and paged, described in OpenAPI."""

from tests.blueprints.api.shop import Shop, detail


def test_administrators_read_it_by_its_parts(shop: Shop) -> None:
    answer = shop.admin.get("/audit?event=role_granted&limit=1").get_json()
    assert len(answer["entries"]) == 1
    assert answer["entries"][0]["event"] == "role_granted"
    assert answer["entries"][0]["user"]["username"] == "system"
    more = shop.admin.get(f"/audit?event=role_granted&after={answer['next']}").get_json()
    assert more["entries"][0]["id"] < answer["entries"][0]["id"]
    clerk = shop.people["clerk"]
    assert shop.admin.patch(f"/system/user/{clerk}", {"active": False}).status_code == 200
    (told,) = shop.admin.get(f"/audit?event=person_deactivated&about=system.user&record={clerk}").get_json()[
        "entries"
    ]
    assert told["detail"] == {"fields": ["active"]}
    assert told["subject"] == "clerk"


def test_others_do_not(shop: Shop) -> None:
    assert detail(shop.clerk.get("/audit"), 403) == "The audit is for administrators only."
    assert "/audit" in shop.admin.get("/openapi.json").get_json()["paths"]
    assert "/audit" not in shop.clerk.get("/openapi.json").get_json()["paths"]


def test_what_cannot_be_asked_is_told(shop: Shop) -> None:
    told = detail(shop.admin.get("/audit?event=role_grantd"), 400)
    assert told == "There is no event 'role_grantd'. Did you mean 'role_granted'?"
    assert "whole number" in detail(shop.admin.get("/audit?person=ann"), 400)
