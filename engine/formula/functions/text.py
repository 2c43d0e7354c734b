"""Functions of texts. Positions count from 1; upper and lower case are told apart."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import func, literal_column

from engine.formula import construct, decide, texts
from engine.formula.functions.characters import (
    ends_sql,
    find,
    find_sql,
    fixed_text,
    left,
    lpad,
    mid,
    mid_sql,
    pad_sql,
    replace,
    replace_sql,
    rept,
    rept_sql,
    right,
    right_sql,
    rpad,
    starts_sql,
    substitute,
    substitute_sql,
    to_text,
    trim,
    trim_sql,
    value,
    value_sql,
)
from engine.formula.functions.function import (
    ANY,
    NUMBER,
    WORDS,
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

COUNT = Type(Kind.INTEGER, digits=6)


T = Parameter("text", WORDS, "empty")


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
    left, right = (texts.as_text(each, at) for each in arguments)
    return decide.compare("equal", left, right, at)


def _textjoin(arguments: Sequence[Node], at: int) -> Node:
    separator, *parts = arguments
    return Call(TEXT, at, "join_present", (texts.as_text(separator, at), *(_present(each) for each in parts)))


def _present(node: Node) -> Node:
    text = texts.as_text(node, node.at)
    return text.arguments[0] if isinstance(text, Call) and text.function == "or_empty" else text


TEXTS: Mapping[str, Function] = table(
    Function(
        "len",
        "text",
        (T,),
        words("The number of characters.", "字符数。"),
        (('len("formula")', 7), ('len("请假")', 2), ("len(blank)", 0)),
        result=always(COUNT),
        plain=len,
        postgresql=func.length,
        sqlite=func.length,
    ),
    Function(
        "left",
        "text",
        (T, Parameter("count", NUMBER, "zero", default=1)),
        words("The first characters.", "开头的若干字符。"),
        (
            ('left("formula", 4)', "form"),
            ('left("ab")', "a"),
            ('left("ab", 9)', "ab"),
            ('left("ab", -1)', None),
        ),
        result=always(TEXT),
        plain=left,
        postgresql=lambda text, count: func.left(text, whole(count)),
    ),
    Function(
        "right",
        "text",
        (T, Parameter("count", NUMBER, "zero", default=1)),
        words("The last characters.", "末尾的若干字符。"),
        (('right("formula", 3)', "ula"), ('right("ab", 0)', None), ('right("ab", 9)', "ab")),
        result=always(TEXT),
        plain=right,
        postgresql=right_sql,
    ),
    Function(
        "mid",
        "text",
        (T, Parameter("start", NUMBER, "zero"), Parameter("count", NUMBER, "zero")),
        words("Characters from a position on.", "从某位置起的若干字符。"),
        (('mid("formula", 2, 3)', "orm"), ('mid("ab", 5, 1)', None), ('mid("ab", 0, 1)', "a")),
        result=always(TEXT),
        plain=mid,
        postgresql=mid_sql,
    ),
    Function(
        "trim",
        "text",
        (T,),
        words("Without spaces around it, and single ones inside.", "去掉首尾空格，中间只留单个空格。"),
        (('trim("  a   b ")', "a b"), ("trim(blank)", None)),
        result=always(TEXT),
        plain=trim,
        postgresql=trim_sql,
    ),
    Function(
        "upper",
        "text",
        (T,),
        words("In capital letters.", "转为大写。"),
        (('upper("café")', "CAFÉ"), ("upper(blank)", None), ("upper(blank)", None)),
        result=always(TEXT),
        plain=str.upper,
        postgresql=lambda text: func.upper(text.collate("pg_unicode_fast")),
    ),
    Function(
        "lower",
        "text",
        (T,),
        words("In small letters.", "转为小写。"),
        (('lower("CAFÉ")', "café"), ("lower(blank)", None)),
        result=always(TEXT),
        plain=str.lower,
        postgresql=lambda text: func.lower(text.collate("pg_unicode_fast")),
    ),
    Function(
        "contains",
        "text",
        (T, Parameter("wanted", WORDS, "empty")),
        words("Whether a text occurs in another.", "文本是否包含另一文本。"),
        (
            ('contains("formula", "mul")', True),
            ('contains("formula", "MUL")', False),
            ('contains(blank, "a")', False),
        ),
        result=always(BOOLEAN),
        plain=lambda text, wanted: wanted in text,
        postgresql=lambda text, wanted: func.strpos(text, wanted) > literal_column("0"),
        sqlite=lambda text, wanted: func.instr(text, wanted) > literal_column("0"),
    ),
    Function(
        "startswith",
        "text",
        (T, Parameter("beginning", WORDS, "empty")),
        words("Whether a text begins with another.", "文本是否以另一文本开头。"),
        (
            ('startswith("formula", "form")', True),
            ('startswith("a", "ab")', False),
            ('startswith(blank, "a")', False),
        ),
        result=always(BOOLEAN),
        plain=str.startswith,
        postgresql=starts_sql,
    ),
    Function(
        "endswith",
        "text",
        (T, Parameter("ending", WORDS, "empty")),
        words("Whether a text ends with another.", "文本是否以另一文本结尾。"),
        (('endswith("formula", "la")', True), ('endswith("a", "ba")', False), ('endswith("a", "")', True)),
        result=always(BOOLEAN),
        plain=str.endswith,
        postgresql=ends_sql,
    ),
    Function(
        "substitute",
        "text",
        (T, Parameter("old", WORDS, "empty"), Parameter("new", WORDS, "empty")),
        words("With every occurrence of a text replaced.", "把出现的每处文本替换为另一文本。"),
        (
            ('substitute("a-b-c", "-", "+")', "a+b+c"),
            ('substitute("ab", "", "x")', "ab"),
            ('substitute(blank, "a", "b")', None),
        ),
        result=always(TEXT),
        plain=substitute,
        postgresql=substitute_sql,
    ),
    Function(
        "replace",
        "text",
        (
            T,
            Parameter("start", NUMBER, "zero"),
            Parameter("count", NUMBER, "zero"),
            Parameter("new", WORDS, "empty"),
        ),
        words("With the characters at a position replaced.", "替换指定位置的若干字符。"),
        (
            ('replace("abcd", 2, 2, "X")', "aXd"),
            ('replace("ab", 9, 1, "c")', "abc"),
            ('replace(blank, 1, 1, "x")', "x"),
        ),
        result=always(TEXT),
        plain=replace,
        postgresql=replace_sql,
    ),
    Function(
        "rept",
        "text",
        (T, Parameter("count", NUMBER, "zero")),
        words("The text several times.", "将文本重复若干次。"),
        (
            ('rept("ab", 3)', "ababab"),
            ('rept("a", 0)', None),
            ('rept("x", 0)', None),
            ("rept(blank, 3)", None),
        ),
        result=always(TEXT),
        plain=rept,
        postgresql=rept_sql,
    ),
    Function(
        "lpad",
        "text",
        (T, Parameter("length", NUMBER, "zero"), Parameter("fill", WORDS, "empty", default=" ")),
        words("Filled up on the left to a length.", "在左侧填充到指定长度。"),
        (('lpad("7", 3, "0")', "007"), ('lpad("1234", 3, "0")', "1234"), ('lpad("7", 3, "")', "7")),
        result=always(TEXT),
        plain=lpad,
        postgresql=pad_sql(func.lpad),
    ),
    Function(
        "rpad",
        "text",
        (T, Parameter("length", NUMBER, "zero"), Parameter("fill", WORDS, "empty", default=" ")),
        words("Filled up on the right to a length.", "在右侧填充到指定长度。"),
        (('rpad("7", 3, "0")', "700"), ("rpad(blank, 3)", "   ")),
        result=always(TEXT),
        plain=rpad,
        postgresql=pad_sql(func.rpad),
    ),
    Function(
        "find",
        "text",
        (Parameter("wanted", WORDS, "empty"), T, Parameter("start", NUMBER, "zero", default=1)),
        words(
            "The position of a text in another; blank when it does not occur.",
            "文本在另一文本中的位置，没有则为空。",
        ),
        (('find("m", "formula")', 4), ('find("z", "formula")', None), ('find("a", "banana", 3)', 4)),
        result=always(COUNT),
        plain=find,
        postgresql=find_sql,
    ),
    Function(
        "value",
        "text",
        (T,),
        words("The number that a text shows; blank when it shows none.", "文本所表示的数，不是数则为空。"),
        (('value("12.5")', Decimal("12.5")), ('value(" -3 ")', Decimal(-3)), ('value("abc")', None)),
        result=always(decimal(10, 28)),
        plain=value,
        postgresql=value_sql,
    ),
    Function(
        "text",
        "text",
        (Parameter("value", ANY), Parameter("decimals", NUMBER, default=None)),
        words("A value as text; numbers with as many decimals as given.", "转为文本，数字可指定小数位。"),
        (
            ("text(1234.5)", "1234.5"),
            ("text(1234.5, 2)", "1234.50"),
            ("text(2.345, 2)", "2.35"),
            ("text(-0.001, 2)", "0.00"),
            ("text(blank)", None),
            ("text(date(2026, 7, 1))", "2026-07-01"),
        ),
        build=_text,
    ),
    Function(
        "exact",
        "text",
        (T, Parameter("other", WORDS, "empty")),
        words(
            "Whether two texts are the same, a blank being an empty text.",
            "两个文本是否相同（空值视为空文本）。",
        ),
        (('exact("a", "A")', False), ('exact("a", "a")', True), ('exact(blank, "")', True)),
        build=_exact,
    ),
    Function(
        "concat",
        "text",
        (Parameter("value", ANY, many=True),),
        words("All values joined as one text.", "将所有值连接为文本。"),
        (('concat("a", 1, blank, "b")', "a1b"), ('"n" & 2.50', "n2.5"), ("concat(blank)", None)),
        build=_concat,
    ),
    Function(
        "textjoin",
        "text",
        (Parameter("separator", WORDS, "empty"), Parameter("value", ANY, many=True)),
        words("The values that are not blank, joined with a separator.", "用分隔符连接所有非空的值。"),
        (
            ('textjoin(", ", "a", blank, "b")', "a, b"),
            ('textjoin("-", 2026, 7)', "2026-7"),
            ('textjoin(", ", blank, blank)', None),
        ),
        build=_textjoin,
    ),
)


VALUE = Parameter("value", ANY)


TEXT_STEPS: Mapping[str, Function] = table(
    Function("to_text", "", (VALUE,), words("", ""), (), result=always(TEXT), plain=to_text),
    Function("fixed_text", "", (VALUE, VALUE), words("", ""), (), result=always(TEXT), plain=fixed_text),
)


"""Steps whose SQL depends on the kind of the value; `sql_calls.py` writes it."""
