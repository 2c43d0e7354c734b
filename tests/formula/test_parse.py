"""Spreadsheet spellings mean what Python's mean, positions are kept, and limits hold."""

import ast
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formula.check import Scope, check_formula
from engine.formula.nodes import walk
from engine.formula.parse import parse
from engine.formula.tokens import Unreadable
from engine.problems import DefinitionRefused
from tests.formula.expressions import at_start

SPELLINGS = [
    ("= a + 1", "a + 1"),
    ("a = b", "a == b"),
    ("a <> b", "a != b"),
    ("IF(a, b, c)", "if(a, b, c)"),
    ("a AND b Or c", "a and b or c"),
    ("TRUE", "true"),
    ("NOT(a)", "not(a)"),
    ("not (a or b) and c", "(not (a or b)) and c"),
    ('"say ""hi"""', "'say \"hi\"'"),
    ("a & b + c", "a & (b + c)"),
    ("a & b = c", "(a & b) == c"),
    ("x if (a) else y", "x if a else y"),
    ("sum(d.x for d in e if (d.y), 1)", "sum((d.x for d in e if d.y), 1)"),
    ("a % b", "a%b"),
    ("a%  + b", "(a%) + b"),
    ("(a + b)%", "((a + b) % )"),
    ("a.b% * c", "(a.b%) * c"),
    ("f(a)%", "(f(a)%)"),
    ("-10%", "-(10%)"),
    ("a\n + b", "a + b"),
    ("007", "7"),
    ("a\u00a0+\u3000b", "a + b"),
]


@pytest.mark.parametrize(("spelling", "same"), SPELLINGS)
def test_spellings(spelling: str, same: str) -> None:
    assert ast.dump(parse(spelling).tree) == ast.dump(parse(same).tree)


def test_words_that_python_keeps_for_itself_can_be_names() -> None:
    assert ast.unparse(parse("class + global.import").tree) == "_k_class + _k_global._k_import"


def test_positions_are_those_of_the_text() -> None:
    text = '= IF(a <> 10%, "é" & bb, ccc)'
    parsed = parse(text)
    names = {node.id: parsed.offset_of(node) for node in ast.walk(parsed.tree) if isinstance(node, ast.Name)}
    assert names == {"_k_if": 2, "a": 5, "bb": text.index("bb"), "ccc": text.index("ccc")}


UNREADABLE = [
    ("", 0, "The formula is empty."),
    ("   ", 0, "The formula is empty."),
    ("1 +", 3, "The formula ends where something more is expected."),
    ("(1", 0, "This “(” is never closed."),
    ("f(1]", 3, "There is no open bracket for this “]”."),
    ("1)", 1, "There is no open bracket for this “)”."),
    ("a b", 2, "“b” is not expected here."),
    ('"abc', 0, 'This text is never closed: a " is missing.'),
    ("a （b", 2, "“（” is not part of the formula language; write (."),
    ("a ? b", 2, "“?” is not part of the formula language."),
    ("12abc", 2, "“12abc” is not a number."),
    ("a.__class__", 2, "A name cannot begin with “_”: “__class__”."),
    ("_x", 0, "A name cannot begin with “_”: “_x”."),
    ("a if b", 0, "After `if` between values comes `else`: a if b else c."),
    ("1" * 31, 0, "A number can be written with 30 digits at most."),
    ("(" * 51, 50, "A formula can be nested 50 brackets deep at most."),
    ("a" * 4001, 4000, "A formula can have 4000 characters at most; this one has 4001."),
]


@pytest.mark.parametrize(("text", "offset", "sentence"), UNREADABLE)
def test_unreadable(text: str, offset: int, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(text)
    assert (refusal.value.offset, str(refusal.value)) == (offset, sentence)


ATTACKS = [
    "9**8" + "**8" * 40,
    "((((9**8)**8)**8)**8)**8",
    "9" * 30 + "*" + "*".join(["9" * 30] * 60),
    "+".join(["1"] * 1900),
    "-" * 3999 + "1",
    "not " * 999 + "true",
    "a" + ".a" * 1999,
    "(" * 2000 + ")" * 2000,
    "[" * 3999,
    '"' * 3999,
    "'" * 3998,
    "a" * 4000,
    "1 if 1 else " * 300 + "1",
    "().__class__.__bases__[0].__subclasses__()",
    "''.join",
    "user.__init__.__globals__",
    "__import__('os').system('id')",
    'rept(rept(rept("a", 9999), 9999), 9999)',
    "sum(sum(sum(1 for a in crm.deal) for b in crm.deal) for c in crm.deal for d in crm.deal)",
    "[x for x in (1).__class__]",
    "lambda: 0",
    "f'{user}'",
    "`ls`",
    "\\",
    "\x00",
    "𝒶𝓂𝑜𝓊𝓃𝓉",
    "if(" * 49 + "1" + ",1,1)" * 49,
    "%" * 4000,
    "1%" + "%" * 3000,
    "for " * 1000,
    "if" * 2000,
    "a,b",
    "*a",
    "**a",
    "a:=1",
    "yield",
    "await a",
    "a[1:2]",
    "{1:2}",
    "{**a}",
    "(a for a in b)",
    "max(a for a in user)",
    "1e999999",
    "0x10",
    "1_000",
    "1j",
    "...",
    "a;b",
    "a\\\nb",
    "#comment",
    "text(9" + "9" * 29 + ", 18)",
    "power(power(power(9, 8), 8), 8)",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_get_a_problem_or_a_formula_quickly(text: str, world: Any) -> None:
    with suppress(DefinitionRefused):
        formula = check_formula(at_start(text), world, Scope("crm", "crm.deal"))
        assert sum(1 for _ in walk(formula.tree)) <= 1_000


def test_power_towers_are_refused(problems: Any) -> None:
    assert "at most" in problems("((((9**8)**8)**8)**8)**8")[0]


TEXTS = st.text(alphabet=st.sampled_from(list("abd.(),[]+-*/%&=<>\"' 019if orinotfse\n“é")), max_size=60)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_any_text_parses_or_says_why(text: str) -> None:
    offset = 0
    try:
        parse(text)
    except Unreadable as refusal:
        offset = refusal.offset
    assert 0 <= offset <= len(text)
