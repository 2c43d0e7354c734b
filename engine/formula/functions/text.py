"""Functions of texts. Positions count from 1; upper and lower case are told apart."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Numeric, case, cast, func, literal_column

from engine.formula import construct, decide, texts
from engine.formula.exact import Number, plain_text, rounded
from engine.formula.functions.function import (
    ANY,
    NUMBER,
    WORDS,
    Expression,
    Function,
    Parameter,
    always,
    table,
    whole,
    words,
    written_number,
)
from engine.formula.kinds import Mismatch
from engine.formula.nodes import Call, Constant, Node
from engine.formula.texts import join_text
from engine.formula.types import BOOLEAN, INTEGER, TEXT, Kind, Type, decimal
from engine.text import say

MOST_CHARACTERS = 10_000
"""Texts that formulas make are cut after so many characters."""
COUNT = Type(Kind.INTEGER, digits=6)
T = Parameter("text", WORDS, "empty")
NUMERAL = re.compile(r"\s*[+-]?(\d{1,18}(\.\d{0,10})?|\.\d{1,10})\s*", re.ASCII)


def _at_least(value: int | Decimal, least: int = 0) -> int:
    return min(max(int(value), least), 100_000)


def _left(text: str, count: int) -> str:
    return text[: _at_least(count)]


def _right(text: str, count: int) -> str:
    return text[-_at_least(count) :] if count >= 1 else ""


def _mid(text: str, start: int, count: int) -> str:
    begin = _at_least(start, 1) - 1
    return text[begin : begin + _at_least(count)]


def _replace(text: str, start: int, count: int, new: str) -> str:
    begin = _at_least(start, 1) - 1
    return text[:begin] + new + text[begin + _at_least(count) :]


def _trim(text: str) -> str:
    return re.sub(" +", " ", text).strip(" ")


def _substitute(text: str, old: str, new: str) -> str:
    return text.replace(old, new)[:MOST_CHARACTERS] if old else text


def _find(wanted: str, text: str, start: int) -> int | None:
    return text.find(wanted, _at_least(start, 1) - 1) + 1 or None


def _rept(text: str, count: int) -> str:
    return (text * min(_at_least(count), MOST_CHARACTERS))[:MOST_CHARACTERS]


def _lpad(text: str, length: int, fill: str) -> str:
    missing = min(_at_least(length), 1_000) - len(text)
    return (fill * missing)[:missing] + text if missing > 0 and fill else text


def _rpad(text: str, length: int, fill: str) -> str:
    missing = min(_at_least(length), 1_000) - len(text)
    return text + (fill * missing)[:missing] if missing > 0 and fill else text


def _value(text: str) -> Decimal | None:
    return rounded("half", Decimal(text.strip()), 10) if NUMERAL.fullmatch(text) else None


def _value_sql(text: Expression) -> Expression:
    numeral = text.regexp_match(r"^\s*[+-]?(\d{1,18}(\.\d{0,10})?|\.\d{1,10})\s*$")
    return case((numeral, cast(func.btrim(text), Numeric)))


def _substitute_sql(text: Expression, old: Expression, new: Expression) -> Expression:
    return func.left(func.replace(text, old, new), literal_column(str(MOST_CHARACTERS)))


def _find_sql(wanted: Expression, text: Expression, start: Expression) -> Expression:
    before = whole(start, 1) - literal_column("1", Integer())
    found = func.strpos(func.substr(text, whole(start, 1)), wanted)
    beyond = before > func.length(text)
    return case((beyond, None), else_=func.nullif(found, literal_column("0")) + before)


def _rept_sql(text: Expression, count: Expression) -> Expression:
    most = literal_column(str(MOST_CHARACTERS))
    return func.left(func.repeat(text, whole(count, 0, MOST_CHARACTERS)), most)


def _pad_sql(pad: Any) -> Callable[..., Expression]:
    def build(text: Expression, length: Expression, fill: Expression) -> Expression:
        size = func.greatest(whole(length, 0, 1_000), func.length(text))
        return case((fill == literal_column("''"), text), else_=pad(text, size, fill))

    return build


def _right_sql(text: Expression, count: Expression) -> Expression:
    return func.right(text, whole(count))


def _mid_sql(text: Expression, start: Expression, count: Expression) -> Expression:
    return func.substr(text, whole(start, 1), whole(count))


def _replace_sql(text: Expression, start: Expression, count: Expression, new: Expression) -> Expression:
    before = func.left(text, whole(start, 1) - literal_column("1", Integer()))
    after = func.substr(text, whole(start, 1) + whole(count))
    return func.concat(before, new, after)


def _trim_sql(text: Expression) -> Expression:
    return func.btrim(
        func.regexp_replace(text, literal_column("' +'"), literal_column("' '"), literal_column("'g'"))
    )


def _concat(arguments: Sequence[Node], at: int) -> Node:
    return join_text(arguments, at)


def _text(arguments: Sequence[Node], at: int) -> Node:
    value, decimals = arguments
    if isinstance(decimals, Constant) and decimals.value is None:
        return texts.as_text(value, at)
    if not value.type.is_number:
        raise Mismatch(say("Decimals can be given for numbers only."), decimals.at)
    places = written_number(decimals, 0, 18)
    return Call(
        TEXT, at, "fixed_text", (construct.rounded(value, "half", places, at), Constant(INTEGER, at, places))
    )


def _exact(arguments: Sequence[Node], at: int) -> Node:
    return decide.compare("equal", *(texts.as_text(each, at) for each in arguments), at)


def _textjoin(arguments: Sequence[Node], at: int) -> Node:
    separator, *parts = arguments
    return Call(TEXT, at, "join_present", (texts.as_text(separator, at), *(_present(each) for each in parts)))


def _present(node: Node) -> Node:
    text = texts.as_text(node, node.at)
    return text.arguments[0] if isinstance(text, Call) and text.function == "or_empty" else text


def to_text(value: Any) -> str:
    """A value as `&` joins it: numbers without needless zeros, dates as 2026-11-21."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return plain_text(value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            return str(value.days * 86_400 + value.seconds)
        case _:
            return str(value)


