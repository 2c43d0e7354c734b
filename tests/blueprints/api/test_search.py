"""The search over HTTP."""

from jsonschema import Draft202012Validator

from blueprints.api.openapi_search import FOUND
from tests.blueprints.api.shop import Shop, detail


def test_records_are_found_by_their_words(shop: Shop) -> None:
    made = shop.boss.post("/shop/customer", {"name": "Nordlicht 北极光"}).get_json()
    answer = shop.boss.get("/search?q=北极").get_json()
    Draft202012Validator(FOUND).validate(answer)
    assert [(each["entity"], each["id"]) for each in answer["results"]] == [("shop.customer", made["id"])]
    assert shop.boss.get("/search?q=nord&entity=shop.customer&limit=1").get_json() == answer
    assert shop.boss.get("/search?q=nord&entity=shop.sale").get_json() == {"results": []}
    listed = shop.boss.get("/shop/customer?search=nord").get_json()
    assert [each["id"] for each in listed["records"]] == [made["id"]]


def test_what_cannot_be_asked(shop: Shop) -> None:
    assert "q holds the words" in detail(shop.boss.get("/search?q=+"), 400)
    assert "There is no 'shop.moon' here." in detail(shop.boss.get("/search?q=a&entity=shop.moon"), 404)
