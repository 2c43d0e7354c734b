"""Any text is a formula or a problem; what the check lets pass stays within its bounds."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formula.check import Formula, Scope, check_formula
from engine.formula.exact import MOST_DIGITS
from engine.formula.nodes import walk
from engine.problems import DefinitionRefused
from tests.formula.conftest import make_world
from tests.formula.expressions import at_start

MOST_PARTS = 500
LONGEST_TEXT = 10_000

REFUSED = {
    "a power tower": "((((9**8)**8)**8)**8)**8",
    "a tower to the right": "9**8**8**8",
    "a large exponent": "2 ** 100000000",
    "an exponent that is not written": "amount ** quantity",
    "a long product": "*".join(["9" * 30] * 60),
    "powers of powers": "power(power(power(amount, 8), 8), 8)",
    "a wide sum": "+".join(["1"] * 1900),
    "a wide condition": " or ".join(["important"] * 390),
    "a wide comparison": " < ".join(["1"] * 900),
    "too many characters": "1" + " " * 4000,
    "too many digits": "9" * 31,
    "deep brackets": "(" * 51 + "1" + ")" * 51,
    "deep calls": "abs(" * 51 + "1" + ")" * 51,
    "deep branches": "if(important, 1, " * 51 + "1" + ")" * 51,
    "many signs": "-" * 3999 + "1",
    "many negations": "not " * 900 + "true",
    "an attribute chain": "owner" + ".manager" * 450,
    "an attribute of a number": "amount.real",
    "a class": "user.__class__",
    "all classes": "().__class__.__bases__[0].__subclasses__()",
    "globals": "user.__init__.__globals__",
    "an import": "__import__('os').system('id')",
    "a dunder name": "__builtins__",
    "a dunder of an alias": "sum(d.__dict__ for d in deal)",
    "a method": '"a".join("bc")',
    "a format": "'{0.__class__}'.format(user)",
    "a formatted text": "f'{user}'",
    "a lambda": "(lambda: 0)()",
    "an assignment": "(a := 1)",
    "a subscript": "name[0]",
    "a comprehension": "[x for x in tags]",
    "a starred argument": "max(*tags)",
    "double starred arguments": "round(**tags)",
    "records of nothing": "sum(1 for a in nothing)",
    "two generators": "sum(1 for a in deal for b in deal)",
    "a float": "1e999999",
    "a complex number": "1j",
    "a python builtin": "eval(name)",
}


def checked(text: str, world: Any) -> Formula:
    return check_formula(at_start(text), world, Scope("crm", "crm.deal"))


@pytest.mark.parametrize("attack", REFUSED)
def test_attacks_are_refused_with_their_place(attack: str, world: Any) -> None:
    with pytest.raises(DefinitionRefused) as refusal:
        checked(REFUSED[attack], world)
    assert all(str(each.message) and each.where.column >= 1 for each in refusal.value.problems)


BOUNDED = {
    "texts of texts": "rept(rept(rept(name, 9999), 9999), 9999)",
    "replaced many times": 'substitute(rept("a", 9999), "a", rept("b", 9999))',
    "joined": "&".join(["rept(name, 9999)"] * 40),
    "filled": 'lpad(name, 999999999999, "x")',
    "of all names": "join(rept(d.name, 9999) for d in deal)",
}


@pytest.mark.parametrize("attack", BOUNDED)
def test_texts_stay_short(attack: str, company: Any) -> None:
    found = company.both(BOUNDED[attack])
    assert found is None or len(found) <= LONGEST_TEXT


def assert_bounded(text: str, world: Any) -> None:
    """A problem, or a formula of a bounded size with numbers of bounded digits."""
    with suppress(DefinitionRefused):
        formula = checked(text, world)
        parts = list(walk(formula.tree))
        assert len(parts) <= 20 * MOST_PARTS, text
        assert all(each.type.digits <= MOST_DIGITS for each in parts), text


WORDS = (
    "amount", "name", "owner", "manager", "lines", "d", "l", "deal", "stage", "user", "won_on", "tags", "if",
    "for", "in", "and", "or", "not", "else", "sum", "count", "max", "round", "left", "bracket", "latest",
    "on", "true", "blank", "1", "0.5", "10%", "9" * 30, '"won"', "''", "(", ")", "[", "]", ",", ".", "+", "-",
    "*", "/", "**", "%", "&", "=", "==", "<>", "<=", "__class__", "_", "lambda", ":", "é", "\n", "\\", "{",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_words_are_a_formula_or_a_problem(text: str, world_once: Any) -> None:
    assert_bounded(text, world_once)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_a_formula_or_a_problem(text: str, world_once: Any) -> None:
    assert_bounded(text, world_once)


@settings(max_examples=40, deadline=None)
@given(
    piece=st.sampled_from(WORDS), times=st.integers(1, 4100), start=st.sampled_from(("", "1", "amount", "("))
)
def test_any_repetition_is_a_formula_or_a_problem(
    piece: str, times: int, start: str, world_once: Any
) -> None:
    assert_bounded(start + piece * times, world_once)


@pytest.fixture(scope="module")
def world_once() -> Any:
    return make_world()
