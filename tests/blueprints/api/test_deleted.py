"""What was deleted lately over HTTP: listed page by page, brought back by a batch, described in OpenAPI."""

from jsonschema import Draft202012Validator

from blueprints.api.openapi_deleted import DELETIONS
from tests.blueprints.api.shop import Shop, detail


def test_what_was_deleted_is_listed_and_a_batch_brings_it_back(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()["id"]
    rows = [{"product": "Tea", "quantity": 2}]
    ids = []
    for number in ("S-1", "S-2", "S-3"):
        values = {"number": number, "customer": customer, "lines": rows}
        ids.append(shop.clerk.post("/shop/sale", values).get_json()["id"])
        assert shop.clerk.delete(f"/shop/sale/{ids[-1]}").status_code == 204
    first = shop.clerk.get("/shop/sale/deleted?limit=2").get_json()
    Draft202012Validator(DELETIONS).validate(first)
    assert [(each["id"], each["title"]) for each in first["records"]] == [(ids[2], "S-3"), (ids[1], "S-2")]
    assert first["records"][0]["rows"] == {"lines": 1}
    assert first["records"][0]["deleted_by"]["id"] == shop.people["clerk"]
    rest = shop.clerk.get(f"/shop/sale/deleted?after={first['next']}").get_json()
    assert [each["id"] for each in rest["records"]] == [ids[0]]
    assert rest["next"] is None
    assert shop.other.get("/shop/sale/deleted").get_json()["records"] == []
    assert len(shop.admin.get("/shop/sale/deleted").get_json()["records"]) == 3
    operations = [{"op": "undo", "id": each["id"], "event": each["event"]} for each in first["records"]]
    done = shop.clerk.post("/shop/sale/batch", {"operations": operations}).get_json()
    assert [each["number"] for each in done["results"]] == ["S-3", "S-2"]
    assert len(done["results"][0]["lines"]) == 1
    assert [each["id"] for each in shop.clerk.get("/shop/sale/deleted").get_json()["records"]] == [ids[0]]


def test_only_for_those_who_may_bring_something_back(shop: Shop) -> None:
    assert detail(shop.stranger.get("/shop/sale/deleted"), 403) == "No rule lets you see Sale."
    assert detail(shop.clerk.get("/shop/customer/deleted"), 403) == "No rule lets you delete this Customer."
    assert shop.nobody.get("/shop/sale/deleted").status_code == 401
    assert "no cursor" in detail(shop.clerk.get("/shop/sale/deleted?after=x"), 400).replace("not a", "no")
    assert "no page size" in detail(shop.clerk.get("/shop/sale/deleted?limit=0"), 400)
    paths = shop.clerk.get("/openapi.json").get_json()["paths"]
    assert "/shop/sale/deleted" in paths
    assert "/shop/customer/deleted" not in paths
