"""Loans, savings and depreciation as spreadsheets count them; ten decimals, rounded half up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, and_, case, cast, func, literal_column

from engine.formula import construct
from engine.formula.construct import add, divide, multiply, subtract
from engine.formula.decide import choose, compare, logic
from engine.formula.exact import ESCAPE_DECIMALS
from engine.formula.functions.cash_flows import (
    internal_rate,
    internal_rate_sql,
    present_value,
    present_value_sql,
)
from engine.formula.functions.function import (
    NUMBER,
    Expression,
    Function,
    Parameter,
    always,
    table,
    words,
)
from engine.formula.functions.roots import FINE, PRECISE, RESULT, Settled, shown, shown_sql
from engine.formula.kinds import constant
from engine.formula.nodes import Node
from engine.formula.sql_value import bind

MOST_PERIODS = 1_200
FINE_GROWTH = Numeric(1000, 60)
HIGHEST_RATE = 10
"""A thousand percent a period."""


def _growth(rate: Settled, periods: Settled) -> Decimal | None:
    """What one becomes after so many periods; None outside of what is calculated."""
    if not (-1 < rate <= HIGHEST_RATE and 0 <= periods <= MOST_PERIODS and periods == int(periods)):
        return None
    return PRECISE.power(PRECISE.add(1, Decimal(rate)), Decimal(int(periods)))


def _annuity(rate: Settled, periods: Settled, begins: Settled, growth: Decimal) -> Decimal:
    """What payments of one come to at the end."""
    if rate == 0:
        return Decimal(periods)
    total = PRECISE.divide(PRECISE.subtract(growth, Decimal(1)), Decimal(rate))
    return PRECISE.multiply(total, PRECISE.add(Decimal(1), Decimal(rate))) if begins else total


def _payment(rate: Settled, periods: Settled, present: Settled, future: Settled, begins: Settled) -> Any:
    growth = _growth(rate, periods)
    if growth is None or periods == 0:
        return None
    owed = PRECISE.add(PRECISE.multiply(Decimal(present), growth), Decimal(future))
    return shown(PRECISE.minus(PRECISE.divide(owed, _annuity(rate, periods, begins, growth))))


def _present(rate: Settled, periods: Settled, payment: Settled, future: Settled, begins: Settled) -> Any:
    growth = _growth(rate, periods)
    if growth is None:
        return None
    paid = PRECISE.multiply(Decimal(payment), _annuity(rate, periods, begins, growth))
    return shown(PRECISE.minus(PRECISE.divide(PRECISE.add(paid, Decimal(future)), growth)))


def _future(rate: Settled, periods: Settled, payment: Settled, present: Settled, begins: Settled) -> Any:
    growth = _growth(rate, periods)
    if growth is None:
        return None
    paid = PRECISE.multiply(Decimal(payment), _annuity(rate, periods, begins, growth))
    return shown(PRECISE.minus(PRECISE.add(paid, PRECISE.multiply(Decimal(present), growth))))


ZERO: Expression = literal_column("0")
ONE: Expression = literal_column("1")


def _over_periods(result: Any, least: int) -> Any:
    """A function of rate, periods, two amounts and when payments fall due, on PostgreSQL."""

    def build(rate: Expression, periods: Expression, *amounts: Expression) -> Expression:
        def inside(r: Expression, n: Expression, one: Expression, other: Expression, begins: Any) -> Any:
            possible = and_(
                r > literal_column("-1"),
                r <= literal_column(str(HIGHEST_RATE)),
                n.between(literal_column(str(least)), literal_column(str(MOST_PERIODS))),
                n == func.trunc(n),
            )
            due = case((begins != ZERO, ONE + r), else_=ONE)
            growth = func.power(ONE + r, n)

            # What the inner names stand for is all that the inner part can see.
            amounts = [cast(one, FINE), cast(other, FINE)]
            inner = [cast(growth, FINE_GROWTH), r, n, due, *amounts]
            return case((possible, bind(inner, ready, Numeric())))

        def ready(g: Expression, r: Expression, n: Expression, due: Any, *amounts: Expression) -> Expression:
            annuity = case((r == ZERO, n), else_=(g - ONE) * due / func.nullif(r, ZERO))
            return shown_sql(-result(g, cast(annuity, FINE), *amounts))

        return bind([cast(rate, FINE), periods, *amounts], inside, Numeric())

    return build


RATE = Parameter("rate", NUMBER, "zero")
PERIODS = Parameter("periods", NUMBER)
BEGINS = Parameter("begins", NUMBER, "zero", default=0)


def _amount(name: str, optional: bool = False) -> Parameter:
    return Parameter(name, NUMBER, "zero", default=0) if optional else Parameter(name, NUMBER, "zero")


def _straight(arguments: Sequence[Node], at: int) -> Node:
    cost, salvage, life = arguments
    return construct.rounded(divide(subtract(cost, salvage, at), life, at), "half", ESCAPE_DECIMALS, at)


def _by_years(arguments: Sequence[Node], at: int) -> Node:
    cost, salvage, life, period = (construct.operand(each) for each in arguments)
    one = constant(1, at)
    left = multiply(add(subtract(life, period, at), one, at), constant(2, at), at)
    share = divide(left, multiply(life, add(life, one, at), at), at)
    slice_ = construct.rounded(multiply(subtract(cost, salvage, at), share, at), "half", ESCAPE_DECIMALS, at)
    within = logic(
        "and",
        [compare("greater_equal", period, one, at), compare("less_equal", period, life, at)],
        at,
    )
    return choose(within, slice_, constant(None, at), at)


D = Decimal


def _financial(
    name: str,
    parameters: tuple[Parameter, ...],
    sentence: tuple[str, str],
    plain: Any,
    postgresql: Any,
    *examples: tuple[str, Any],
) -> Function:
    return Function(
        name,
        "financial",
        parameters,
        words(*sentence),
        examples,
        result=always(RESULT),
        plain=plain,
        postgresql=postgresql,
    )


FINANCIAL: Mapping[str, Function] = table(
    Function(
        "sln",
        "financial",
        (_amount("cost"), _amount("salvage"), _amount("life")),
        words("Straight-line depreciation of one period.", "直线法的每期折旧额。"),
        (
            ("sln(30000, 7500, 10)", D("2250.0000000000")),
            ("sln(100, blank, 3)", D("33.3333333333")),
            ("sln(100, 0, 0)", None),
        ),
        build=_straight,
    ),
    Function(
        "syd",
        "financial",
        (_amount("cost"), _amount("salvage"), _amount("life"), _amount("period")),
        words("Depreciation of a period by the sum of the years' digits.", "年数总和法的某期折旧额。"),
        (
            ("syd(30000, 7500, 10, 1)", D("4090.9090909091")),
            ("syd(30000, 7500, 10, 10)", D("409.0909090909")),
            ("syd(30000, 7500, 10, 11)", None),
            ("syd(30000, 7500, 10, blank)", None),
        ),
        build=_by_years,
    ),
    _financial(
        "pmt",
        (RATE, PERIODS, _amount("present"), _amount("future", True), BEGINS),
        (
            "The payment of each period for a loan; with `begins` 1 it is due when the period begins.",
            "贷款的每期付款额；begins 为 1 时在期初支付。",
        ),
        _payment,
        _over_periods(lambda g, annuity, one, other: (one * g + other) / annuity, 1),
        ("round(pmt(8% / 12, 10, 10000), 2)", D("-1037.03")),
        ("round(pmt(8% / 12, 10, 10000, 0, 1), 2)", D("-1030.16")),
        ("round(pmt(6% / 12, 18 * 12, 0, 50000), 2)", D("-129.08")),
        ("pmt(0, 10, 1000)", D("-100.0000000000")),
        ("pmt(5%, 0, 1000)", None),
        ("pmt(5%, blank, 1000)", None),
        ("pmt(-1, 10, 1000)", None),
    ),
    _financial(
        "pv",
        (RATE, PERIODS, _amount("payment"), _amount("future", True), BEGINS),
        ("What equal payments are worth today.", "等额付款的现值。"),
        _present,
        _over_periods(lambda g, annuity, one, other: (one * annuity + other) / g, 0),
        ("round(pv(8% / 12, 12 * 20, 500), 2)", D("-59777.15")),
        ("round(pv(5%, 3, 0, 1000), 2)", D("-863.84")),
        ("pv(0, 12, 100)", D("-1200.0000000000")),
        ("pv(5%, 2.5, 100)", None),
    ),
    _financial(
        "fv",
        (RATE, PERIODS, _amount("payment"), _amount("present", True), BEGINS),
        ("What equal payments come to at the end.", "等额付款的终值。"),
        _future,
        _over_periods(lambda g, annuity, one, other: one * annuity + other * g, 0),
        ("round(fv(6% / 12, 10, -200, -500, 1), 2)", D("2581.40")),
        ("fv(5%, 2, 0, -1000)", D("1102.5000000000")),
        ("fv(blank, 12, -100)", D("1200.0000000000")),
        ("fv(11, 12, -100)", None),
    ),
    _financial(
        "npv",
        (RATE, Parameter("amount", NUMBER, "zero", many=True)),
        (
            "What amounts at the end of each period are worth today.",
            "各期末金额的净现值。",
        ),
        present_value,
        present_value_sql,
        ("round(npv(10%, -10000, 3000, 4200, 6800), 2)", D("1188.44")),
        ("npv(0, 100, blank, 50)", D("150.0000000000")),
        ("npv(-1, 100)", None),
    ),
    _financial(
        "irr",
        (Parameter("amount", NUMBER, "zero", many=True),),
        (
            "The rate at which amounts, the first one today, balance; blank without one from -99% to 1000%.",
            "使各期金额（首期为今天）平衡的内部收益率；在 -99% 到 1000% 之间没有时为空。",
        ),
        internal_rate,
        internal_rate_sql,
        ("round(irr(-70000, 12000, 15000, 18000, 21000, 26000), 4)", D("0.0866")),
        ("irr(-100, 110)", D("0.1000000000")),
        ("irr(-100, 60, 60)", D("0.1306623863")),
        ("irr(-100, blank, 50)", D("-0.2928932188")),
        ("irr(100, 100)", None),
        ("irr(blank)", None),
    ),
)
