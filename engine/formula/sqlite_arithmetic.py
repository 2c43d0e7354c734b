"""Exact arithmetic in SQLite's SQL: whole numbers scaled by their decimals.

SQLite turns an overflowing integer into a REAL without a word. So every operation whose result may have more
than 18 digits looks at the type of what came out, and calls the same operation in Python instead
(`sqlite_functions.py`) when it is not an integer.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal_column, null, or_, type_coerce
from sqlalchemy.types import TypeEngine

from engine.formula.exact import MODES, rounded_quotient
from engine.formula.exact import unscaled as unscaled_value
from engine.formula.sql_value import NARROW, Sql, bind, storage_type
from engine.formula.types import Type

INTEGER = BigInteger()
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
    if fitted.digits > type_.digits and type_.digits <= NARROW:
        bound = 10**type_.digits - 1
        expression = bind(
            [expression],
            lambda each: case((each.between(_literal(-bound), _literal(bound)), each)),
            INTEGER,
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
    return Sql(product.expression, value.digits + missing, decimals)


def or_zero(value: Sql) -> Sql:
    """0 for a blank."""
    return Sql(func.coalesce(value.expression, _literal(0)), value.digits, value.decimals)


def add(left: Sql, right: Sql) -> Sql:
    """Left + right."""
    left, right = align([left, right])
    digits = max(left.digits, right.digits) + 1
    return _guarded(left, right, lambda one, other: one + other, func.dg_add, digits, left.decimals)


def subtract(left: Sql, right: Sql) -> Sql:
    """Left - right."""
    left, right = align([left, right])
    digits = max(left.digits, right.digits) + 1
    return _guarded(left, right, lambda one, other: one - other, func.dg_subtract, digits, left.decimals)


def multiply_plain(left: Sql, right: Sql) -> Sql:
    """Left × right, neither being a quotient."""
    decimals = left.decimals + right.decimals
    if left.constant is not None and right.constant is not None:
        return _whole(left.constant * right.constant, decimals)
    digits = left.digits + right.digits
    return _guarded(left, right, lambda one, other: one * other, func.dg_multiply, digits, decimals)


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
    numerator = Sql(value.expression, value.digits, 0, constant=value.constant)
    denominator = (
        Sql(divisor.expression, divisor.digits, 0, constant=divisor.constant) if divisor else _whole(1)
    )
    grown = multiply_plain(numerator, _whole(10**power)) if power > 0 else numerator
    if power < 0:
        denominator = multiply_plain(denominator, _whole(10**-power))
    whole = max(1, value.digits - value.decimals) + (divisor.decimals if divisor else 0) + 1
    quotient = _rounded_quotient(mode, grown, denominator, numerator, max(power, 0))
    places = max(decimals, 0)
    found = Sql(quotient, max(1, whole + decimals), decimals)
    return rescaled_up(found, places)


def rescaled_up(value: Sql, decimals: int) -> Sql:
    """Tens and hundreds (negative decimals) as a number with `decimals` places."""
    if value.decimals >= 0:
        return value
    factor = _whole(10 ** (decimals - value.decimals))
    product = multiply_plain(Sql(value.expression, value.digits, 0), factor)
    return Sql(product.expression, value.digits - value.decimals + decimals, decimals)


def _rounded_quotient(mode: str, grown: Sql, denominator: Sql, numerator: Sql, power: int) -> Expression:
    if grown.constant is not None and denominator.constant:
        return _literal(rounded_quotient(mode, grown.constant, denominator.constant))
    fast = FAST_MODES[mode]
    if grown.is_narrow and denominator.is_narrow:
        return bind([grown.expression, denominator.expression], fast, INTEGER)

    def guarded(one: Expression, other: Expression, original: Expression) -> Expression:
        whole = and_(
            func.typeof(one) == literal_column("'integer'"),
            func.typeof(other) == literal_column("'integer'"),
            other.between(_literal(-4 * 10**NARROW), _literal(4 * 10**NARROW)),
        )
        return case(
            (whole, fast(one, other)),
            else_=func.dg_round(literal_column(f"'{mode}'"), original, _literal(power), other),
        )

    return bind([grown.expression, denominator.expression, numerator.expression], guarded, INTEGER)


def _half(one: Expression, other: Expression) -> Expression:
    # Truncating division and a remainder with the dividend's sign: right for all four pairs of signs.
    return (one // other) + (((one % other) * _literal(2)) // other)


def _toward(one: Expression, other: Expression) -> Expression:
    return one // other


def _away(one: Expression, other: Expression) -> Expression:
    step = case(
        (one % other == _literal(0), _literal(0)), (_same_sign(one, other), _literal(1)), else_=_literal(-1)
    )
    return (one // other) + step


def _floor(one: Expression, other: Expression) -> Expression:
    return (one // other) - case(
        (and_(one % other != _literal(0), ~_same_sign(one, other)), _literal(1)), else_=_literal(0)
    )


def _ceiling(one: Expression, other: Expression) -> Expression:
    return (one // other) + case(
        (and_(one % other != _literal(0), _same_sign(one, other)), _literal(1)), else_=_literal(0)
    )


def _same_sign(one: Expression, other: Expression) -> ColumnElement[bool]:
    zero = _literal(0)
    return or_(and_(one < zero, other < zero), and_(one >= zero, other >= zero))


FAST_MODES: Mapping[str, Callable[[Expression, Expression], Expression]] = {
    "half": _half,
    "toward": _toward,
    "away": _away,
    "floor": _floor,
    "ceiling": _ceiling,
}
assert FAST_MODES.keys() == MODES.keys()


def compare(left: Sql, right: Sql) -> tuple[Expression, Expression]:
    """Two expressions whose order is the order of the numbers."""
    left, right = align([left, right])
    if left.is_narrow and right.is_narrow:
        return left.expression, right.expression
    return func.dg_compare(left.expression, right.expression, type_=INTEGER), _literal(0)


def modulo(left: Sql, right: Sql) -> Sql:
    """The remainder with the divisor's sign; blank for a zero divisor."""
    left, right = align([left, right])
    digits = right.digits

    def remainder(one: Expression, other: Expression) -> Expression:
        return ((one % other) + other) % other

    if left.is_narrow and right.is_narrow and right.digits < NARROW:
        expression = bind([left.expression, right.expression], remainder, INTEGER)
    else:
        expression = func.dg_modulo(left.expression, right.expression, type_=INTEGER)
    return Sql(expression, digits, left.decimals)


