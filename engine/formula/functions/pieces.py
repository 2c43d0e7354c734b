"""Functions that look into texts: pieces, patterns, capital letters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import case, func, literal_column

from engine.formula import texts
from engine.formula.construct import operand
from engine.formula.exact import Number
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
)
from engine.formula.kinds import Mismatch, constant
from engine.formula.nodes import Call, Constant, Node
from engine.formula.pattern import PatternRefused, compile_pattern, postgresql_pattern
from engine.formula.types import BOOLEAN, INTEGER, TEXT
from engine.text import say

T = Parameter("text", WORDS, "empty")
COUNT = replace(INTEGER, digits=6)


def proper(text: str) -> str:
    """Every word, which is letters and digits, with a capital and then small letters."""
    found, inside = [], False
    for character in text:
        found.append(character.lower() if inside else character.title())
        inside = character.isalpha() or character.isdecimal()
    return "".join(found)


def split(text: str, separator: str, place: Number) -> str:
    """The part at a place, counted from 1."""
    parts = text.split(separator) if separator else [text]
    return parts[int(place) - 1] if 1 <= place < len(parts) + 1 else ""


def split_sql(text: Expression, separator: Expression, place: Expression) -> Expression:
    """`split` on PostgreSQL."""
    at = whole(place, 1)
    return case(
        (place >= literal_column("1"), func.split_part(text, separator, at)), else_=literal_column("''")
    )


_compiled = lru_cache(maxsize=500)(compile_pattern)


def _search(arguments: Sequence[Node], at: int) -> Node:
    wanted, text = (texts.as_text(each, at) for each in arguments[:2])
    small = [Call(TEXT, at, "lower", (each,)) for each in (wanted, text)]
    return Call(COUNT, at, "find", (*small, operand(arguments[2])))


def _regexmatch(arguments: Sequence[Node], at: int) -> Node:
    pattern = arguments[1]
    written = pattern.value if isinstance(pattern, Constant) else None
    if not isinstance(written, str) or not written:
        raise Mismatch(say('Write the pattern as a text: regexmatch(code, "[A-Z][0-9]+").'), pattern.at)
    try:
        translated = postgresql_pattern(written)
    except PatternRefused as refused:
        raise Mismatch(
            say("This pattern cannot be used from character {position} on.", position=refused.position),
            pattern.at,
        ) from refused
    return Call(
        BOOLEAN,
        at,
        "pattern_matches",
        (texts.as_text(arguments[0], at), constant(written, at), constant(translated, at)),
    )


PIECES: Mapping[str, Function] = table(
    Function(
        "proper",
        "text",
        (T,),
        words("Every word with a capital letter.", "每个单词首字母大写。"),
        (
            ('proper("jean-luc PICARD")', "Jean-Luc Picard"),
            ('proper("élan 2nd")', "Élan 2nd"),
            ("proper(blank)", None),
        ),
        result=always(TEXT),
        plain=proper,
        postgresql=lambda text: func.initcap(text.collate("pg_unicode_fast")),
    ),
    Function(
        "split",
        "text",
        (T, Parameter("separator", WORDS, "empty"), Parameter("place", NUMBER, "zero")),
        words(
            "The part of a text at a place, counted from 1, between separators.",
            "按分隔符拆分后的第几部分（从 1 数起）。",
        ),
        (
            ('split("a,b,c", ",", 2)', "b"),
            ('split("a,b,c", ",", 4)', None),
            ('split("a,b", ",", 0)', None),
            ('split("a,b", "", 1)', "a,b"),
            ('split(blank, ",", 1)', None),
        ),
        result=always(TEXT),
        plain=split,
        postgresql=split_sql,
    ),
    Function(
        "search",
        "text",
        (Parameter("wanted", WORDS, "empty"), T, Parameter("start", NUMBER, "zero", default=1)),
        words(
            "The position of a text in another, capital and small letters alike; blank if it does not occur.",
            "文本在另一文本中的位置，不分大小写，没有则为空。",
        ),
        (
            ('search("M", "formula")', 4),
            ('search("é", "CAFÉ")', 4),
            ('search("z", "formula")', None),
            ('search("A", "banana", 3)', 4),
        ),
        build=_search,
    ),
    Function(
        "regexmatch",
        "text",
        (T, Parameter("pattern", ANY)),
        words(
            "Whether a text is as a pattern describes: literals, . [A-Z] \\d \\w \\s ( ) | * + ? {2,5}.",
            "整个文本是否符合模式：字面字符、. [A-Z] \\d \\w \\s ( ) | * + ? {2,5}。",
        ),
        (
            ('regexmatch("AB12", "[A-Z]{2}[0-9]+")', True),
            ('regexmatch("xAB12", "[A-Z]{2}[0-9]+")', False),
            ('regexmatch("a.b", "a[.]b|c")', True),
            ('regexmatch("请假", ".{2}")', True),
            ('regexmatch(blank, "a*")', True),
        ),
        build=_regexmatch,
    ),
)
PIECE_STEPS: Mapping[str, Function] = table(
    Function(
        "pattern_matches",
        "",
        (T, T, T),
        words("", ""),
        (),
        result=always(BOOLEAN),
        plain=lambda text, written, _translated: _compiled(written).matches(text),
        postgresql=lambda text, _written, translated: text.collate("C").regexp_match(translated),
    ),
)
