"""Texts that a form sends become values and problems, each read by the type of its field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from engine.commands import create_record
from engine.forms.bind import Bound, bind
from engine.forms.layout import layout
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    workspace = publish(SHOP)
    for name in ("Acme", "Bolt", "Bolt & Sons"):
        create_record(workspace, SYSTEM, "shop.customer", {"name": name})
    for name in ("Chair", "Table"):
        create_record(workspace, SYSTEM, "shop.product", {"name": name, "price": "10"})
    return workspace


def bound(shop: Workspace, *sent: tuple[str, str], changed: frozenset[str] | None = None) -> Bound:
    with shop.reading(SYSTEM) as transaction:
        entity = transaction.catalog.entity("shop.order")
        names = frozenset(entity.fields) if changed is None else changed
        tree = layout(transaction, entity, {}, names)
        return bind(transaction, tree.fields, MultiDict(sent))


def sentences(found: Bound) -> dict[str, list[str]]:
    return {path: [str(message) for message in messages] for path, messages in found.problems.items()}


@pytest.mark.parametrize(
    ("sent", "field", "value"),
    [
        ([("due", "2026-11-21")], "due", date(2026, 11, 21)),
        ([("due", "")], "due", None),
        ([("discount", "12.5%")], "discount", Decimal("0.125")),
        ([("special", "no"), ("special", "yes")], "special", True),
        ([("special", "no")], "special", False),
        ([("customer", "2")], "customer", 2),
        ([("customer", ""), ("customer-title", "Bolt")], "customer", 2),
        ([("customer", "1"), ("customer-title", "Acme")], "customer", 1),
        ([("customer", "1"), ("customer-title", "")], "customer", None),
        ([("customer", "1"), ("customer-title", "Bolt & Sons")], "customer", 3),
        ([("also", ""), ("also", "1"), ("also", "2")], "also", (1, 2)),
        ([("also", "1"), ("also-title", "Table")], "also", (1, 2)),
        ([("also", ""), ("also-title", "")], "also", ()),
        ([("kinds", ""), ("kinds", "urgent"), ("kinds", "large")], "kinds", ("urgent", "large")),
        ([("kinds", "")], "kinds", None),
    ],
)
def test_a_text_becomes_a_value(shop: Workspace, sent: list[tuple[str, str]], field: str, value: Any) -> None:
    found = bound(shop, *sent)
    assert sentences(found) == {}
    assert found.values[field] == value


def test_what_was_not_sent_is_no_value(shop: Workspace) -> None:
    assert bound(shop, ("due", "2026-11-21")).values == {"due": date(2026, 11, 21)}


def test_what_may_not_be_changed_is_not_read(shop: Workspace) -> None:
    found = bound(shop, ("due", "2026-11-21"), ("reason", "x"), changed=frozenset({"due"}))
    assert found.values == {"due": date(2026, 11, 21)}


@pytest.mark.parametrize(
    ("sent", "path", "sentence"),
    [
        ([("due", "soon")], "due", "“soon” is not a date. Write it as 2026-11-21."),
        ([("discount", "half")], "discount", "“half” is not a percentage. Write it as 10% or 0.1."),
        ([("customer", ""), ("customer-title", "Nobody")], "customer", "There is no Customer “Nobody”."),
    ],
)
def test_a_text_that_cannot_be_read_is_a_problem_and_is_kept(
    shop: Workspace, sent: list[tuple[str, str]], path: str, sentence: str
) -> None:
    found = bound(shop, *sent)
    assert sentences(found) == {path: [sentence]}
    assert found.values == {}
    assert sent[-1][1] in {found.texts[path], found.titles[path]}


def test_rows_are_read_in_their_order_whatever_their_numbers(shop: Workspace) -> None:
    found = bound(
        shop,
        ("lines-present", "1"),
        ("lines-7-text", "Lamp"), ("lines-7-quantity", "3"), ("lines-7-price", "9.50"),
        ("lines-2-__id", "5"), ("lines-2-text", "Chair"), ("lines-2-quantity", "1"), ("lines-2-price", "1"),
    )  # fmt: skip
    assert found.values["lines"] == [
        {"id": 5, "text": "Chair", "quantity": 1, "price": Decimal("1.00")},
        {"text": "Lamp", "quantity": 3, "price": Decimal("9.50")},
    ]
    assert found.row_paths == {"lines": ["lines-2", "lines-7"]}


def test_a_row_left_as_it_was_added_is_no_row(shop: Workspace) -> None:
    blank = [("lines-0-text", ""), ("lines-0-quantity", "1"), ("lines-0-price", "")]
    assert bound(shop, ("lines-present", "1"), *blank).values == {"lines": []}


def test_a_removed_row_is_left_out(shop: Workspace) -> None:
    sent = [("lines-0-__id", "5"), ("lines-0-text", "Chair"), ("lines-0-__remove", "yes")]
    assert bound(shop, ("lines-present", "1"), *sent).values == {"lines": []}


def test_rows_of_a_form_without_them_stay_as_they_are(shop: Workspace) -> None:
    assert "lines" not in bound(shop, ("due", "2026-11-21")).values


def test_a_problem_in_a_row_stands_at_the_row_as_it_is_shown_again(shop: Workspace) -> None:
    found = bound(
        shop,
        ("lines-present", "1"),
        ("lines-0-text", ""), ("lines-0-quantity", "1"), ("lines-0-price", ""),
        ("lines-4-text", "Lamp"), ("lines-4-quantity", "many"), ("lines-4-price", "1"),
    )  # fmt: skip
    assert sentences(found) == {"lines-0-quantity": ["“many” is not a whole number."]}
    assert found.texts["lines-0-quantity"] == "many"


def test_a_field_may_be_called_as_it_likes(publish: Publish) -> None:
    workspace = publish(
        """
app: odd
entities:
  thing:
    title: data
    fields:
      data: {type: text}
      errors: {type: text}
      validate: {type: text}
      process: {type: text}
"""
    )
    with workspace.reading(SYSTEM) as transaction:
        entity = transaction.catalog.entity("odd.thing")
        tree = layout(transaction, entity, {}, frozenset(entity.fields))
        names = ("data", "errors", "validate", "process")
        found = bind(transaction, tree.fields, MultiDict([(name, name) for name in names]))
    assert found.values == {name: name for name in names}
