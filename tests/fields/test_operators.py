from typing import Any

import pytest

from engine.fields.operators import OPERATORS, filter_text
from engine.fields.registry import FIELD_TYPES
from engine.text import LOCALES


def test_every_operator_is_named_in_every_language() -> None:
    for name, operator in OPERATORS.items():
        assert operator.name == name
        assert set(operator.label.words) == set(LOCALES)


def test_every_operator_is_used_by_a_type() -> None:
    used = {name for field_type in FIELD_TYPES.values() for name in field_type.operators}
    assert used == set(OPERATORS)


@pytest.mark.parametrize(
    ("type_name", "raw", "operator", "values", "text"),
    [
        ("money", {}, "ge", ["1,000"], "x >= 1000.00"),
        ("integer", {}, "between", ["1", "5"], "1 <= x <= 5"),
        ("percent", {}, "lt", ["12.5%"], "x < 0.1250"),
        ("text", {}, "eq", ['5" pipe \\ "A"'], 'x == "5\\" pipe \\\\ \\"A\\""'),
        ("text", {}, "starts_with", ["张"], 'startswith(lower(x), lower("张"))'),
        ("choice", {"options": ["won", "lost"]}, "in", ["won", "lost"], 'x in ["won", "lost"]'),
        ("link", {"to": "crm.account"}, "ne", ["7"], "x != 7"),
        ("boolean", {}, "eq", ["是"], "x == true"),
        ("date", {}, "after", ["2026-11-21"], 'x > "2026-11-21"'),
        ("text", {}, "not_blank", [], "x != blank"),
    ],
)
def test_filters_are_formulas(
    type_name: str, raw: dict[str, Any], operator: str, values: list[str], text: str
) -> None:
    field_type = FIELD_TYPES[type_name]
    options = field_type.read_options(raw)
    literals = [field_type.formula_literal(options, field_type.parse(options, each, "zh")) for each in values]
    assert operator in field_type.operators
    assert filter_text(OPERATORS[operator], "x", literals) == text