def fixed_text(value: Number, places: int) -> str:
    """A number with exactly so many decimals, without a sign when it is zero."""
    found = rounded("half", value, places)
    assert found is not None
    return format(found, "f").lstrip("-") if not found else format(found, "f")


def _starts_sql(text: Expression, wanted: Expression) -> Expression:
    return func.starts_with(text, wanted)


def _ends_sql(text: Expression, wanted: Expression) -> Expression:
    return func.right(text, func.length(wanted)) == wanted


TEXTS: Mapping[str, Function] = table(
    Function("len", "text", (T,), words("The number of characters.", "字符数。"),
             (('len("formula")', 7), ('len("请假")', 2), ("len(blank)", 0)),
             result=always(COUNT), plain=len, postgresql=func.length, sqlite=func.length),
    Function("left", "text", (T, Parameter("count", NUMBER, "zero", default=1)),
             words("The first characters.", "开头的若干字符。"),
             (('left("formula", 4)', "form"), ('left("ab")', "a"), ('left("ab", 9)', "ab"), ('left("ab", -1)', None)),
             result=always(TEXT), plain=_left, postgresql=lambda text, count: func.left(text, whole(count))),
    Function("right", "text", (T, Parameter("count", NUMBER, "zero", default=1)),
             words("The last characters.", "末尾的若干字符。"),
             (('right("formula", 3)', "ula"), ('right("ab", 0)', None), ('right("ab", 9)', "ab")),
             result=always(TEXT), plain=_right, postgresql=_right_sql),
    Function("mid", "text", (T, Parameter("start", NUMBER, "zero"), Parameter("count", NUMBER, "zero")),
             words("Characters from a position on.", "从某位置起的若干字符。"),
             (('mid("formula", 2, 3)', "orm"), ('mid("ab", 5, 1)', None), ('mid("ab", 0, 1)', "a")),
             result=always(TEXT), plain=_mid, postgresql=_mid_sql),
    Function("trim", "text", (T,),
             words("Without spaces around it, and single ones inside.", "去掉首尾空格，中间只留单个空格。"),
             (('trim("  a   b ")', "a b"),), result=always(TEXT), plain=_trim, postgresql=_trim_sql),
    Function("upper", "text", (T,), words("In capital letters.", "转为大写。"),
             (('upper("café")', "CAFÉ"), ("upper(blank)", None)),
             result=always(TEXT), plain=str.upper, postgresql=lambda text: func.upper(text.collate("pg_unicode_fast"))),
    Function("lower", "text", (T,), words("In small letters.", "转为小写。"),
             (('lower("CAFÉ")', "café"),),
             result=always(TEXT), plain=str.lower, postgresql=lambda text: func.lower(text.collate("pg_unicode_fast"))),
    Function("contains", "text", (T, Parameter("wanted", WORDS, "empty")),
             words("Whether a text occurs in another.", "文本是否包含另一文本。"),
             (('contains("formula", "mul")', True), ('contains("formula", "MUL")', False), ('contains(blank, "a")', False)),
             result=always(BOOLEAN), plain=lambda text, wanted: wanted in text,
             postgresql=lambda text, wanted: func.strpos(text, wanted) > literal_column("0"),
             sqlite=lambda text, wanted: func.instr(text, wanted) > literal_column("0")),
    Function("startswith", "text", (T, Parameter("beginning", WORDS, "empty")),
             words("Whether a text begins with another.", "文本是否以另一文本开头。"),
             (('startswith("formula", "form")', True), ('startswith("a", "ab")', False)),
             result=always(BOOLEAN), plain=str.startswith, postgresql=_starts_sql),
    Function("endswith", "text", (T, Parameter("ending", WORDS, "empty")),
             words("Whether a text ends with another.", "文本是否以另一文本结尾。"),
             (('endswith("formula", "la")', True), ('endswith("a", "ba")', False), ('endswith("a", "")', True)),
             result=always(BOOLEAN), plain=str.endswith, postgresql=_ends_sql),
    Function("substitute", "text", (T, Parameter("old", WORDS, "empty"), Parameter("new", WORDS, "empty")),
             words("With every occurrence of a text replaced.", "把出现的每处文本替换为另一文本。"),
             (('substitute("a-b-c", "-", "+")', "a+b+c"), ('substitute("ab", "", "x")', "ab")),
             result=always(TEXT), plain=_substitute, postgresql=_substitute_sql),
    Function("replace", "text",
             (T, Parameter("start", NUMBER, "zero"), Parameter("count", NUMBER, "zero"), Parameter("new", WORDS, "empty")),
             words("With the characters at a position replaced.", "替换指定位置的若干字符。"),
             (('replace("abcd", 2, 2, "X")', "aXd"), ('replace("ab", 9, 1, "c")', "abc")),
             result=always(TEXT), plain=_replace, postgresql=_replace_sql),
    Function("rept", "text", (T, Parameter("count", NUMBER, "zero")),
             words("The text several times.", "将文本重复若干次。"),
             (('rept("ab", 3)', "ababab"), ('rept("a", 0)', None)),
             result=always(TEXT), plain=_rept, postgresql=_rept_sql),
    Function("lpad", "text", (T, Parameter("length", NUMBER, "zero"), Parameter("fill", WORDS, "empty", default=" ")),
             words("Filled up on the left to a length.", "在左侧填充到指定长度。"),
             (('lpad("7", 3, "0")', "007"), ('lpad("1234", 3, "0")', "1234"), ('lpad("7", 3, "")', "7")),
             result=always(TEXT), plain=_lpad, postgresql=_pad_sql(func.lpad)),
    Function("rpad", "text", (T, Parameter("length", NUMBER, "zero"), Parameter("fill", WORDS, "empty", default=" ")),
             words("Filled up on the right to a length.", "在右侧填充到指定长度。"),
             (('rpad("7", 3, "0")', "700"),), result=always(TEXT), plain=_rpad, postgresql=_pad_sql(func.rpad)),
    Function("find", "text", (Parameter("wanted", WORDS, "empty"), T, Parameter("start", NUMBER, "zero", default=1)),
             words("The position of a text in another; blank when it does not occur.", "文本在另一文本中的位置，没有则为空。"),
             (('find("m", "formula")', 4), ('find("z", "formula")', None), ('find("a", "banana", 3)', 4)),
             result=always(COUNT), plain=_find, postgresql=_find_sql),
    Function("value", "text", (T,), words("The number that a text shows; blank when it shows none.", "文本所表示的数，不是数则为空。"),
             (('value("12.5")', Decimal("12.5")), ('value(" -3 ")', Decimal(-3)), ('value("abc")', None)),
             result=always(decimal(10, 28)), plain=_value, postgresql=_value_sql),
    Function("text", "text", (Parameter("value", ANY), Parameter("decimals", NUMBER, default=None)),
             words("A value as text; numbers with as many decimals as given.", "转为文本，数字可指定小数位。"),
             (("text(1234.5)", "1234.5"), ("text(1234.5, 2)", "1234.50"), ("text(2.345, 2)", "2.35"),
              ("text(-0.001, 2)", "0.00"), ("text(blank)", None), ("text(date(2026, 7, 1))", "2026-07-01")),
             build=_text),
    Function("exact", "text", (T, Parameter("other", WORDS, "empty")),
             words("Whether two texts are the same, a blank being an empty text.", "两个文本是否相同（空值视为空文本）。"),
             (('exact("a", "A")', False), ('exact("a", "a")', True)), build=_exact),
    Function("concat", "text", (Parameter("value", ANY, many=True),),
             words("All values joined as one text.", "将所有值连接为文本。"),
             (('concat("a", 1, blank, "b")', "a1b"), ('"n" & 2.50', "n2.5"), ("concat(blank)", None)), build=_concat),
    Function("textjoin", "text", (Parameter("separator", WORDS, "empty"), Parameter("value", ANY, many=True)),
             words("The values that are not blank, joined with a separator.", "用分隔符连接所有非空的值。"),
             (('textjoin(", ", "a", blank, "b")', "a, b"), ('textjoin("-", 2026, 7)', "2026-7")), build=_textjoin),
)  # fmt: skip

VALUE = Parameter("value", ANY)
TEXT_STEPS: Mapping[str, Function] = table(
    Function("to_text", "", (VALUE,), words("", ""), (), result=always(TEXT), plain=to_text),
    Function("fixed_text", "", (VALUE, VALUE), words("", ""), (), result=always(TEXT), plain=fixed_text),
)
"""Steps whose SQL depends on the kind of the value; `sql_calls.py` writes it."""
