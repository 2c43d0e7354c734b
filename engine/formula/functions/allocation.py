"""A number divided by weights so that nothing is left over: the method of the largest remainder."""

from fractions import Fraction
from functools import reduce
from typing import Any

from sqlalchemy import Numeric, case, func, literal_column, select
from sqlalchemy.dialects.postgresql import array

from engine.formula.exact import Number, scaled, unscaled
from engine.formula.functions.function import Expression
from engine.formula.sql_value import bind


def allocate(decimals: int, total: Number, place: Number, *weights: Number) -> Number | None:
    """The part at a place, counted from 1; None where there is no such part or the weights have no sum."""
    if place not in range(1, len(weights) + 1) or min(weights) < 0 or not any(weights):
        return None
    units = unscaled(total, decimals)
    whole = sum(Fraction(each) for each in weights)
    shares = [abs(units) * Fraction(each) / whole for each in weights]
    parts = [int(share) for share in shares]
    by_fraction = sorted(range(len(shares)), key=lambda at: (parts[at] - shares[at], at))
    for at in by_fraction[: abs(units) - sum(parts)]:
        parts[at] += 1
    return scaled(parts[int(place) - 1] * (-1 if units < 0 else 1), decimals)


def allocate_sql(
    decimals: Expression, total: Expression, place: Expression, *weights: Expression
) -> Expression:
    """`allocate` on PostgreSQL: parts in SQL, over the weights as rows."""

    def body(*values: Expression) -> Expression:
        units, at, *given = values
        return _part(units, at, given)

    units = total * func.power(literal_column("10::numeric"), decimals)
    part = bind([units, place, *weights], body, Numeric())
    return part / func.power(literal_column("10::numeric"), decimals)


def _part(units: Expression, place: Expression, weights: list[Expression]) -> Expression:
    zero: Expression = literal_column("0")
    rows = (
        func.unnest(array[Any](weights, type_=Numeric()))
        .table_valued("weight", with_ordinality="place")
        .render_derived()
    )
    everything: Expression = reduce(lambda one, other: one + other, weights)
    quotient = func.abs(units) * rows.c.weight
    whole = func.div(quotient, func.nullif(everything, zero))
    rest: Any = func.mod(quotient, func.nullif(everything, zero))
    shares = (
        select(
            rows.c.place,
            whole.label("whole"),
            func.row_number().over(order_by=[rest.desc(), rows.c.place]).label("rank"),
            func.min(rows.c.weight).over().label("least"),
        )
        .select_from(rows)
        .correlate_except(rows)
        .subquery()
    )
    counted = (
        select(shares, (func.abs(units) - func.sum(shares.c.whole).over()).label("over"))
        .correlate_except(shares)
        .subquery()
    )
    more = case((counted.c.rank <= counted.c.over, literal_column("1")), else_=zero)
    found = select(func.sign(units) * (counted.c.whole + more)).where(
        counted.c.place == place, counted.c.least >= zero, everything > zero
    )
    return found.correlate_except(counted).scalar_subquery()
