from decimal import Decimal
from typing import Any

import pytest

from engine.definition.load import load_app, read_app
from engine.definition.model import Field


def field_of(schema: str) -> Field:
    """The field that one property becomes."""
    text = f"app: shop\nentities:\n  order:\n    schema:\n      properties:\n        it: {schema}\n"
    return load_app({"shop.yaml": text}).entities["order"].fields["it"]


@pytest.mark.parametrize(
    ("schema", "type_", "options"),
    [
        ("{type: string, maxLength: 20}", "text", {"max_length": 20}),
        ("{type: string, format: email}", "email", {}),
        ("{type: string, format: date}", "date", {}),
        ("{type: string, format: date-time}", "datetime", {}),
        ("{type: string, format: uri}", "url", {}),
        ("{type: [string, 'null'], minLength: 2}", "text", {"min_length": 2}),
        ("{type: integer, minimum: 1, maximum: 5}", "integer", {"min": 1, "max": 5}),
        ("{type: number, minimum: 0, multipleOf: 0.01}", "decimal", {"decimals": 2, "min": Decimal(0)}),
        ("{type: boolean}", "boolean", {}),
        ("{x-dougong: {type: money, currency: EUR}}", "money", {"currency": "EUR"}),
        ("{type: integer, x-dougong: {type: link, to: order}}", "link", {"to": "shop.order"}),
    ],
)
def test_a_property_becomes_the_field_that_it_means(schema: str, type_: str, options: dict[str, Any]) -> None:
    field = field_of(schema)
    assert field.type == type_
    assert {key: field.options[key] for key in options} == options


def test_an_enumeration_becomes_a_choice() -> None:
    field = field_of("{type: string, enum: [small, large]}")
    assert (field.type, list(field.options["options"])) == ("choice", ["small", "large"])


def test_titles_descriptions_and_defaults_are_kept() -> None:
    field = field_of("{type: integer, title: Count, description: How many, default: 3, readOnly: true}")
    assert (str(field.label), str(field.help), field.default, field.read_only) == (
        "Count",
        "How many",
        3,
        True,
    )


APP = """\
app: shop
entities:
  order:
    schema:
      title: Order
      description: What somebody buys
      properties:
        name: {type: string}
        amount: {type: number, x-dougong: {index: true}}
        lines:
          type: array
          title: Lines
          items:
            title: Line
            properties:
              product: {type: string}
              parts: {type: array, items: {type: object, properties: {code: {type: string}}}}
            required: [product]
      required: [name]
      x-dougong:
        title: name & "!"
        views: {all: {type: list, columns: [name]}}
    label: {en: Order, zh: 订单}
    fields:
      amount: {min: 1}
      name: {type: long_text}
      note: {type: text}
"""


def test_arrays_of_objects_become_child_rows_of_any_depth() -> None:
    app = load_app({"shop.yaml": APP})
    assert set(app.entities) == {"order", "order_lines", "order_lines_parts"}
    assert app.entities["order"].fields["lines"].options["of"] == "shop.order_lines"
    lines = app.entities["order_lines"]
    assert (str(lines.label), lines.parent) == ("Line", "shop.order")
    assert lines.fields["product"].required
    assert app.entities["order_lines_parts"].parent == "shop.order_lines"


def test_fields_that_are_written_win_over_the_schema() -> None:
    order = load_app({"shop.yaml": APP}).entities["order"]
    assert [each.name for each in order.declared] == ["name", "amount", "lines", "note"]
    assert order.fields["name"].type == "long_text"
    assert not order.fields["name"].required
    assert order.fields["amount"].index
    assert order.fields["amount"].options["min"] == 1
    assert order.label.to("zh") == "订单"


def test_the_extension_of_an_entity_is_read() -> None:
    order = load_app({"shop.yaml": APP}).entities["order"]
    assert order.title.text == 'name & "!"'
    assert order.views["all"].columns == ("name",)


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ("{type: string, minLenght: 2}", "Dougong does not read 'minLenght' of JSON Schema"),
        ("{type: string, format: hostname}", "No field type is like this JSON Schema."),
        ("{type: number, minimum: 0, x-dougong: {type: money}}", "A money field cannot keep 'minimum'"),
        ("{type: [string, integer]}", "No field type is like this JSON Schema."),
        ("{x-dougong: {type: mony}}", "There is no field type 'mony'. Did you mean 'money'?"),
        ("{x-dougong: {type: link}}", "A link field needs the key 'to'."),
        ("5", "A property of a JSON Schema is a mapping"),
    ],
)
def test_what_a_field_cannot_keep_is_a_problem(schema: str, sentence: str) -> None:
    properties = f"it: {schema}, that: {{type: string}}"
    text = f"app: shop\nentities:\n  order:\n    schema: {{properties: {{{properties}}}}}\n"
    messages = [str(each.message) for each in read_app({"shop.yaml": text}).problems]
    assert len(messages) == 1
    assert messages[0].startswith(sentence)
