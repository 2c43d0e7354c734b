"""Functions of days, months and times. What runs past the end of a month ends on its last day."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from engine.formula import construct, decide, kinds, literals
from engine.formula.decide import choose, compare
from engine.formula.functions.calendar import add_months, begin_of_month, end_of_month
from engine.formula.functions.calendar_sql import (
    add_months_sql,
    begin_of_month_sql,
    days_in_month_sql,
    end_of_month_sql,
    extract,
)
from engine.formula.functions.function import (
    ANY,
    DAY,
    NUMBER,
    Function,
    Parameter,
    always,
    table,
    words,
    written_number,
)
from engine.formula.functions.steps import SMALL, SPAN, YEAR, D
from engine.formula.kinds import Mismatch, constant
from engine.formula.literals import written_as
from engine.formula.nodes import Call, Constant, Node
from engine.formula.nodes import Parameter as Moment
from engine.formula.types import DATE, TEXT, Kind, Type
from engine.text import say

HAS_TIME = frozenset({Kind.DATETIME, Kind.TIME, Kind.BLANK})


def day_part(name: str, en: str, zh: str, *examples: tuple[str, Any]) -> Function:
    """A function that reads a part of a day; of a date with time the day in the workspace's time zone."""

    def build(arguments: Sequence[Node], at: int) -> Node:
        return Call(YEAR if name == "year" else SMALL, at, name + "_of", (local_day(arguments[0], at),))

    return Function(
        name,
        "date",
        (Parameter("day", DAY | {Kind.DATETIME}),),
        words(en, zh),
        examples,
        build=build,
    )


def _clock(name: str) -> Callable[[Sequence[Node], int], Node]:
    def build(arguments: Sequence[Node], at: int) -> Node:
        moment = arguments[0]
        if moment.type.kind is Kind.DATETIME:
            moment = Call(Type(Kind.TIME), at, "local_time", (moment, Moment(TEXT, at, "time_zone")))
        return Call(SMALL, at, name + "_of", (moment,))

    return build


def local_day(node: Node, at: int) -> Node:
    """The day of a date with time in the workspace's time zone; a date as it is."""
    if node.type.kind is Kind.DATETIME:
        return Call(DATE, at, "local_day", (node, Moment(TEXT, at, "time_zone")))
    return node


def _date(arguments: Sequence[Node], at: int) -> Node:
    if len(arguments) == 3:
        parts = tuple(construct.days_of(each) for each in arguments)
        return Call(DATE, at, "calendar_day", parts)
    if len(arguments) != 1:
        raise Mismatch(say("date(…) needs year, month and day, or one date with time."), at)
    value = arguments[0]
    if isinstance(value, Constant) and value.type.kind is Kind.TEXT:
        return written_as(value, Kind.DATE, literals.LITERALS[Kind.DATE][0])
    if value.type.kind not in {Kind.DATETIME, Kind.DATE, Kind.MONTH, Kind.BLANK}:
        raise Mismatch(
            say("date(…) takes a date with time, not {kind}.", kind=kinds.kind_name(value.type)), value.at
        )
    return local_day(replace(value, type=DATE) if value.type.kind is Kind.MONTH else value, at)


def _quarter(arguments: Sequence[Node], at: int) -> Node:
    month = Call(SMALL, at, "month_of", (local_day(arguments[0], at),))
    found = construct.rounded(construct.divide(month, constant(3, at), at), "ceiling", 0, at)
    nothing = constant(None, at)
    return choose(compare("equal", arguments[0], nothing, at), nothing, found, at)


def _days(arguments: Sequence[Node], at: int) -> Node:
    return Call(SPAN, at, "days_between", tuple(arguments))


UNITS = ("d", "m", "y", "ym")


