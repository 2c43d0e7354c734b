"""Exact arithmetic in SQLite's SQL: whole numbers scaled by their decimals.

SQLite turns an overflowing integer into a REAL without a word. So every operation whose result may not fit
looks at the type of what came out, and calls the same operation in Python instead
(`sqlite_functions.py`) when it is not an integer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, null, or_, type_coerce
from sqlalchemy.types import TypeEngine

from engine.formula.exact import unscaled as unscaled_value
from engine.formula.sql_value import LARGEST, NARROW, Over, Sql, plain, storage_type
from engine.formula.sqlite_calculation import (
    HALF,
    INTEGER,
    calculated,
    is_integer,
    rounded_quotient_sql,
    whole,
    within_depth,
)
from engine.formula.types import Type

Expression = ColumnElement[Any]


def stored_type(_type: Type) -> TypeEngine[Any]:
    """How numbers and durations lie in the database."""
    return INTEGER


def column(expression: Expression, type_: Type) -> Sql:
    """A stored number: already scaled by the decimals of its type."""
    return Sql(type_coerce(expression, INTEGER), type_.digits, type_.decimals)


def constant(value: Decimal | int, decimals: int) -> Sql:
    """A literal number."""
    return _whole(unscaled_value(value, decimals), decimals)


def blank() -> Sql:
    """No number."""
    return Sql(type_coerce(null(), INTEGER), 1, 0)


def result(value: Sql, type_: Type) -> Expression:
    """The number as a value of `type_`, rounded half up; blank when it has too many digits."""
    fitted = rounded(value, "half", type_.decimals)
    expression = fitted.expression
    bound = 10**type_.digits - 1
    if fitted.size > bound and type_.digits <= NARROW:
        # Beyond 64 bits it would be a TEXT, which is between no numbers.
        expression = within_depth(
            [expression],
            lambda each: case((each.between(whole(-bound), whole(bound)), each)),
            lambda each: func.dg_within(each, whole(bound), type_=INTEGER),
        )
    return type_coerce(expression, storage_type(type_))


def align(values: Sequence[Sql]) -> list[Sql]:
    """The same numbers, all with as many decimals as the one that has most."""
    decimals = max(each.decimals for each in values)
    return [rescaled(each, decimals) for each in values]


def rescaled(value: Sql, decimals: int) -> Sql:
    """The same number with more decimals."""
    missing = decimals - value.decimals
    if missing == 0:
        return value
    if value.constant is not None:
        return _whole(value.constant * 10**missing, decimals)
    product = multiply_plain(value, _whole(10**missing, 0))
    return replace(product, digits=value.digits + missing, decimals=decimals)


def or_zero(value: Sql) -> Sql:
    """0 for a blank."""
    return value.moved(func.coalesce(value.expression, whole(0), type_=INTEGER))


def add(left: Sql, right: Sql) -> Sql:
    """The sum of two numbers."""
    left, right = align([left, right])
    return calculated("+", left, right, max(left.digits, right.digits) + 1, left.decimals)


def subtract(left: Sql, right: Sql) -> Sql:
    """The difference of two numbers."""
    left, right = align([left, right])
    return calculated("-", left, right, max(left.digits, right.digits) + 1, left.decimals)


def multiply_plain(left: Sql, right: Sql) -> Sql:
    """Left × right, neither being a quotient."""
    decimals = left.decimals + right.decimals
    if left.constant is not None and right.constant is not None:
        return _whole(left.constant * right.constant, decimals)
    return calculated("*", left, right, left.digits + right.digits, decimals)


def negate(value: Sql) -> Sql:
    """-value."""
    if value.constant is not None:
        return _whole(-value.constant, value.decimals)
    return subtract(_whole(0, value.decimals), value)


def rounded(value: Sql, mode: str, decimals: int) -> Sql:
    """The number or quotient, rounded by a mode of `exact.MODES`; blank for a zero divisor."""
    divisor = value.divisor
    power = decimals - value.decimals + (divisor.decimals if divisor else 0)
    if divisor is None and power >= 0:
        return rescaled(value, decimals) if decimals >= 0 else value
    numerator = replace(value, decimals=0, divisor=None)
    denominator = replace(divisor, decimals=0) if divisor else _whole(1)
    grown = multiply_plain(numerator, _whole(10**power)) if power > 0 else numerator
    if power < 0:
        denominator = multiply_plain(denominator, _whole(10**-power))
    before_point = max(1, value.digits - value.decimals) + (divisor.decimals if divisor else 0) + 1
    found = Sql(rounded_quotient_sql(mode, grown, denominator), max(1, before_point + decimals), decimals)
    return rescaled_up(found, max(decimals, 0))


def rescaled_up(value: Sql, decimals: int) -> Sql:
    """Tens and hundreds (negative decimals) as a number with `decimals` places."""
    if value.decimals >= 0:
        return value
    factor = _whole(10 ** (decimals - value.decimals))
    product = multiply_plain(replace(value, decimals=0), factor)
    return replace(product, digits=value.digits - value.decimals + decimals, decimals=decimals)


def compare(left: Sql, right: Sql) -> tuple[Expression, Expression]:
    """Two expressions whose order is the order of the numbers."""
    left, right = align([left, right])
    if left.is_narrow and right.is_narrow:
        return left.expression, right.expression
    return func.dg_compare(left.expression, right.expression, type_=INTEGER), whole(0)


def modulo(left: Sql, right: Sql) -> Sql:
    """The remainder with the divisor's sign; blank for a zero divisor."""
    left, right = align([left, right])

    def remainder(one: Expression, other: Expression) -> Expression:
        return ((one % other) + other) % other

    if left.is_narrow and right.size <= HALF:
        expression = within_depth([left.expression, right.expression], remainder, func.dg_modulo)
    else:
        expression = func.dg_modulo(left.expression, right.expression, type_=INTEGER)
    return replace(right.moved(expression), decimals=left.decimals)


