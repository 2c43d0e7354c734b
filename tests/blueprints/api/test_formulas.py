"""The functions there are, and what a formula that is being written means, with what the caller may see."""

from jsonschema import Draft202012Validator

from blueprints.api.openapi_formulas import CHECKED, FUNCTIONS, NAMES
from engine.formula.functions.table import PUBLISHED
from tests.blueprints.api.shop import Shop, detail


def test_every_function_is_listed_with_what_completion_shows(shop: Shop) -> None:
    answer = shop.clerk.get("/formula/functions").get_json()
    Draft202012Validator(FUNCTIONS).validate(answer)
    found = {each["name"]: each for each in answer["functions"]}
    assert found.keys() == PUBLISHED.keys()
    assert found["round"]["signatures"] == ["round(number, digits=0)"]
    assert found["sum"]["signatures"][1] == "sum(value for record in records if condition)"
    assert found["sqrt"]["sentence"]["zh"] == "平方根，负数为空。"
    assert {"formula": "sqrt(2)", "value": "1.4142135624"} in found["sqrt"]["examples"]
    assert detail(shop.nobody.get("/formula/functions"), 401)


def test_a_formula_is_checked_and_computed(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()["id"]
    sale = {"number": "S1", "customer": customer, "amount": "99.90"}
    record = shop.clerk.post("/shop/sale", sale).get_json()["id"]
    given = {"entity": "shop.sale", "text": "=payable + sum(l.quantity for l in lines)", "record": record}
    answer = shop.clerk.post("/formula/check", given).get_json()
    Draft202012Validator(CHECKED).validate(answer)
    assert answer["problems"] == []
    assert (answer["type"], answer["value"]) == ("money", "99.90")
    assert {"shop.sale.payable", "shop.line.quantity"} <= set(answer["reads"])
    answer = shop.clerk.post("/formula/check", {"entity": "shop.sale", "text": "bought > 1"}).get_json()
    assert answer == {
        "type": "boolean",
        "gives": "a yes or no",
        "reads": ["shop.sale.bought"],
        "problems": [],
    }


def test_what_a_formula_has_to_give_and_where_it_stands(shop: Shop) -> None:
    given = {"entity": "shop.sale", "text": "amount", "expected": "boolean"}
    (problem,) = shop.clerk.post("/formula/check", given).get_json()["problems"]
    assert problem == {
        "position": 1,
        "message": "The result must be a yes or no, not an amount of money.",
    }
    given = {"entity": "shop.sale", "text": "ischanged(amount)", "expected": "boolean"}
    assert shop.clerk.post("/formula/check", given).get_json()["problems"]
    assert shop.clerk.post("/formula/check", {**given, "changes": True}).get_json()["problems"] == []
    assert "Did you mean 'boolean'" in detail(
        shop.clerk.post("/formula/check", {**given, "expected": "bolean"}), 400
    )


def test_names_for_completion_are_those_that_the_caller_may_use(shop: Shop) -> None:
    answer = shop.clerk.get("/formula/names?entity=shop.sale").get_json()
    Draft202012Validator(NAMES).validate(answer)
    fields = {each["name"]: each for each in answer["fields"]}
    assert fields["customer"]["entity"] == "shop.customer"
    assert fields["amount"]["type"] == "money"
    assert fields["lines"]["entity"] == "shop.line"
    assert "shop.customer" in {each["name"] for each in answer["entities"]}
    names = shop.clerk.get("/formula/names?entity=shop.customer").get_json()["fields"]
    assert "credit" not in {each["name"] for each in names}
    assert detail(shop.clerk.get("/formula/names?entity=shop.nothing"), 404)


def test_problems_have_their_positions(shop: Shop) -> None:
    given = {"entity": "shop.sale", "text": "1 + amuont"}
    answer = shop.clerk.post("/formula/check", given).get_json()
    assert answer["type"] is None
    assert answer["problems"] == [
        {"position": 5, "message": "shop.sale has no field 'amuont'. Did you mean 'amount'?"}
    ]
    (problem,) = shop.clerk.post("/formula/check", given, Accept_Language="zh").get_json()["problems"]
    assert "amount" in problem["message"]
    assert problem["message"] != answer["problems"][0]["message"]


def test_only_what_the_caller_may_see_takes_part(shop: Shop) -> None:
    customer = shop.boss.post("/shop/customer", {"name": "Li", "credit": "5.00"}).get_json()["id"]
    sale = {"number": "S1", "customer": customer, "amount": "10.00"}
    record = shop.clerk.post("/shop/sale", sale).get_json()["id"]
    secret = {"entity": "shop.customer", "text": "credit * 2", "record": customer}
    assert shop.boss.post("/formula/check", secret).get_json()["value"] == "10.00"
    (problem,) = shop.clerk.post("/formula/check", secret).get_json()["problems"]
    assert problem["message"].startswith("shop.customer has no field 'credit'.")
    total = {"entity": "shop.customer", "text": "sum(s.amount for s in sale)", "record": customer}
    assert shop.clerk.post("/formula/check", total).get_json()["value"] == "10.00"
    assert shop.other.post("/formula/check", total).get_json()["value"] == "0.00"
    theirs = {"entity": "shop.sale", "text": "amount", "record": record}
    assert detail(shop.other.post("/formula/check", theirs), 404)
    assert detail(shop.stranger.post("/formula/check", theirs), 403)


def test_requests_that_say_too_little_or_too_much(shop: Shop) -> None:
    assert detail(shop.clerk.post("/formula/check", {"text": "1"}), 400) == "“entity” is missing."
    assert detail(shop.clerk.post("/formula/check", {"entity": "shop.nothing", "text": "1"}), 404)
    given = {"entity": "shop.sale", "text": "1", "other": 1}
    assert detail(shop.clerk.post("/formula/check", given), 400)
    answer = shop.clerk.post("/formula/check", {"entity": "shop.sale", "text": "1+" * 3000 + "1"}).get_json()
    assert len(answer["problems"]) == 1


def test_both_addresses_are_described(shop: Shop) -> None:
    paths = shop.stranger.get("/openapi.json").get_json()["paths"]
    assert {"get"} == set(paths["/formula/functions"])
    assert {"post"} == set(paths["/formula/check"])
