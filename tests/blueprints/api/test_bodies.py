"""JSON in and out: decimals exact, refusals in sentences."""

from decimal import Decimal
from typing import Any

import pytest

from blueprints.api.bodies import members, read_json, write_json
from engine.problems import Malformed


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"amount": 0.1}', {"amount": Decimal("0.1")}),
        (b'{"amount": 1e2}', {"amount": Decimal("1E+2")}),
        (b'{"amount": 12345678901234567890.05}', {"amount": Decimal("12345678901234567890.05")}),
        (b'{"count": 9007199254740993}', {"count": 9007199254740993}),
        ('{"name": "北京\\u6597"}'.encode(), {"name": "北京斗"}),
        (b'["\\ud83d\\ude00"]', ["😀"]),
    ],
)
def test_numbers_and_texts_are_exact(raw: bytes, value: Any) -> None:
    assert read_json(raw) == value


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"{", "The body is not JSON: line 1, column 2 cannot be read."),
        (b'{"a": 1,\n "b": }', "The body is not JSON: line 2, column 7 cannot be read."),
        (b'{"a": NaN}', "The body is not JSON: “NaN” is not a number."),
        (b'{"a": -Infinity}', "The body is not JSON: “-Infinity” is not a number."),
        (b'"\xff"', "The body is not UTF-8: byte 2 cannot be read."),
        (b"[" * 200_000, "The body is nested too deeply."),
        (b"1" * 5_000, "The body holds a number that is too long."),
        (b'{"a": [{"x\\u0000": 1}]}', "The body holds a character that no text can hold: \\u0000."),
        (b'{"\\ud800": 1}', "The body holds a character that no text can hold: \\ud800."),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(raw: bytes, sentence: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_json(raw)
    assert str(refused.value) == sentence


def test_decimals_are_written_as_text() -> None:
    assert write_json({"a": Decimal("1234.50"), "b": Decimal("1E+3")}) == b'{"a":"1234.50","b":"1000"}'


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"value": {}}, "There is no member “value” here. Did you mean 'values'?"),
        ({"values": []}, "“values” has to be an object."),
        ({"id": True}, "“id” has to be a whole number."),
        ({"id": "7"}, "“id” has to be a whole number."),
        ({"comment": "a\0"}, "The body holds a character that no text can hold: \\u0000."),
    ],
)
def test_members_that_are_unknown_or_of_another_kind_are_refused(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Malformed) as refused:
        members(body, {"values": dict, "id": int, "comment": str})
    assert str(refused.value) == sentence
