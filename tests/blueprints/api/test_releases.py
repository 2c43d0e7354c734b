"""Releases over HTTP: an administrator's program plans, publishes, compares and goes back."""

from jsonschema import Draft202012Validator

from blueprints.api.openapi_releases import DIFFERENCE, PENDING, RELEASE, RETIRED
from tests.blueprints.api.shop import SHOP, Shop, detail

LATER = SHOP.replace("entities:\n", "icon: star\nentities:\n", 1)
FILES = {"files": {"shop_app.yaml": LATER}}


def test_others_get_nothing(shop: Shop) -> None:
    for path in ("/releases", "/releases/1", "/releases/diff?before=1&after=1", "/releases/retired"):
        assert "Only administrators" in detail(shop.clerk.get(path), 403), path
    for path in ("", "/plan", "/1/plan", "/1/rollback", "/purge"):
        body = FILES if path in ("", "/plan") else None
        assert "Only administrators" in detail(shop.clerk.post(f"/releases{path}", body), 403), path
    assert detail(shop.nobody.get("/releases"), 401)
    assert "/releases" not in shop.clerk.get("/openapi.json").get_json()["paths"]
    assert [each["release"] for each in shop.admin.get("/releases").get_json()["releases"]] == [1]


def test_plan_publish_compare_and_back(shop: Shop) -> None:
    seen = shop.admin.post("/releases/plan", FILES).get_json()
    Draft202012Validator(PENDING).validate(seen)
    assert [each["sentence"] for each in seen["differences"]] == ["The app Shop: 'icon' is “star” now."]
    body = {**FILES, "message": "A star", "begun": seen["release"]}
    made = shop.admin.post("/releases", body)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/releases/2")
    Draft202012Validator(RELEASE).validate(made.get_json())
    one = shop.admin.get("/releases/2").get_json()
    assert one["files"] == {"shop": {"shop_app.yaml": LATER}}
    assert one["message"] == "A star"
    assert one["steps"][0]["sentence"]
    (difference,) = shop.admin.get("/releases/diff?before=1&after=2").get_json()["differences"]
    Draft202012Validator(DIFFERENCE).validate(difference)
    assert (difference["path"], difference["after"]) == ("icon", "star")
    back = shop.admin.post("/releases/1/plan").get_json()
    Draft202012Validator(PENDING).validate(back)
    again = shop.admin.post("/releases/1/rollback", {"begun": back["release"]})
    assert again.status_code == 201
    assert list(shop.admin.get("/releases/3").get_json()["files"]["shop"].values()) == [SHOP]
    assert "meanwhile" in detail(shop.admin.post("/releases", body), 412)


def test_a_removal_is_agreed_to_and_purged(shop: Shop) -> None:
    thing = "  thing: {fields: {a: {type: text}, b: {type: text}}}\n"
    extra = SHOP.replace("entities:\n", f"entities:\n{thing}", 1)
    assert shop.admin.post("/releases", {"files": {"shop_app.yaml": extra}}).status_code == 201
    assert shop.admin.post("/shop/thing", {"a": "x", "b": "y"}).status_code == 201
    less = {"files": {"shop_app.yaml": extra.replace(", b: {type: text}", "")}}
    assert "Agree to this first" in detail(shop.admin.post("/releases", less), 409)
    agreed = {**less, "allow": ["confirm", "destructive"]}
    assert shop.admin.post("/releases", agreed).status_code == 201
    (kept,) = shop.admin.get("/releases/retired").get_json()["retired"]
    Draft202012Validator(RETIRED).validate(kept)
    assert (kept["entity"], kept["field"], kept["values"]) == ("shop.thing", "b", 1)
    dropped = shop.admin.post("/releases/purge", {"retired": [kept["id"]]}).get_json()["dropped"]
    assert [each["id"] for each in dropped] == [kept["id"]]
    assert shop.admin.get("/releases/retired").get_json() == {"retired": []}


def test_what_cannot_be_read_is_told(shop: Shop) -> None:
    post = shop.admin.post
    assert "“files” has to be an object" in detail(post("/releases/plan", {"files": {}}), 400)
    assert "“files” has to be an object" in detail(post("/releases", {"files": {"a.yaml": 1}}), 400)
    assert "There is no “maybe”" in detail(post("/releases", {**FILES, "allow": ["maybe"]}), 400)
    assert "“retired” has to be a list" in detail(post("/releases/purge", {"retired": ["a"]}), 400)
    assert "“before” has to be the number" in detail(shop.admin.get("/releases/diff?after=1"), 400)
    assert "There is no release 9." in detail(shop.admin.get("/releases/9"), 404)
    wrong = {"files": {"shop_app.yaml": SHOP.replace("entities:", "entitees:", 1)}}
    problems = shop.admin.problems(post("/releases/plan", wrong))
    assert any(path.startswith("shop_app.yaml:") for path in problems)


