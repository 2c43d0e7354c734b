"""Texts in memory and in PostgreSQL's SQL, with the same bounds. Positions count from 1."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Numeric, case, cast, func, literal_column

from engine.formula.exact import Number, plain_text, rounded
from engine.formula.functions.function import (
    Expression,
    whole,
)

MOST_CHARACTERS = 10_000


"""Texts that formulas make are cut after so many characters."""


NUMERAL = re.compile(r"\s*[+-]?(\d{1,18}(\.\d{0,10})?|\.\d{1,10})\s*", re.ASCII)


def _at_least(value: int | Decimal, least: int = 0) -> int:
    return min(max(int(value), least), 100_000)


def left(text: str, count: int) -> str:
    """The first characters."""
    return text[: _at_least(count)]


def right(text: str, count: int) -> str:
    """The last characters."""
    return text[-_at_least(count) :] if count >= 1 else ""


def mid(text: str, start: int, count: int) -> str:
    """Characters from a position on."""
    begin = _at_least(start, 1) - 1
    return text[begin : begin + _at_least(count)]


def replace(text: str, start: int, count: int, new: str) -> str:
    """With the characters at a position replaced."""
    begin = _at_least(start, 1) - 1
    return text[:begin] + new + text[begin + _at_least(count) :]


def trim(text: str) -> str:
    """Without outer spaces and with single inner ones."""
    return re.sub(" +", " ", text).strip(" ")


def substitute(text: str, old: str, new: str) -> str:
    """With every occurrence replaced, as far as the result has room."""
    # Not more replacements than the result has room for.
    return (
        text.replace(old, new, MOST_CHARACTERS // (len(new) or 1) + 1)[:MOST_CHARACTERS]
        if old and new
        else (text.replace(old, new) if old else text)
    )


def find(wanted: str, text: str, start: int) -> int | None:
    """The position of a text in another from a start on; None when it does not occur."""
    return text.find(wanted, _at_least(start, 1) - 1) + 1 or None


def rept(text: str, count: int) -> str:
    """The text several times, as far as the result has room."""
    return (text * min(_at_least(count), MOST_CHARACTERS // (len(text) or 1) + 1))[:MOST_CHARACTERS]


def _filling(fill: str, length: int) -> str:
    return (fill * (length // len(fill) + 1))[:length] if length > 0 and fill else ""


def lpad(text: str, length: int, fill: str) -> str:
    """Filled up on the left."""
    missing = min(_at_least(length), 1_000) - len(text)
    return _filling(fill, missing) + text


def rpad(text: str, length: int, fill: str) -> str:
    """Filled up on the right."""
    missing = min(_at_least(length), 1_000) - len(text)
    return text + _filling(fill, missing)


def value(text: str) -> Decimal | None:
    """The number that a text shows, or None."""
    return rounded("half", Decimal(text.strip()), 10) if NUMERAL.fullmatch(text) else None


def value_sql(text: Expression) -> Expression:
    """`value` on PostgreSQL."""
    numeral = text.regexp_match(r"^\s*[+-]?(\d{1,18}(\.\d{0,10})?|\.\d{1,10})\s*$")
    return case((numeral, cast(func.btrim(text), Numeric)))


def substitute_sql(text: Expression, old: Expression, new: Expression) -> Expression:
    """`substitute` on PostgreSQL."""
    return func.left(func.replace(text, old, new), literal_column(str(MOST_CHARACTERS)))


def find_sql(wanted: Expression, text: Expression, start: Expression) -> Expression:
    """`find` on PostgreSQL."""
    before = whole(start, 1) - literal_column("1", Integer())
    found = func.strpos(func.substr(text, whole(start, 1)), wanted)
    beyond = before > func.length(text)
    return case((beyond, None), else_=func.nullif(found, literal_column("0")) + before)


def rept_sql(text: Expression, count: Expression) -> Expression:
    """`rept` on PostgreSQL."""
    most: Expression = literal_column(str(MOST_CHARACTERS))
    enough = most / func.greatest(func.length(text), literal_column("1")) + literal_column("1")
    return func.left(
        func.repeat(text, func.least(whole(count, 0, MOST_CHARACTERS), cast(enough, Integer))), most
    )


def pad_sql(pad: Any) -> Callable[..., Expression]:
    """`lpad` or `rpad` on PostgreSQL."""

    def build(text: Expression, length: Expression, fill: Expression) -> Expression:
        size = func.greatest(whole(length, 0, 1_000), func.length(text))
        return case((fill == literal_column("''"), text), else_=pad(text, size, fill))

    return build


def right_sql(text: Expression, count: Expression) -> Expression:
    """`right` on PostgreSQL."""
    return func.right(text, whole(count))


def mid_sql(text: Expression, start: Expression, count: Expression) -> Expression:
    """`mid` on PostgreSQL."""
    return func.substr(text, whole(start, 1), whole(count))


def replace_sql(text: Expression, start: Expression, count: Expression, new: Expression) -> Expression:
    """`replace` on PostgreSQL."""
    before = func.left(text, whole(start, 1) - literal_column("1", Integer()))
    after = func.substr(text, whole(start, 1) + whole(count))
    return func.concat(before, new, after)


def trim_sql(text: Expression) -> Expression:
    """`trim` on PostgreSQL."""
    return func.btrim(
        func.regexp_replace(text, literal_column("' +'"), literal_column("' '"), literal_column("'g'"))
    )


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


def starts_sql(text: Expression, wanted: Expression) -> Expression:
    """`startswith` on PostgreSQL."""
    return func.starts_with(text, wanted)


def ends_sql(text: Expression, wanted: Expression) -> Expression:
    """`endswith` on PostgreSQL."""
    return func.right(text, func.length(wanted)) == wanted
