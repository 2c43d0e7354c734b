"""bracket(…) and tier(…) over records in SQL: what limits and rates make of an amount."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, or_, over, select
from sqlalchemy.sql.functions import FunctionElement

from engine.formula.set_rows import ONE, ZERO, SetRows
from engine.formula.sql_limits import stays_blank
from engine.formula.sql_parts import Expression
from engine.formula.sql_value import Sql, bind


def bracket(rows: SetRows) -> Sql:
    """The progressive sum: each slice of the amount up to a limit times its rate."""
    slices = slices_of(rows, rows.conditions).subquery()
    of_the_row = replace(rows, sources=(slices,), conditions=())
    return once(rows, lambda amount: of_the_row.total(taxed(rows, amount, slices)))


def tier(rows: SetRows) -> Sql:
    """The value of the first limit that the amount does not exceed."""
    return once(rows, lambda amount: _first_limit(rows, amount))


def once(rows: SetRows, compute: Callable[[Sql], Sql]) -> Sql:
    """What `compute` makes of the amount, which is computed once and not for every row."""
    amount, node, found = rows.further("amount"), rows.node.get("amount"), []
    assert amount is not None
    assert node is not None

    def body(name: Expression) -> Expression:
        found.append(compute(amount.moved(name)))
        return stays_blank(node, name, found[-1].expression)

    expression = bind([amount.expression], body, amount.expression.type)
    return found[-1].moved(expression)


def slices_of(
    rows: SetRows,
    conditions: Sequence[ColumnElement[bool]],
    keys: Sequence[Expression] = (),
    places: bool = False,
) -> Select[Any]:
    """The records as slices: from the limit below, of those with the same keys, to their own.

    With `places`, also which place each has, and whether it is the last.
    """
    limit = rows.further("limit")
    assert limit is not None
    order = [case((limit.expression.is_(None), ONE), else_=ZERO), limit.expression, rows.record.c.id]

    def among_equals(function: FunctionElement[Any]) -> Expression:
        return over(function, partition_by=keys or None, order_by=order)

    columns = {f"key_{place}": each for place, each in enumerate(keys)} | {
        "rate": rows.value().expression,
        "upper": limit.expression,
        "lower": among_equals(func.lag(limit.expression)),
    }
    if places:
        columns["place"] = among_equals(func.row_number())
        columns["is_last"] = among_equals(func.lead(rows.record.c.id)).is_(None)
    statement = select(*(each.label(name) for name, each in columns.items()))
    return statement.select_from(*rows.sources).correlate_except(*rows.sources).where(*conditions)


def taxed(rows: SetRows, amount: Sql | None, slices: FromClause) -> Sql:
    """The part of the amount that lies in a slice, or all of the slice, times its rate."""
    arithmetic = rows.compiler.arithmetic
    rate, limit = rows.value(), rows.further("limit")
    assert limit is not None
    upper, lower = limit.moved(slices.c.upper), limit.moved(slices.c.lower)
    if amount is not None:
        amount, upper, lower = arithmetic.align([amount, upper, lower])
        upper = upper.moved(func.coalesce(upper.expression, amount.expression))
        upper = arithmetic.extreme([amount, upper], least=True)
    width = arithmetic.subtract(upper, arithmetic.or_zero(lower))
    width = arithmetic.extreme([width, arithmetic.constant(0, 0)], least=False)
    return arithmetic.multiply_plain(width, rate.moved(slices.c.rate))


def _first_limit(rows: SetRows, amount: Sql) -> Sql:
    value, limit = rows.value(), rows.further("limit")
    assert limit is not None
    least, most = rows.compiler.arithmetic.compare(amount, limit)
    statement = rows.select(value.expression).where(or_(limit.expression.is_(None), least <= most))
    order = [case((limit.expression.is_(None), ONE), else_=ZERO), limit.expression, rows.record.c.id]
    return value.moved(statement.order_by(*order).limit(ONE).scalar_subquery())
