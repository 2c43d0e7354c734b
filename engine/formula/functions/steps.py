"""Steps of calculating with days and times that the language has no names for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Time, cast, func, literal_column

from engine.formula.functions.calendar import (
    add_days,
    begin_of_month,
    calendar,
    complete_months,
    days_between,
    local,
    months_between,
    seconds_of,
)
from engine.formula.functions.calendar_sql import (
    add_days_sql,
    begin_of_month_sql,
    calendar_sql,
    complete_months_sql,
    extract,
    months_between_sql,
    seconds,
    substring,
)
from engine.formula.functions.function import (
    DAY,
    NUMBER,
    Expression,
    Function,
    Parameter,
    always,
    table,
    words,
)
from engine.formula.types import DATE, DATETIME, INTEGER, Kind, Type

SMALL = replace(INTEGER, digits=2)


YEAR = replace(INTEGER, digits=4)


SPAN = replace(INTEGER, digits=8)


D = Parameter("day", DAY)


def primitive(
    name: str,
    parameters: tuple[Parameter, ...],
    result: Type,
    plain: Callable[..., Any],
    postgresql: Callable[..., Expression],
    sqlite: Callable[..., Expression] | None = None,
) -> Function:
    """A step that the language has no name for; other functions and operators are built of it."""
    return Function(
        name,
        "",
        parameters,
        words("", ""),
        (),
        result=always(result),
        plain=plain,
        postgresql=postgresql,
        sqlite=sqlite,
    )


N = Parameter("count", NUMBER, "zero")


STEPS: Mapping[str, Function] = table(
    primitive("year_of", (D,), YEAR, lambda day: day.year, extract("year"), substring(1, 4)),
    primitive("month_of", (D,), SMALL, lambda day: day.month, extract("month"), substring(6, 2)),
    primitive("day_of", (D,), SMALL, lambda day: day.day, extract("day"), substring(9, 2)),
    primitive("add_days", (D, N), DATE, add_days, add_days_sql),
    primitive(
        "subtract_days",
        (D, N),
        DATE,
        lambda day, count: add_days(day, -count),
        lambda day, count: add_days_sql(day, -count),
    ),
    primitive("add_months", (D, N), Type(Kind.MONTH), begin_of_month, begin_of_month_sql),
    primitive(
        "subtract_months",
        (D, N),
        Type(Kind.MONTH),
        lambda day, count: begin_of_month(day, -count),
        lambda day, count: begin_of_month_sql(day, -count),
    ),
    primitive(
        "days_between",
        (D, D),
        SPAN,
        days_between,
        lambda later, earlier: cast(later, Date) - cast(earlier, Date),
    ),
    primitive("months_between", (D, D), SPAN, months_between, months_between_sql),
    primitive("complete_months", (D, D), SPAN, complete_months, complete_months_sql),
    primitive("calendar_day", (N, N, N), DATE, calendar, calendar_sql),
    primitive(
        "first_of_month",
        (D,),
        Type(Kind.MONTH),
        lambda day: day.replace(day=1),
        lambda day: cast(func.date_trunc(literal_column("'month'"), day), Date),
    ),
    primitive("weekday_from_monday", (D,), SMALL, lambda day: day.isoweekday(), extract("isodow")),
    primitive(
        "weekday_from_sunday",
        (D,),
        SMALL,
        lambda day: day.isoweekday() % 7 + 1,
        lambda day: extract("dow")(day) + literal_column("1"),
    ),
    primitive(
        "local_day",
        (D, D),
        DATE,
        lambda instant, zone: local(instant, zone).date(),
        lambda instant, zone: cast(func.timezone(zone, instant), Date),
    ),
    primitive(
        "local_time",
        (D, D),
        Type(Kind.TIME),
        lambda instant, zone: local(instant, zone).time(),
        lambda instant, zone: cast(func.timezone(zone, instant), Time),
    ),
    primitive("hour_of", (D,), SMALL, lambda clock: clock.hour, extract("hour")),
    primitive("minute_of", (D,), SMALL, lambda clock: clock.minute, extract("minute")),
    primitive(
        "second_of",
        (D,),
        SMALL,
        lambda clock: clock.second,
        lambda clock: cast(func.trunc(func.date_part(literal_column("'second'"), clock)), Integer),
    ),
    primitive(
        "add_durations",
        (D, D),
        Type(Kind.DURATION),
        lambda one, other: one + other,
        lambda one, other: one + other,
        lambda one, other: one + other,
    ),
    primitive(
        "subtract_durations",
        (D, D),
        Type(Kind.DURATION),
        lambda one, other: one - other,
        lambda one, other: one - other,
        lambda one, other: one - other,
    ),
    primitive(
        "seconds_of",
        (D,),
        replace(INTEGER, digits=12),
        seconds_of,
        lambda length: length,
        lambda length: length,
    ),
    primitive(
        "duration_of",
        (N,),
        Type(Kind.DURATION),
        lambda count: timedelta(seconds=int(count)),
        lambda count: cast(count, BigInteger),
        lambda count: count,
    ),
    primitive(
        "add_duration",
        (D, D),
        DATETIME,
        lambda instant, length: instant + length,
        lambda instant, length: instant + seconds(length),
    ),
    primitive(
        "subtract_duration",
        (D, D),
        DATETIME,
        lambda instant, length: instant - length,
        lambda instant, length: instant - seconds(length),
    ),
    primitive(
        "duration_between",
        (D, D),
        Type(Kind.DURATION),
        lambda later, earlier: timedelta(seconds=seconds_of(later - earlier)),
        lambda later, earlier: cast(
            func.floor(func.date_part(literal_column("'epoch'"), later - earlier)), BigInteger
        ),
    ),
)
