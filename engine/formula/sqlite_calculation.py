"""Calculations on SQLite that may pass 64 bits: a fast way in SQL, and the exact way in Python beside it.

SQLite turns an overflowing integer into a REAL without a word, and whatever is added to or multiplied by a
REAL is a REAL again. So a whole calculation is done in SQL first; when its result is not an integer, it is
done again by `dg_exact` (`sqlite_functions.py`), from the same operands.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import add, mul, sub
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal_column, or_

from engine.formula.exact import MODES, rounded_quotient
from engine.formula.sql_value import (
    BOUND_DEPTH,
    LARGEST,
    Calculation,
    Sql,
    bind,
    is_small,
    stack_depth,
)

Expression = ColumnElement[Any]
INTEGER = BigInteger()
MOST_OPERANDS = 60
"""SQLite's functions take about a hundred arguments."""
MOST_DEPTH = 50
"""Deeper expressions would overflow SQLite's parser stack; they are calculated by functions alone."""
HALF = 2**62
"""A remainder by a number up to this can be doubled."""
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul}


def whole(value: int) -> Expression:
    """A whole number as a literal; beyond 64 bits its digits."""
    if abs(value) >= 2**63:
        return literal_column(f"'{value}'", INTEGER)
    return literal_column(f"({value})" if value < 0 else str(value), INTEGER)


def calculated(operator: str, left: Sql, right: Sql, digits: int, decimals: int) -> Sql:
    """`left operator right`, whose result has so many digits and decimals."""
    limit = left.size * right.size if operator == "*" else left.size + right.size
    if limit <= LARGEST and left.calculation is None and right.calculation is None:
        return Sql(OPERATORS[operator](left.expression, right.expression), digits, decimals, limit=limit)
    calculation = _joined(operator, left, right)
    return Sql(_guarded(calculation), digits, decimals, calculation=calculation, limit=limit)


def rounded_quotient_sql(mode: str, numerator: Sql, denominator: Sql) -> Expression:
    """The quotient of two whole numbers, rounded to a whole number; NULL for a zero denominator."""
    if numerator.constant is not None and denominator.constant:
        return whole(rounded_quotient(mode, numerator.constant, denominator.constant))
    fast = FAST_MODES[mode]
    if (
        numerator.calculation is None
        and denominator.calculation is None
        and (numerator.is_narrow and denominator.size <= HALF)
    ):
        small_steps = Calculation((numerator.expression, denominator.expression), ("0", "1", mode))
        return within_depth(list(small_steps.operands), fast, lambda *names: _exact(small_steps, names))
    calculation = _joined(mode, numerator, denominator)
    split = len(_steps_of(numerator, {}))
    above = Calculation(calculation.operands, calculation.steps[:split])
    below = Calculation(calculation.operands, calculation.steps[split:-1])

    def guarded(*names: Expression) -> Expression:
        one, other = _fast(above, names), _fast(below, names)
        is_whole = and_(is_integer(one), is_integer(other), other.between(whole(-HALF), whole(HALF)))
        if denominator.constant is not None and denominator.size <= HALF:
            is_whole = is_integer(one)
        return case((is_whole, fast(one, other)), else_=_exact(calculation, names))

    return within_depth(list(calculation.operands), guarded, lambda *names: _exact(calculation, names))


def within_depth(
    values: list[Expression], in_sql: Callable[..., Expression], in_python: Callable[..., Expression]
) -> Expression:
    """The form in SQL, which repeats its values, unless it would be nested too deeply for SQLite."""
    deepest = max(map(stack_depth, values), default=0)
    if all(is_small(each) for each in values) or deepest + BOUND_DEPTH <= MOST_DEPTH:
        return bind(values, in_sql, INTEGER)
    return in_python(*values)


def is_integer(value: Expression) -> ColumnElement[bool]:
    """Whether a value fits: what does not is REAL within a calculation, and TEXT where it is stored."""
    return func.typeof(value) == literal_column("'integer'")


def _joined(operator: str, left: Sql, right: Sql) -> Calculation:
    if len(_operands(left)) + len(_operands(right)) > MOST_OPERANDS:
        left, right = left.moved(left.expression), right.moved(right.expression)
    places: dict[int, int] = {}
    operands: list[Expression] = []
    for each in (*_operands(left), *_operands(right)):
        if id(each) not in places:
            places[id(each)] = len(operands)
            operands.append(each)
    return Calculation(tuple(operands), (*_steps_of(left, places), *_steps_of(right, places), operator))


def _operands(value: Sql) -> tuple[Expression, ...]:
    if value.constant is not None:
        return ()
    return value.calculation.operands if value.calculation else (value.expression,)


def _steps_of(value: Sql, places: Mapping[int, int]) -> list[str]:
    if value.constant is not None:
        return [f"k{value.constant}"]
    if value.calculation is None:
        return [str(places.get(id(value.expression), 0))]
    operands = value.calculation.operands
    return [
        str(places.get(id(operands[int(step)]), 0)) if step.isdigit() else step
        for step in value.calculation.steps
    ]


def _guarded(calculation: Calculation) -> Expression:
    def guarded(*names: Expression) -> Expression:
        fast = _fast(calculation, names)
        overflows = func.typeof(fast) == literal_column("'real'")
        return case((overflows, _exact(calculation, names)), else_=fast)

    return within_depth(list(calculation.operands), guarded, lambda *names: _exact(calculation, names))


def _fast(calculation: Calculation, names: Sequence[Expression]) -> Expression:
    stack: list[Expression] = []
    for step in calculation.steps:
        if step in OPERATORS:
            right, left = stack.pop(), stack.pop()
            stack.append(OPERATORS[step](left, right))
        else:
            stack.append(names[int(step)] if step.isdigit() else whole(int(step[1:])))
    return stack.pop()


def _exact(calculation: Calculation, names: Sequence[Expression]) -> Expression:
    return func.dg_exact(literal_column(f"'{' '.join(calculation.steps)}'"), *names, type_=INTEGER)


def _half(one: Expression, other: Expression) -> Expression:
    # Truncating division and a remainder with the dividend's sign: right for all four pairs of signs.
    return (one // other) + (((one % other) * whole(2)) // other)


def _even(one: Expression, other: Expression) -> Expression:
    twice = (one % other) * whole(2)
    tie = or_(twice == other, twice == -other)
    return (one // other) + case((tie, (one // other) % whole(2)), else_=twice // other)


def _toward(one: Expression, other: Expression) -> Expression:
    return one // other


def _away(one: Expression, other: Expression) -> Expression:
    step = case((one % other == whole(0), whole(0)), (_same_sign(one, other), whole(1)), else_=whole(-1))
    return (one // other) + step


def _floor(one: Expression, other: Expression) -> Expression:
    below = and_(one % other != whole(0), ~_same_sign(one, other))
    return (one // other) - case((below, whole(1)), else_=whole(0))


def _ceiling(one: Expression, other: Expression) -> Expression:
    above = and_(one % other != whole(0), _same_sign(one, other))
    return (one // other) + case((above, whole(1)), else_=whole(0))


def _same_sign(one: Expression, other: Expression) -> ColumnElement[bool]:
    zero = whole(0)
    return or_(and_(one < zero, other < zero), and_(one >= zero, other >= zero))


FAST_MODES: Mapping[str, Callable[[Expression, Expression], Expression]] = {
    "half": _half,
    "even": _even,
    "toward": _toward,
    "away": _away,
    "floor": _floor,
    "ceiling": _ceiling,
}
assert FAST_MODES.keys() == MODES.keys()