def extreme(values: Sequence[Sql], least: bool) -> Sql:
    """The least or greatest number; blanks do not count."""
    values = align(values)
    found = values[0]
    for each in values[1:]:
        larger = max(found, each, key=lambda value: value.size)
        in_python = func.dg_least if least else func.dg_greatest
        choose = _chosen(func.min if least else func.max, in_python, larger.is_narrow)
        found = larger.moved(within_depth([found.expression, each.expression], choose, in_python))
    return found


def _chosen(in_sql: Any, in_python: Any, is_narrow: bool) -> Callable[[Expression, Expression], Expression]:
    """The choice between two numbers; Python chooses where one of them is a TEXT, too large for 64 bits."""

    def choose(one: Expression, other: Expression) -> Expression:
        # SQLite's min(1, NULL) is NULL.
        chosen: Expression = func.coalesce(in_sql(one, other, type_=INTEGER), one, other)
        if is_narrow:
            return chosen
        texts = [func.typeof(each) == literal_column("'text'") for each in (one, other)]
        return case((or_(*texts), in_python(one, other)), else_=chosen)

    return choose


def total(value: Sql, over: Over = plain) -> Sql:
    """The sum over the rows of a query, 0 for none; blank when only `exact_total` can tell it.

    `over` makes a sum one over a window. SQLite's sum() fails when it passes 64 bits, so halves of the
    numbers are summed.
    """
    if _sums_are_narrow(value):
        expression: Expression = func.coalesce(over(func.sum(value.expression, type_=INTEGER)), whole(0))
    else:
        half = whole(10**9)
        upper = over(func.sum(value.expression // half, type_=INTEGER))
        joined = upper * half + over(func.sum(value.expression % half, type_=INTEGER))
        expression = case((joined.is_(None), whole(0)), (is_integer(joined), joined))
    return Sql(expression, value.digits + 10, value.decimals)


def exact_total(value: Sql) -> Sql | None:
    """The sum over the rows of a query however large it is, slowly; None where `total` always tells it."""
    if _sums_are_narrow(value):
        return None
    expression = func.coalesce(func.dg_sum(value.expression, type_=INTEGER), whole(0))
    return Sql(expression, value.digits + 10, value.decimals)


def _sums_are_narrow(value: Sql) -> bool:
    return value.size * 10**10 <= LARGEST


def extreme_of_rows(value: Sql, least: bool) -> Sql:
    """The least or greatest value over the rows of a query."""
    narrow, wide = (func.min, func.dg_min) if least else (func.max, func.dg_max)
    pick = narrow if value.is_narrow else wide
    return value.moved(pick(value.expression, type_=INTEGER))


def _whole(value: int, decimals: int = 0) -> Sql:
    digits = max(len(str(abs(value))), decimals + 1)
    return Sql(whole(value), digits, decimals, constant=value, limit=abs(value))