def test_the_addresses_are_described(shop: Shop) -> None:
    paths = shop.admin.get("/openapi.json").get_json()["paths"]
    assert {path for path in paths if path.startswith("/releases")} == {
        "/releases",
        "/releases/plan",
        "/releases/diff",
        "/releases/retired",
        "/releases/purge",
        "/releases/{number}",
        "/releases/{number}/plan",
        "/releases/{number}/rollback",
    }


def test_what_is_called_otherwise_is_found(shop: Shop) -> None:
    text = (
        SHOP.replace("  customer:\n    label", "  client:\n    was: customer\n    label")
        .replace("to: customer, required", "to: client, required")
        .replace("      city: {", "      town: {was: city, ")
    )
    assert shop.admin.post("/releases", {"files": {"shop_app.yaml": text}}).status_code == 201
    made = shop.clerk.post("/shop/client", {"name": "A", "town": "X"}).get_json()
    for method, path, body in (
        ("GET", f"/shop/customer/{made['id']}?fields=name", None),
        ("PATCH", f"/shop/customer/{made['id']}", {"town": "Y"}),
        ("POST", "/shop/customer", {"name": "B"}),
    ):
        answer = shop.clerk.ask(method, path, body)
        new = f"/api/v1{path.replace('customer', 'client')}"
        assert (answer.status_code, answer.headers["Location"]) == (308, new), method
        assert answer.get_json()["detail"] == "'shop.customer' is called 'shop.client' since release 2."
    assert detail(shop.nobody.get("/shop/customer"), 401)
    sentence = "'city' is called 'town' since release 2."
    refused = shop.clerk.post("/shop/client", {"name": "C", "city": "X"})
    assert shop.clerk.problems(refused) == {"city": sentence}
    for query in ("filter=city == 'X'", "sort=-city"):
        answer = shop.clerk.get(f"/shop/client?{query}")
        assert list(shop.clerk.problems(answer).values()) == [sentence], query
    assert detail(shop.clerk.get("/shop/client?fields=name,city"), 400) == sentence
    # Who may not read a field does not learn its name.
    hidden = text.replace("credit: {label", "limit: {was: credit, label").replace(
        "credit: {read", "limit: {read"
    )
    assert shop.admin.post("/releases", {"files": {"shop_app.yaml": hidden}}).status_code == 201
    assert "limit" not in str(shop.clerk.problems(shop.clerk.post("/shop/client", {"credit": "1"})))
    assert "'limit'" in str(shop.admin.problems(shop.admin.post("/shop/client", {"credit": "1"})))


def test_apps_go_and_records_of_a_stage_are_moved(shop: Shop) -> None:
    text = SHOP.replace("        closed: {", "        ended: {").replace("to: closed", "to: ended")
    text = text.replace("from: closed", "from: ended")
    files = {"files": {"shop_app.yaml": text}}
    with shop.workspace.writing() as transaction:
        sales = transaction.catalog.tables.table("shop.sale")
        transaction.connection.execute(sales.update().values(stage="closed"))
        stands = transaction.connection.execute(sales.select()).all()
    body = {**files, "moved_stages": {"shop.sale.closed": "ended"}}
    if stands:
        assert "Say where they go" in detail(shop.admin.post("/releases/plan", files), 422)
    assert shop.admin.post("/releases/plan", body).status_code == 200
    assert shop.admin.post("/releases", {**body, "allow": ["confirm"]}).status_code == 201
    back = {"moved_stages": {"shop.sale.ended": "closed"}}
    assert shop.admin.post("/releases/1/plan", back).status_code == 200
    for wrong in ({"moved_stages": {"shop.sale.closed": 1}}, {"remove": [1]}):
        assert detail(shop.admin.post("/releases/plan", {**files, **wrong}), 400)
    removal = shop.admin.post("/releases/plan", {"remove": ["shop"]}).get_json()
    assert {"app_removed", "entity_removed"} <= {each["kind"] for each in removal["steps"]}
    agreed = {"remove": ["shop"], "allow": ["confirm", "destructive"]}
    assert shop.admin.post("/releases", agreed).get_json()["apps"] == []
