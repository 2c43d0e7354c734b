"""Patterns mean what Python's mean, and their time is linear in the text."""

import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formula.pattern import PatternRefused, compile_pattern, json_schema_pattern, whole_text_pattern


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[A-Z]{2}-[0-9]+", ["AB-1", "ZZ-0042"], ["A-1", "AB-", "ab-1", "AB-1x"]),
        (r"\d{17}[\dX]", ["11010519491231002X"], ["11010519491231002x", "1101"]),
        ("^(red|green)?$", ["", "red", "green"], ["redgreen", "blue"]),
        ("(ab)*c{2,3}", ["cc", "ababccc"], ["c", "cccc", "abacc"]),
        (r"[^,;]+(?:, ?[^,;]+)*", ["a", "a, b,c"], ["a,", ";"]),
        (r"a.c|\.\*", ["abc", "a|c", ".*"], ["a\nc", "xx"]),
        ("[一-龥]{2,4}", ["张伟"], ["张", "Zhang"]),
        (r"[]a-]+", ["]a-"], ["b"]),
        (r"\S+\s\w", ["a- b"], ["a b c "]),
        (r"x{0}y{1,}", ["y", "yy"], ["x", "xy"]),
    ],
)
def test_what_matches(pattern: str, good: list[str], bad: list[str]) -> None:
    compiled = compile_pattern(pattern)
    assert [text for text in good if not compiled.matches(text)] == []
    assert [text for text in bad if compiled.matches(text)] == []


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("(a", 1),
        ("a)", 2),
        ("*a", 1),
        ("a**", 2),
        ("[a", 3),
        ("[z-a]", 1),
        (r"a\1", 2),
        ("(?=a)b", 2),
        ("a{3,2}", 2),
        ("a{1001}", 2),
        ("((a{500}){500}){500}", 10),
        ("a$b", 2),
        ("a{", 2),
        (r"\p{Han}", 1),
        (r"a\\"[:2], 3),
        ("(" * 30 + ")" * 30, 22),
    ],
)
def test_what_cannot_be_used(pattern: str, position: int) -> None:
    with pytest.raises(PatternRefused) as refused:
        compile_pattern(pattern)
    assert refused.value.position == position


atoms = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(?:ab|)", "c", r"\w", "(a*b)"])
pieces = st.tuples(atoms, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,}"])).map("".join)
patterns = st.lists(st.lists(pieces, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)


@settings(deadline=None)
@given(pattern=patterns, text=st.text("abc", max_size=8))
def test_it_agrees_with_python(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).matches(text) == bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", "(a*)*b", "a*a*a*a*a*a*a*b", "(.*a){12}"])
def test_no_text_takes_long(pattern: str) -> None:
    compiled = compile_pattern(pattern)
    start = perf_counter()
    compiled.matches("a" * 2_000 + "!")
    assert perf_counter() - start < 5


@pytest.mark.parametrize(
    ("foreign", "own", "back"),
    [
        ("^[A-Z]+$", "[A-Z]+", "^[A-Z]+$"),
        ("[0-9]", ".*[0-9].*", "[0-9]"),
        ("^a", "a.*", "^a"),
        ("a|b", ".*(?:a|b).*", "(?:a|b)"),
        ("^(a|b)$", "(a|b)", "^(a|b)$"),
        (r"^\.*$", r"\.*", r"^\.*$"),
        (r"^[|]\$$", r"[|]\$", r"^[|]\$$"),
    ],
)
def test_patterns_of_json_schema(foreign: str, own: str, back: str) -> None:
    assert whole_text_pattern(foreign) == own
    assert json_schema_pattern(own) == back
    assert json_schema_pattern("a|b") == "^(?:a|b)$"
