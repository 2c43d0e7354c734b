"""Descriptions: JSON Schema of an entity, OpenAPI of what the caller may do, the schema of the language."""

from typing import Any

from jsonschema import Draft202012Validator

from blueprints.api.openapi_parts import PROBLEM_RESPONSES
from blueprints.api.personal import post_show
from blueprints.api.prints import get_print
from blueprints.api.routes import LARGEST_ID, ROUTES
from tests.blueprints.api.shop import Shop, detail


def test_the_schema_of_an_entity_describes_what_may_be_sent(shop: Shop) -> None:
    schema = shop.clerk.get("/shop/sale/schema").get_json()
    Draft202012Validator.check_schema(schema)
    assert {"number", "customer", "amount", "lines"} <= set(schema["properties"])
    assert shop.clerk.get("/shop/nothing/schema").status_code == 404
    assert detail(shop.stranger.get("/shop/sale/schema"), 403) == "No rule lets you see Sale."


def test_openapi_describes_what_the_caller_may_do_and_nothing_else(shop: Shop) -> None:
    document = shop.clerk.get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    paths = document["paths"]
    assert set(paths["/shop/sale"]) == {"get", "post"}
    assert set(paths["/shop/sale/{id}"]) == {"parameters", "get", "patch", "delete"}
    assert "delete" not in paths["/shop/customer/{id}"]
    assert "/shop/sale/{id}/transitions/{name}" in paths
    assert "/shop/customer/{id}/transitions" not in paths
    assert paths["/shop/sale"]["post"]["summary"] == "Create a record of Sale"
    assert not any(
        path.startswith("/shop") for path in shop.stranger.get("/openapi.json").get_json()["paths"]
    )
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert_references_lead_somewhere(document)
    assert "delete" in shop.admin.get("/openapi.json").get_json()["paths"]["/shop/customer/{id}"]
    chinese = shop.clerk.get("/openapi.json", Accept_Language="zh").get_json()["paths"]
    assert chinese["/shop/sale"]["post"]["summary"] == "新建一条销售单"


def test_what_openapi_promises_of_a_record_holds(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()
    document = shop.clerk.get("/openapi.json").get_json()
    values = document["components"]["schemas"]["shop.customer.values"]
    assert set(values["properties"]) == {"name", "city"}
    Draft202012Validator(values).validate({"name": "Li", "city": "Beijing"})
    record = document["components"]["schemas"]["shop.customer"]
    assert set(record["properties"]) <= set(customer)
    Draft202012Validator(record).validate(customer)


def test_openapi_has_every_route_of_records(shop: Shop) -> None:
    paths = shop.admin.get("/openapi.json").get_json()["paths"]
    for route in ROUTES:
        # Personal fields are shown, and documents printed, where there are some.
        if "<app>" in route.rule and route.handler not in (post_show, get_print):
            path = route.rule.replace("<app>/<entity>", "shop/sale").replace(
                f"<int(max={LARGEST_ID}):record_id>", "{id}"
            )
            path = path.replace(f"int(max={LARGEST_ID}):", "")
            assert route.method.lower() in paths[path.replace("<", "{").replace(">", "}")], route


def test_the_schema_of_the_language_is_served(shop: Shop) -> None:
    schema = shop.clerk.get("/definition.schema.json").get_json()
    Draft202012Validator.check_schema(schema)
    assert "entities" in schema["properties"]


def assert_references_lead_somewhere(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    schemas = document["components"]["schemas"]
    assert set(responses) == set(PROBLEM_RESPONSES.values())

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            reference = value.get("$ref", "")
            if reference.startswith("#/components/"):
                kind, name = reference.removeprefix("#/components/").split("/", 1)
                assert name in {"schemas": schemas, "responses": responses}[kind], reference
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(document)