def extreme(values: Sequence[Sql], least: bool) -> Sql:
    """The least or greatest number; blanks do not count."""
    values = align(values)
    digits = max(each.digits for each in values)
    found = values[0]
    for each in values[1:]:
        if digits <= NARROW:
            pick: Any = func.min if least else func.max

            def choose(one: Expression, other: Expression, pick: Any = pick) -> Expression:
                # SQLite's min(1, NULL) is NULL.
                return func.coalesce(pick(one, other, type_=INTEGER), one, other)

            expression = bind([found.expression, each.expression], choose, INTEGER)
        else:
            pick = func.dg_least if least else func.dg_greatest
            expression = pick(found.expression, each.expression, type_=INTEGER)
        found = Sql(expression, digits, each.decimals)
    return found


def total(value: Sql) -> Sql:
    """The sum over the rows of a query; 0 for none. SQLite's sum() fails when it passes 64 bits."""
    digits = value.digits + 10
    if value.digits <= NARROW - 10:
        expression: Expression = func.coalesce(func.sum(value.expression, type_=INTEGER), _literal(0))
    elif value.is_narrow:
        half = _literal(10**9)
        expression = func.coalesce(
            func.dg_join_halves(
                func.sum(value.expression // half), func.sum(value.expression % half), type_=INTEGER
            ),
            _literal(0),
        )
    else:
        expression = func.coalesce(func.dg_sum(value.expression, type_=INTEGER), _literal(0))
    return Sql(expression, digits, value.decimals)


def extreme_of_rows(value: Sql, least: bool) -> Sql:
    """The least or greatest value over the rows of a query."""
    narrow, wide = (func.min, func.dg_min) if least else (func.max, func.dg_max)
    pick = narrow if value.is_narrow else wide
    return Sql(pick(value.expression, type_=INTEGER), value.digits, value.decimals)


def _guarded(
    left: Sql,
    right: Sql,
    operate: Callable[[Expression, Expression], Expression],
    exactly: Callable[..., Expression],
    digits: int,
    decimals: int,
) -> Sql:
    if digits <= NARROW:
        return Sql(operate(left.expression, right.expression), digits, decimals)

    def guarded(one: Expression, other: Expression) -> Expression:
        overflows = func.typeof(operate(one, other)) == literal_column("'real'")
        return case((overflows, exactly(one, other)), else_=operate(one, other))

    return Sql(
        type_coerce(bind([left.expression, right.expression], guarded, INTEGER), INTEGER), digits, decimals
    )


def _whole(value: int, decimals: int = 0) -> Sql:
    digits = max(len(str(abs(value))), decimals + 1)
    return Sql(_literal(value), digits, decimals, constant=value)


def _literal(value: int) -> Expression:
    if abs(value) >= 2**63:
        return literal_column(f"'{value}'", INTEGER)
    return literal_column(f"({value})" if value < 0 else str(value), INTEGER)
