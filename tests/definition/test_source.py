from decimal import Decimal
from typing import Any

import pytest

from engine.definition.nodes import MappingNode, ScalarNode, plain
from engine.definition.source import MOST_NODES, read_source
from engine.problems import Place


def value_of(text: str) -> Any:
    source = read_source("a.yaml", f"a: {text}\n")
    assert not source.problems
    assert source.root is not None
    return plain(source.root)["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("1_000", 1000),
        ("0", 0),
        ("9" * 5000, "9" * 5000),
        ("1.10", Decimal("1.10")),
        (".5", Decimal("0.5")),
        ("0.1", Decimal("0.1")),
        ("123456789012345678.123456789", Decimal("123456789012345678.123456789")),
        ("10%", "10%"),
        ("2026-11-21", "2026-11-21"),
        ("1e5", "1e5"),
        ("'5'", "5"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("=user", "=user"),
        ("=", "="),
        ("[a, 1]", ["a", 1]),
        ("{b: 1.5}", {"b": Decimal("1.5")}),
        ("中文", "中文"),
    ],
)
def test_values_are_what_was_written(text: str, value: Any) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


PLACED = """\
# characters of formulas, each found where it stands
plain: a + b
equals:   =a + b
single: 'a & '' of '' & b'
double: "a & \\"x\\" & \\u4e2d & b"
folded: >
  a +
    b
  * c

  - d
literal: |-
    a +
    b
wrapped: a +
  b
quoted: "a +
  b
  + \\
  c"
marked: &m a + b
list: [a, 'b']
中文: 甲 + b
"""


@pytest.mark.parametrize(
    "name",
    ["plain", "equals", "single", "double", "folded", "literal", "wrapped", "quoted", "marked", "中文"],
)
def test_each_character_of_a_formula_has_its_place(name: str) -> None:
    root = read_source("a.yaml", PLACED).root
    assert isinstance(root, MappingNode)
    node = root.get(name)
    assert isinstance(node, ScalarNode)
    expression = node.expression()
    lines = PLACED.splitlines()
    for offset, character in enumerate(expression.text):
        if character.isascii() and character.isalnum():
            place = expression.place_of(offset)
            assert lines[place.line - 1][place.column - 1] == character, (offset, place)


def test_the_first_character_of_a_folded_formula_is_on_its_own_line() -> None:
    root = read_source("a.yaml", PLACED).root
    assert isinstance(root, MappingNode)
    node = root.get("folded")
    assert isinstance(node, ScalarNode)
    assert node.expression().place == Place("a.yaml", 7, 3)


def test_keys_and_values_know_their_places() -> None:
    root = read_source("a.yaml", "a:\n  b: {c: 'x'}\n").root
    assert isinstance(root, MappingNode)
    inner = root.get("a")
    assert isinstance(inner, MappingNode)
    key = inner.key("b")
    assert key is not None
    assert key.place == Place("a.yaml", 2, 3)
    innermost = inner.get("b")
    assert isinstance(innermost, MappingNode)
    value = innermost.get("c")
    assert value is not None
    assert value.place == Place("a.yaml", 2, 11)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    root = read_source("a.yaml", "\ufeffa: 1\r\nb: >\r\n  x +\r\n  y\r\n").root
    assert isinstance(root, MappingNode)
    node = root.get("b")
    assert isinstance(node, ScalarNode)
    expression = node.expression()
    assert expression.text == "x + y"
    assert expression.place_of(4) == Place("a.yaml", 4, 3)


def test_an_alias_stands_where_it_is_used() -> None:
    root = read_source("a.yaml", "a: &x {f: b + c}\nd: *x\n").root
    assert isinstance(root, MappingNode)
    assert plain(root) == {"a": {"f": "b + c"}, "d": {"f": "b + c"}}
    used = root.get("d")
    assert isinstance(used, MappingNode)
    formula = used.get("f")
    assert formula is not None
    assert formula.place == Place("a.yaml", 2, 4)


def test_a_bomb_of_aliases_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    problems = read_source("a.yaml", "\n".join(lines)).problems
    assert [str(each.message) for each in problems] == [
        f"The definition has more than {MOST_NODES} values in one file."
    ]


def test_deep_nesting_is_refused() -> None:
    problems = read_source("a.yaml", "a: " + "[" * 5000).problems
    assert [str(each) for each in problems] == ["a.yaml:1:63: The definition is nested more than 60 deep."]


def test_problems_inside_a_file_are_all_told() -> None:
    problems = read_source("a.yaml", "a: 1\na: 2\non: 3\nb: yes\nc: !x y\n").problems
    assert [str(each.where) for each in problems] == ["a.yaml:4:4", "a.yaml:5:4", "a.yaml:2:1", "a.yaml:3:1"]


def test_a_character_that_yaml_does_not_allow() -> None:
    problems = read_source("a.yaml", "a: 1\nb: x\x01\n").problems
    assert [str(each) for each in problems] == [
        "a.yaml:2:5: The file holds a character that YAML does not allow."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: @x",
        "a: [",
        "a: {",
        "a: 'x",
        'a: "\\q"',
        "? ",
        "a: &",
        "- a\nb: c",
        "%x",
        "a: b: c",
        "\t",
        "*a",
        "!!",
        "a: |x",
    ],
)
def test_whatever_is_not_yaml_gives_a_problem_with_a_place(text: str) -> None:
    source = read_source("a.yaml", text)
    assert all(isinstance(each.where, Place) for each in source.problems)
    assert source.problems or source.root
