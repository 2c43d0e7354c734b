"""Exact arithmetic in PostgreSQL's SQL.

NUMERIC adds and multiplies exactly; quotients are rounded through div() and mod(), which are exact too.
round(a / b) would not be: a / b is rounded before.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Numeric,
    case,
    cast,
    func,
    literal_column,
    null,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from engine.formula.exact import MODES
from engine.formula.sql_value import NARROW, Over, Sql, bind, is_column, plain, storage_type
from engine.formula.types import Kind, Type

NUMERIC = Numeric()
CHEAP = 30
"""A subquery that names a value costs about as much as so many operations."""
Expression = ColumnElement[Any]


def stored_type(type_: Type) -> TypeEngine[Any]:
    """How numbers and durations lie in the database."""
    return BigInteger() if type_.kind in {Kind.INTEGER, Kind.DURATION} else NUMERIC


def column(expression: Expression, type_: Type) -> Sql:
    """A stored number."""
    if type_.kind is Kind.INTEGER:
        return Sql(type_coerce(expression, BigInteger()), type_.digits, 0)
    return Sql(type_coerce(expression, NUMERIC), type_.digits, type_.decimals)


def constant(value: Decimal | int, decimals: int) -> Sql:
    """A literal number."""
    scaled = int(Decimal(value).scaleb(decimals)) if decimals <= 20 else 0
    written = format(value, "f") if isinstance(value, Decimal) else str(value)
    whole = isinstance(value, int) and abs(value) < 2**31
    expression: Expression = literal_column(
        f"({written})" if value < 0 else written, Integer() if whole else NUMERIC
    )
    if not whole and decimals == 0:
        expression = cast(expression, NUMERIC)
    return Sql(expression, max(len(str(abs(scaled))), decimals + 1), decimals, constant=scaled)


def blank() -> Sql:
    """No number."""
    return Sql(cast(null(), NUMERIC), 1, 0)


def result(value: Sql, type_: Type) -> Expression:
    """The number as a value of `type_`, rounded half up; blank when it has too many digits."""
    fitted = rounded(value, "half", type_.decimals)
    expression = fitted.expression
    if max(1, fitted.digits - fitted.decimals) > type_.digits - type_.decimals:
        bound = _power(type_.digits - type_.decimals)
        expression = bind(
            [numeric(fitted)], lambda each: case((func.abs(each) < bound, each)), NUMERIC, CHEAP
        )
    if type_.kind is Kind.INTEGER and type_.digits <= NARROW:
        expression = expression if isinstance(expression.type, BigInteger) else cast(expression, BigInteger)
    elif fitted.decimals < type_.decimals or not is_column(expression):
        # Values come out with all their decimals, 5.00 and not 5.
        expression = func.round(expression, literal_column(str(type_.decimals)))
    return type_coerce(expression, storage_type(type_))


def numeric(value: Sql) -> Expression:
    """The expression as NUMERIC: whole numbers of the database overflow, and divide as whole numbers."""
    if isinstance(value.expression.type, Integer):
        return cast(value.expression, NUMERIC)
    return value.expression


def align(values: Sequence[Sql]) -> list[Sql]:
    """The numbers as NUMERIC."""
    return [Sql(numeric(each), each.digits, each.decimals) for each in values]


def or_zero(value: Sql) -> Sql:
    """0 for a blank."""
    return Sql(func.coalesce(numeric(value), literal_column("0")), value.digits, value.decimals)


def add(left: Sql, right: Sql) -> Sql:
    """Left + right."""
    return _of(numeric(left) + numeric(right), left, right, 1)


def subtract(left: Sql, right: Sql) -> Sql:
    """Left - right."""
    return _of(numeric(left) - numeric(right), left, right, 1)


def multiply_plain(left: Sql, right: Sql) -> Sql:
    """Left × right, neither being a quotient."""
    decimals = left.decimals + right.decimals
    if left.constant is not None and right.constant is not None:
        product = Decimal(left.constant * right.constant).scaleb(-decimals)
        return constant(product, decimals)
    return Sql(numeric(left) * numeric(right), left.digits + right.digits, decimals)


def negate(value: Sql) -> Sql:
    """-value."""
    return Sql(-numeric(value), value.digits, value.decimals)


def rounded(value: Sql, mode: str, decimals: int) -> Sql:
    """The number or quotient, rounded by a mode of `exact.MODES`; blank for a zero divisor."""
    divisor = value.divisor
    if divisor is None and decimals >= value.decimals:
        return value
    whole = max(1, value.digits - value.decimals) + (divisor.decimals if divisor else 0) + 1
    places = max(decimals, 0)
    if divisor is None:
        expression = PLAIN_MODES[mode](numeric(value), decimals)
    else:
        grown = numeric(value) * _power(decimals)
        below = numeric(divisor) if divisor.constant else func.nullif(numeric(divisor), literal_column("0"))
        quotient = bind([grown, below], QUOTIENT_MODES[mode], NUMERIC, CHEAP // 2)
        expression = quotient * _power(-decimals)
    return Sql(type_coerce(expression, NUMERIC), whole + places, places)


def _power(exponent: int) -> Expression:
    written = "1" + "0" * exponent if exponent >= 0 else "0." + "0" * (-exponent - 1) + "1"
    return cast(literal_column(written), NUMERIC) if exponent >= 0 else literal_column(written, NUMERIC)


def _half_away(one: Expression, other: Expression) -> Expression:
    return func.div(one, other) + func.div(func.mod(one, other) * literal_column("2"), other)


def _half_even(one: Expression, other: Expression) -> Expression:
    two: Expression = literal_column("2")
    whole = func.div(one, other)
    twice = func.mod(one, other) * two
    tie = func.abs(twice) == func.abs(other)
    return whole + case((tie, func.mod(whole, two)), else_=func.div(twice, other))


def _one_step(one: Expression, other: Expression, sign: int) -> Expression:
    step = func.sign(func.mod(one, other)) * func.sign(other)
    return case((step == literal_column(str(sign)), literal_column(str(sign))), else_=literal_column("0"))


QUOTIENT_MODES: Mapping[str, Callable[[Expression, Expression], Expression]] = {
    "half": _half_away,
    "even": _half_even,
    "toward": func.div,
    "away": lambda one, other: func.div(one, other) + func.sign(func.mod(one, other)) * func.sign(other),
    "floor": lambda one, other: func.div(one, other) + _one_step(one, other, -1),
    "ceiling": lambda one, other: func.div(one, other) + _one_step(one, other, 1),
}
PLAIN_MODES: Mapping[str, Callable[[Expression, int], Expression]] = {
    "half": lambda value, decimals: func.round(value, literal_column(str(decimals))),
    "even": lambda value, decimals: bind(
        [value * _power(decimals)], lambda each: _half_even(each, _power(0)) * _power(-decimals), NUMERIC
    ),
    "toward": lambda value, decimals: func.trunc(value, literal_column(str(decimals))),
    "away": lambda value, decimals: bind(
        [value],
        lambda each: func.sign(each) * (func.ceil(func.abs(each) * _power(decimals)) * _power(-decimals)),
        NUMERIC,
    ),
    "floor": lambda value, decimals: func.floor(value * _power(decimals)) * _power(-decimals),
    "ceiling": lambda value, decimals: func.ceil(value * _power(decimals)) * _power(-decimals),
}
assert QUOTIENT_MODES.keys() == PLAIN_MODES.keys() == MODES.keys()


def compare(left: Sql, right: Sql) -> tuple[Expression, Expression]:
    """Two expressions whose order is the order of the numbers."""
    return left.expression, right.expression


def modulo(left: Sql, right: Sql) -> Sql:
    """The remainder with the divisor's sign; blank for a zero divisor."""

    def remainder(one: Expression, other: Expression) -> Expression:
        return func.mod(func.mod(one, other) + other, other)

    below = func.nullif(numeric(right), literal_column("0"))
    return _of(bind([numeric(left), below], remainder, NUMERIC), right, left, 0)


