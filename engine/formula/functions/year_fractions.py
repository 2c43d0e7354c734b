"""yearfrac: the years between two days, in each of the ways to count that OpenFormula names.

OpenDocument 1.2, part 2 (OpenFormula), 4.11.7 "Basis" and 6.10.24 YEARFRAC. Basis 1 counts true days over the
length of the year or, over more than a year, over the average length of the calendar years that are touched.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, func, literal_column, or_

from engine.formula import construct
from engine.formula.decide import choose, compare
from engine.formula.exact import ESCAPE_DECIMALS
from engine.formula.functions.calendar_sql import extract
from engine.formula.functions.day_counts import days_of_thirty, days_of_thirty_sql
from engine.formula.functions.function import (
    DAY,
    NUMBER,
    Expression,
    Function,
    Parameter,
    always,
    table,
    words,
    written_number,
)
from engine.formula.functions.steps import SPAN, N
from engine.formula.kinds import constant
from engine.formula.nodes import Call, Node
from engine.formula.sql_value import bind

LENGTHS: Mapping[int, int] = {0: 360, 2: 360, 3: 365, 4: 360}
"""How many days each basis but the true one gives a year."""
TRUE, AMERICAN, EUROPEAN = 1, 0, 4


def _yearfrac(arguments: Sequence[Node], at: int) -> Node:
    start, end, basis = arguments
    number = written_number(basis, 0, 4)
    if number in {AMERICAN, EUROPEAN}:
        european = constant(int(number == EUROPEAN), at)
        days: Node = Call(SPAN, at, "days_of_thirty", (start, end, european))
    else:
        between = Call(SPAN, at, "days_between", (end, start))
        turned = Call(SPAN, at, "days_between", (start, end))
        days = choose(compare("greater_equal", end, start, at), between, turned, at)
    if number == TRUE:
        length: Node = Call(SPAN, at, "days_of_years", (start, end))
        days = construct.multiply(days, Call(SPAN, at, "years_touched", (start, end)), at)
    else:
        length = constant(LENGTHS[number], at)
    fraction = construct.rounded(construct.divide(days, length, at), "half", ESCAPE_DECIMALS, at)
    blank = compare("equal", start, constant(None, at), at), compare("equal", end, constant(None, at), at)
    nothing = constant(None, at)
    return choose(blank[0], nothing, choose(blank[1], nothing, fraction, at), at)


def _within_a_year(start: date, end: date) -> bool:
    return end.year == start.year or (
        end.year == start.year + 1 and (end.month, end.day) <= (start.month, start.day)
    )


def years_touched(one: date, other: date) -> int:
    """Over how many calendar years the length of a year is averaged; 1 within a year."""
    start, end = sorted((one, other))
    return 1 if _within_a_year(start, end) else end.year - start.year + 1


def days_of_years(one: date, other: date) -> int:
    """The days of those years; within a year 366 when a 29 February counts."""
    start, end = sorted((one, other))
    if not _within_a_year(start, end):
        return _days_before(end.year + 1) - _days_before(start.year)
    if start.year == end.year:
        return 365 + _is_leap(start.year)
    before = _is_leap(start.year) and start.month <= 2
    after = _is_leap(end.year) and (end.month, end.day) >= (2, 29)
    return 365 + (before or after)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_before(year: int) -> int:
    """The days from the first of January of the year 1 until that of another year."""
    past = year - 1
    return 365 * past + past // 4 - past // 100 + past // 400


def _number(value: int) -> Expression:
    return literal_column(str(value), Integer())


YEAR, MONTH, DAY_OF_MONTH = extract("year"), extract("month"), extract("day")


def _within_a_year_sql(start: Expression, end: Expression) -> ColumnElement[bool]:
    earlier = MONTH(end) * _number(100) + DAY_OF_MONTH(end)
    later = MONTH(start) * _number(100) + DAY_OF_MONTH(start)
    return or_(YEAR(end) == YEAR(start), and_(YEAR(end) == YEAR(start) + _number(1), earlier <= later))


def years_touched_sql(one: Expression, other: Expression) -> Expression:
    """`years_touched` on PostgreSQL."""

    def body(start: Expression, end: Expression) -> Expression:
        return case((_within_a_year_sql(start, end), _number(1)), else_=YEAR(end) - YEAR(start) + _number(1))

    return _in_order(one, other, body)


def days_of_years_sql(one: Expression, other: Expression) -> Expression:
    """`days_of_years` on PostgreSQL."""

    def body(start: Expression, end: Expression) -> Expression:
        after = MONTH(end) * _number(100) + DAY_OF_MONTH(end) >= _number(229)
        leap = or_(
            and_(YEAR(start) == YEAR(end), _is_leap_sql(YEAR(start))),
            and_(YEAR(start) != YEAR(end), _is_leap_sql(YEAR(start)), MONTH(start) <= _number(2)),
            and_(YEAR(start) != YEAR(end), _is_leap_sql(YEAR(end)), after),
        )
        return case(
            (
                _within_a_year_sql(start, end),
                _number(365) + case((leap, _number(1)), else_=_number(0)),
            ),
            else_=_days_before_sql(YEAR(end)) - _days_before_sql(YEAR(start) - _number(1)),
        )

    return _in_order(one, other, body)


def _in_order(one: Expression, other: Expression, body: Callable[..., Expression]) -> Expression:
    days = cast(one, Date), cast(other, Date)
    return bind([func.least(*days), func.greatest(*days)], body, Integer())


def _is_leap_sql(year: Expression) -> ColumnElement[bool]:
    return and_(
        func.mod(year, _number(4)) == _number(0),
        or_(func.mod(year, _number(100)) != _number(0), func.mod(year, _number(400)) == _number(0)),
    )


def _days_before_sql(past: Expression) -> Expression:
    """The days of the first so many years."""
    leaps = func.div(past, _number(4)) - func.div(past, _number(100)) + func.div(past, _number(400))
    return past * _number(365) + cast(leaps, Integer)


S, E = Parameter("start", DAY), Parameter("end", DAY)
YEARS: Mapping[str, Function] = table(
    Function(
        "yearfrac",
        "date",
        (S, E, Parameter("basis", NUMBER, default=0)),
        words(
            "The years between two days. Basis 0: months of 30 days, 1: true days/true years, 2: days/360, "
            "3: days/365, 4: Europe.",
            "两个日期之间的年数。基准 0：每月 30 天；1：实际天数/实际年长；2：天数/360；"
            "3：天数/365；4：欧洲 30/360。",
        ),
        (
            ("yearfrac(date(2026, 1, 1), date(2026, 7, 1))", Decimal("0.5000000000")),
            ("yearfrac(date(2026, 7, 1), date(2026, 1, 1))", Decimal("0.5000000000")),
            ("yearfrac(date(2024, 2, 29), date(2025, 2, 28))", Decimal("1.0000000000")),
            ("yearfrac(date(2026, 1, 30), date(2026, 3, 31), 0)", Decimal("0.1666666667")),
            ("yearfrac(date(2026, 1, 1), date(2026, 12, 31), 3)", Decimal("0.9972602740")),
            ("yearfrac(date(2026, 1, 31), date(2026, 3, 31), 4)", Decimal("0.1666666667")),
            ("yearfrac(date(2026, 1, 1), date(2026, 1, 31), 2)", Decimal("0.0833333333")),
            ("yearfrac(date(2012, 1, 1), date(2012, 7, 30), 1)", Decimal("0.5765027322")),
            ("yearfrac(date(2023, 7, 1), date(2024, 2, 28), 1)", Decimal("0.6630136986")),
            ("yearfrac(date(2023, 7, 1), date(2024, 2, 29), 1)", Decimal("0.6639344262")),
            ("yearfrac(date(2024, 2, 29), date(2025, 2, 28), 1)", Decimal("0.9972677596")),
            ("yearfrac(date(2019, 1, 1), date(2024, 7, 1), 1)", Decimal("5.4963503650")),
            ("yearfrac(date(2024, 7, 1), date(2019, 1, 1), 1)", Decimal("5.4963503650")),
            ("yearfrac(date(2026, 3, 1), date(2026, 3, 1), 1)", Decimal("0.0000000000")),
            ("yearfrac(date(2026, 3, 1), blank, 1)", None),
            ("yearfrac(blank, date(2026, 1, 1))", None),
        ),
        build=_yearfrac,
    ),
)
YEAR_STEPS: Mapping[str, Function] = table(
    Function(
        "days_of_thirty",
        "",
        (S, E, N),
        words("", ""),
        (),
        result=always(SPAN),
        plain=days_of_thirty,
        postgresql=days_of_thirty_sql,
    ),
    Function(
        "years_touched",
        "",
        (S, E),
        words("", ""),
        (),
        result=always(SPAN),
        plain=years_touched,
        postgresql=years_touched_sql,
    ),
    Function(
        "days_of_years",
        "",
        (S, E),
        words("", ""),
        (),
        result=always(SPAN),
        plain=days_of_years,
        postgresql=days_of_years_sql,
    ),
)
