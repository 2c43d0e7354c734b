"""Amounts of several periods: what they are worth today, and the rate at which they balance."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, and_, case, cast, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from engine.formula.exact import ESCAPE_DECIMALS
from engine.formula.functions.function import Expression
from engine.formula.functions.roots import FINE, PRECISE, Settled, shown, shown_sql
from engine.formula.sql_value import bind

LOWEST_RATE, HIGHEST_RATE = Decimal("-0.99"), Decimal(10)
HALVINGS = 60
"""From eleven down to less than the seventeenth decimal."""


def _discounted(rate: Decimal, amounts: tuple[Decimal, ...]) -> Decimal:
    """The first amount as it is, each further one by one more period's rate."""
    total, growth = Decimal(0), PRECISE.add(1, rate)
    for amount in reversed(amounts):
        total = PRECISE.add(PRECISE.divide(total, growth), amount)
    return total


def present_value(rate: Settled, *amounts: Settled) -> Decimal | None:
    """What amounts at the end of each period are worth today."""
    if not -1 < rate <= HIGHEST_RATE:
        return None
    value = _discounted(Decimal(rate), tuple(Decimal(each) for each in amounts))
    return shown(PRECISE.divide(value, PRECISE.add(1, Decimal(rate))))


def present_value_sql(rate: Expression, *amounts: Expression) -> Expression:
    """`present_value` on PostgreSQL."""

    def body(each: Expression, *given: Expression) -> Expression:
        growth: Expression = literal_column("1") + each
        total: Expression = cast(literal_column("0"), FINE)
        for amount in reversed(given):
            total = (total + amount) / growth
        possible = and_(each > literal_column("-1"), each <= literal_column(str(HIGHEST_RATE)))
        return case((possible, shown_sql(total)))

    return bind([cast(rate, FINE), *amounts], body, Numeric())


def internal_rate(*amounts: Settled) -> Decimal | None:
    """The rate at which the amounts balance; None where their value has one sign at both bounds."""
    given = tuple(Decimal(each) for each in amounts)
    low, high = LOWEST_RATE, HIGHEST_RATE
    sign = _discounted(low, given)
    if sign * _discounted(high, given) >= 0:
        return None
    for _ in range(HALVINGS):
        middle = PRECISE.divide(PRECISE.add(low, high), 2)
        low, high = (middle, high) if sign * _discounted(middle, given) > 0 else (low, middle)
    return shown(PRECISE.divide(PRECISE.add(low, high), 2))


class _InternalRate(ColumnElement[Any]):
    """The same halving as a recursive query over the amounts."""

    __visit_name__ = "internal_rate"
    inherit_cache = True
    type = Numeric()
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own form
        ("amounts", InternalTraversal.dp_clauseelement_list),
    ]

    def __init__(self, amounts: list[Expression]) -> None:
        self.amounts = amounts

    @property
    def _from_objects(self) -> list[FromClause]:
        return [source for each in self.amounts for source in each._from_objects]  # noqa: SLF001


@compiles(_InternalRate, "postgresql")
def _compile_internal_rate(element: _InternalRate, compiler: SQLCompiler, **keywords: Any) -> str:
    amounts = ", ".join(compiler.process(each, **keywords) for each in element.amounts)

    def discounted(rate: str) -> str:
        return f"(SELECT sum(amount / power(1 + ({rate}), place - 1)) FROM flow)"  # noqa: S608

    middle = "((low + high) / 2)::numeric(90, 80)"
    low, high = (f"{each}::numeric(90, 80)" for each in (LOWEST_RATE, HIGHEST_RATE))
    # The parts are numbers and what the SQL compiler has rendered, with its bind parameters.
    return (
        f"(WITH RECURSIVE flow AS MATERIALIZED (SELECT amount::numeric, place::numeric "  # noqa: S608
        f"FROM unnest(ARRAY[{amounts}]::numeric(500, 60)[]) WITH ORDINALITY AS listed(amount, place)), "
        f"bounds AS MATERIALIZED (SELECT {discounted(low)} AS sign, {discounted(high)} AS other), "
        f"halved(step, sign, low, high) AS (SELECT 0, sign, {low}, {high} FROM bounds "
        f"WHERE sign * other < 0 UNION ALL SELECT step + 1, sign, "
        f"CASE WHEN above THEN middle ELSE low END, CASE WHEN above THEN high ELSE middle END FROM "
        f"(SELECT *, sign * {discounted(middle)} > 0 AS above, {middle} AS middle FROM halved "
        f"WHERE step < {HALVINGS}) AS compared) "
        f"SELECT round((low + high) / 2, {ESCAPE_DECIMALS}) FROM halved WHERE step = {HALVINGS})"
    )


def internal_rate_sql(*amounts: Expression) -> Expression:
    """`internal_rate` on PostgreSQL."""
    return _InternalRate(list(amounts))