def _datedif(arguments: Sequence[Node], at: int) -> Node:
    start, end, unit = arguments
    name = unit.value.lower() if isinstance(unit, Constant) and isinstance(unit.value, str) else ""
    if name not in UNITS:
        raise Mismatch(say("The unit must be one of {units}.", units=", ".join(UNITS)), unit.at)
    if name == "d":
        later = compare("greater_equal", end, start, at)
        return choose(later, Call(SPAN, at, "days_between", (end, start)), constant(None, at), at)
    months = Call(SPAN, at, "complete_months", (start, end))
    if name == "m":
        return months
    twelve = constant(12, at)
    if name == "y":
        whole_years = construct.rounded(construct.divide(months, twelve, at), "toward", 0, at)
    else:
        whole_years = construct.modulo(months, twelve, at)
    return choose(decide.is_blank(months, at), constant(None, at), whole_years, at)


def _weekday(arguments: Sequence[Node], at: int) -> Node:
    day, first = arguments
    monday = written_number(first, 1, 2) == 2
    return Call(SMALL, at, "weekday_from_monday" if monday else "weekday_from_sunday", (day,))


DATES: Mapping[str, Function] = table(
    day_part(
        "year",
        "The year of a day.",
        "日期的年份。",
        ('year(date("2026-07-01"))', 2026),
        ("year(blank)", None),
    ),
    day_part(
        "month",
        "The month of a day, 1 to 12.",
        "日期的月份（1 到 12）。",
        ("month(date(2026, 7, 1))", 7),
        ("month(blank)", None),
    ),
    day_part(
        "day",
        "The day of the month.",
        "日期是当月第几天。",
        ("day(date(2026, 7, 31))", 31),
        ("day(blank)", None),
    ),
    Function(
        "date",
        "date",
        (Parameter("year, month, day", ANY, many=True),),
        words(
            "A day from year, month and day, or the day of a date with time.",
            "由年月日得到日期，或取日期时间中的日期。",
        ),
        (
            ("date(2026, 13, 1)", date(2027, 1, 1)),
            ("date(2026, 3, 0)", date(2026, 2, 28)),
            ("date(0, 1, 1)", None),
            ('date("2026-07-01")', date(2026, 7, 1)),
        ),
        build=_date,
    ),
    Function(
        "hour",
        "date",
        (Parameter("time", HAS_TIME),),
        words("The hour, 0 to 23.", "小时（0 到 23）。"),
        (('hour("09:30:15")', 9), ('hour("2026-07-01T23:05:00+08:00")', 23), ("hour(blank)", None)),
        build=_clock("hour"),
    ),
    Function(
        "minute",
        "date",
        (Parameter("time", HAS_TIME),),
        words("The minute, 0 to 59.", "分钟（0 到 59）。"),
        (('minute("09:30:15")', 30), ("minute(blank)", None)),
        build=_clock("minute"),
    ),
    Function(
        "second",
        "date",
        (Parameter("time", HAS_TIME),),
        words("The second, 0 to 59.", "秒（0 到 59）。"),
        (('second("09:30:15")', 15), ("second(blank)", None)),
        build=_clock("second"),
    ),
    Function(
        "edate",
        "date",
        (D, Parameter("months", NUMBER, "zero")),
        words(
            "The same day some months later, at most the month's last.", "若干个月之后的同一天，不超过月末。"
        ),
        (
            ("edate(date(2026, 1, 31), 1)", date(2026, 2, 28)),
            ("edate(date(2024, 2, 29), -12)", date(2023, 2, 28)),
            ("edate(date(2026, 1, 1), 9999999)", None),
            ("edate(date(2026, 1, 1), -99999)", None),
            ("edate(date(2026, 1, 1), -24301)", None),
            ("edate(date(2026, 1, 1), -24300)", date(1, 1, 1)),
        ),
        result=always(DATE),
        plain=add_months,
        postgresql=add_months_sql,
    ),
    Function(
        "eomonth",
        "date",
        (D, Parameter("months", NUMBER, "zero", default=0)),
        words("The last day of the month some months later.", "若干个月之后那个月的最后一天。"),
        (
            ("eomonth(date(2026, 1, 15), 1)", date(2026, 2, 28)),
            ("eomonth(date(2026, 7, 1))", date(2026, 7, 31)),
            ("eomonth(blank, 1)", None),
            ("eomonth(date(2024, 1, 31), 1)", date(2024, 2, 29)),
        ),
        result=always(DATE),
        plain=end_of_month,
        postgresql=end_of_month_sql,
    ),
    Function(
        "bomonth",
        "date",
        (D, Parameter("months", NUMBER, "zero", default=0)),
        words("The first day of the month some months later.", "若干个月之后那个月的第一天。"),
        (
            ("bomonth(date(2026, 1, 15))", date(2026, 1, 1)),
            ("bomonth(date(2026, 1, 31), -1)", date(2025, 12, 1)),
            ("bomonth(blank)", None),
        ),
        result=always(DATE),
        plain=begin_of_month,
        postgresql=begin_of_month_sql,
    ),
    Function(
        "days",
        "date",
        (Parameter("end", DAY), Parameter("start", DAY)),
        words("The number of days from a start to an end.", "从起始日到结束日的天数。"),
        (
            ("days(date(2026, 3, 1), date(2026, 2, 1))", 28),
            ("days(blank, date(2026, 1, 1))", None),
        ),
        build=_days,
    ),
    Function(
        "datedif",
        "date",
        (Parameter("start", DAY), Parameter("end", DAY), Parameter("unit", ANY)),
        words(
            "Complete days (d), months (m), years (y), or months beyond the years (ym).",
            "相差的整天数（d）、整月数（m）、整年数（y）或不足一年的整月数（ym）。",
        ),
        (
            ('datedif(date(2020, 5, 20), date(2026, 5, 19), "y")', 5),
            ('datedif(date(2026, 1, 31), date(2026, 3, 1), "m")', 1),
            ('datedif(date(2024, 1, 1), date(2026, 4, 1), "ym")', 3),
            ('datedif(date(2026, 1, 2), date(2026, 1, 1), "d")', None),
        ),
        build=_datedif,
    ),
    Function(
        "weekday",
        "date",
        (D, Parameter("type", NUMBER, default=1)),
        words(
            "The day of the week: 1 is Sunday, with type 2 it is Monday.",
            "星期几：1 为星期日；类型为 2 时 1 为星期一。",
        ),
        (("weekday(date(2026, 7, 5))", 1), ("weekday(date(2026, 7, 5), 2)", 7), ("weekday(blank)", None)),
        build=_weekday,
    ),
    Function(
        "isoweeknum",
        "date",
        (D,),
        words("The week of the year as ISO 8601 counts it.", "ISO 8601 周数。"),
        (
            ("isoweeknum(date(2026, 1, 1))", 1),
            ("isoweeknum(date(2027, 1, 1))", 53),
            ("isoweeknum(blank)", None),
        ),
        result=always(SMALL),
        plain=lambda day: day.isocalendar().week,
        postgresql=extract("week"),
    ),
    Function(
        "quarter",
        "date",
        (Parameter("day", DAY | {Kind.DATETIME}),),
        words("The quarter of the year, 1 to 4.", "季度（1 到 4）。"),
        (("quarter(date(2026, 8, 1))", 3), ("quarter(date(2026, 12, 31))", 4), ("quarter(blank)", None)),
        build=_quarter,
    ),
    Function(
        "daysinmonth",
        "date",
        (D,),
        words("How many days the month has.", "当月的天数。"),
        (
            ("daysinmonth(date(2024, 2, 1))", 29),
            ("daysinmonth(date(1900, 2, 1))", 28),
            ("daysinmonth(blank)", None),
        ),
        result=always(SMALL),
        plain=lambda day: monthrange(day.year, day.month)[1],
        postgresql=days_in_month_sql,
    ),
)
