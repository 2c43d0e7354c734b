"""Explanations over HTTP: what is answered, and to whom."""

from decimal import Decimal

from tests.blueprints.api.shop import Shop, detail


def test_an_explanation_has_the_formula_and_its_parts(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    values = {"number": "S-1", "customer": customer, "amount": "99.99", "discount": "0.15"}
    sale = shop.clerk.post("/shop/sale", values).get_json()["id"]
    found = shop.clerk.get(f"/shop/sale/{sale}/explain/payable").get_json()
    assert (found["field"], found["value"], found["stage"]) == ("payable", "84.99", None)
    assert found["formula"] == "round(amount * (1 - discount), 2)"
    assert found["part"]["parts"][0]["parts"][0]["text"] == "amount"
    assert Decimal(found["rounding"][0]["before"]) == Decimal("84.9915")

    bought = shop.clerk.get(f"/shop/sale/{sale}/explain/bought").get_json()
    assert bought["part"]["records"]["listed"] == [{"id": sale, "title": "S-1", "value": "99.99"}]


def test_what_may_not_be_read_is_not_explained(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    sale = shop.clerk.post("/shop/sale", {"number": "S-1", "customer": customer}).get_json()["id"]
    path = f"/shop/sale/{sale}/explain"
    assert shop.other.get(f"{path}/payable").status_code == 404
    assert "is not computed" in detail(shop.clerk.get(f"{path}/amount"), 404)
    assert "Did you mean 'payable'" in detail(shop.clerk.get(f"{path}/payabel"), 404)
