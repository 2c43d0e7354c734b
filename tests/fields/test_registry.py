"""Foreign JSON Schemas find the type that is natural for them."""

from typing import Any

import pytest

from engine.fields.registry import FIELD_TYPES, type_of_json_schema


@pytest.mark.parametrize(
    ("schema", "name", "raw"),
    [
        ({"type": "string"}, "text", {}),
        (
            {"type": ["string", "null"], "maxLength": 40, "minLength": 0},
            "text",
            {"min_length": 0, "max_length": 40},
        ),
        ({"type": "string", "pattern": "^[A-Z]+$"}, "text", {"pattern": "[A-Z]+"}),
        ({"type": "string", "format": "email"}, "email", {}),
        ({"type": "string", "format": "uri", "maxLength": 100}, "url", {"max_length": 100}),
        ({"type": "string", "format": "date"}, "date", {}),
        ({"type": "string", "format": "date-time"}, "datetime", {}),
        ({"type": "string", "format": "time"}, "time", {}),
        ({"type": "string", "format": "duration"}, "duration", {}),
        ({"type": "string", "enum": ["a", "b"]}, "choice", {"options": ["a", "b"]}),
        ({"enum": ["a", None]}, "choice", {"options": ["a"]}),
        (
            {"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]},
            "choice",
            {"options": {"a": {"label": "A"}, "b": None}},
        ),
        (
            {"type": "array", "items": {"enum": ["a"]}, "uniqueItems": True},
            "multi_choice",
            {"options": ["a"]},
        ),
        ({"type": "integer", "minimum": 1, "exclusiveMaximum": 10}, "integer", {"min": 1, "max": 9}),
        ({"type": "number"}, "decimal", {"decimals": 6}),
        (
            {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0},
            "decimal",
            {"decimals": 2, "min": "0.01"},
        ),
        ({"type": "number", "multipleOf": 5, "maximum": 100}, "decimal", {"decimals": 0, "max": 100}),
        ({"type": "boolean"}, "boolean", {}),
        ({"type": "string", "x-dougong": {"type": "phone"}}, "phone", {}),
        (
            {"x-dougong": {"type": "link", "to": "crm.account", "label": "Account"}},
            "link",
            {"to": "crm.account"},
        ),
    ],
)
def test_the_natural_type(schema: dict[str, Any], name: str, raw: dict[str, Any]) -> None:
    assert type_of_json_schema(schema) == (name, raw)
    FIELD_TYPES[name].read_options(raw)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": ["string", "integer"]},
        {"enum": [1, 2]},
        {"x-dougong": {"type": "colour"}},
    ],
)
def test_no_type_is_like_it(schema: dict[str, Any]) -> None:
    assert type_of_json_schema(schema) is None
