"""`dougong eval`: the value and type of a formula, its statement, or what is wrong with it."""

import json

from tests.dougong.test_cli import Dougong, dougong, refused, said

__all__ = ["dougong"]


def test_value_and_type(dougong: Dougong) -> None:
    given = '{"base": 12000, "hours": 1.5}'
    found = dougong("eval", "round(base / 21.75 * hours, 2)", "--values", given)
    assert said(found) == "827.59  (a number)\n"
    assert said(dougong("eval", "1 / 0")) == "blank  (a number)\n"
    started = dougong("eval", "edate(start, 1)", "--values", '{"start": "2026-01-31"}')
    assert said(started) == "2026-02-28  (a date)\n"
    assert said(dougong("eval", "open and 2 > 1", "--values", '{"open": true}')) == "yes  (a yes or no)\n"
    assert json.loads(said(dougong("eval", "0.1 + 0.2", "--json"))) == {"value": "0.3", "type": "decimal"}


def test_an_entity_brings_its_fields(dougong: Dougong) -> None:
    said(dougong("apply", "shop_app.yaml", "--yes"))
    given = '{"name": "li", "credit": "2.50"}'
    found = dougong("eval", "upper(name) & credit * 2", "--entity", "shop.customer", "--values", given)
    assert said(found) == "LI5  (a text)\n"
    count = dougong("eval", "count(c for c in customer)", "--entity", "shop.customer")
    assert said(count) == "0  (a whole number)\n"
    statement = said(dougong("eval", "credit * 2", "--entity", "shop.customer", "--sql"))
    assert statement.startswith("SELECT")
    assert "shop__customer" in statement


def test_the_statement_of_given_values(dougong: Dougong) -> None:
    statement = said(dougong("eval", "x + 1", "--values", '{"x": 2}', "--sql"))
    assert statement.startswith("SELECT")
    assert "shop" not in statement


def test_what_is_wrong_is_told_with_its_place(dougong: Dougong) -> None:
    assert refused(dougong("eval", "round(1.5")).startswith("formula:1:")
    assert "'bsae'" in refused(dougong("eval", "bsae + 1", "--values", '{"base": 1}'))
    assert "--values" in refused(dougong("eval", "1", "--values", "[1]"))
    assert "--values" in refused(dougong("eval", "1", "--values", "{"))
    assert refused(dougong("eval", "x", "--values", '{"x": [1]}'))
    assert "shop.nothing" in refused(dougong("eval", "1", "--entity", "shop.nothing"))
    said(dougong("apply", "shop_app.yaml", "--yes"))
    wrong = dougong("eval", "credit", "--entity", "shop.customer", "--values", '{"credit": "much"}')
    assert refused(wrong).startswith("credit: ")