def extreme(values: Sequence[Sql], least: bool) -> Sql:
    """The least or greatest number; blanks do not count."""
    pick = func.least if least else func.greatest
    expression = pick(*[numeric(each) for each in values], type_=NUMERIC)
    decimals = max(each.decimals for each in values)
    return Sql(expression, max(each.digits - each.decimals for each in values) + decimals, decimals)


def total(value: Sql, over: Over = plain) -> Sql:
    """The sum over the rows of a query, 0 for none; `over` makes it one over a window."""
    expression = func.coalesce(over(func.sum(numeric(value), type_=NUMERIC)), literal_column("0"))
    return Sql(expression, value.digits + 10, value.decimals)


def exact_total(_value: Sql) -> Sql | None:
    """Another way to the sum over the rows of a query; `total` always tells it."""
    return None


def extreme_of_rows(value: Sql, least: bool) -> Sql:
    """The least or greatest value over the rows of a query."""
    pick = func.min if least else func.max
    return Sql(pick(numeric(value), type_=NUMERIC), value.digits, value.decimals)


def _of(expression: Expression, left: Sql, right: Sql, carry: int) -> Sql:
    decimals = max(left.decimals, right.decimals)
    whole = max(left.digits - left.decimals, right.digits - right.decimals, 1)
    return Sql(type_coerce(expression, NUMERIC), whole + carry + decimals, decimals)
