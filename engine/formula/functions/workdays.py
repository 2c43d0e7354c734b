"""Functions of working days, and days and times out of their parts."""

from collections.abc import Mapping, Sequence
from datetime import date, time

from engine.formula import construct
from engine.formula.functions.day_counts import (
    clock,
    clock_sql,
    workday,
    workday_sql,
    working_days,
    working_days_sql,
    written_day,
    written_day_sql,
)
from engine.formula.functions.function import (
    ANY,
    DAY,
    NUMBER,
    WORDS,
    Function,
    Parameter,
    always,
    table,
    words,
)
from engine.formula.functions.steps import SPAN, N
from engine.formula.functions.work_calendars import CALENDAR_STEPS, by_calendar
from engine.formula.kinds import Mismatch
from engine.formula.literals import LITERALS, written_as
from engine.formula.nodes import Call, Constant, Node
from engine.formula.nodes import Parameter as Moment
from engine.formula.types import DATE, TEXT, TIME, Kind
from engine.text import say


def _time(arguments: Sequence[Node], at: int) -> Node:
    if len(arguments) == 3:
        return Call(TIME, at, "clock", tuple(construct.days_of(each) for each in arguments))
    if len(arguments) != 1:
        raise Mismatch(say("time(…) needs hour, minute and second, or one date with time."), at)
    value = arguments[0]
    if isinstance(value, Constant) and value.type.kind is Kind.TEXT:
        return written_as(value, Kind.TIME, LITERALS[Kind.TIME][0])
    if value.type.kind is Kind.DATETIME:
        return Call(TIME, at, "local_time", (value, Moment(TEXT, at, "time_zone")))
    if value.type.kind in {Kind.TIME, Kind.BLANK}:
        return value
    raise Mismatch(say("time(…) needs hour, minute and second, or one date with time."), at)


S, E = Parameter("start", DAY), Parameter("end", DAY)
CALENDAR = Parameter("calendar", WORDS, default=None, names="calendar")
WORKDAYS: Mapping[str, Function] = table(
    Function(
        "networkdays",
        "date",
        (S, E, CALENDAR),
        words(
            "The working days between two days, both included: those of a calendar, else Monday to Friday.",
            "两个日期之间（含两端）的工作日天数：按指定的工作日历（含节假日与调休），未指定则按周一至周五。",
        ),
        (
            ("networkdays(date(2026, 7, 1), date(2026, 7, 31))", 23),
            ("networkdays(date(2026, 7, 4), date(2026, 7, 5))", 0),
            ("networkdays(date(2026, 7, 31), date(2026, 7, 1))", -23),
            ("networkdays(date(1, 1, 1), date(1, 1, 7))", 5),
            ("networkdays(blank, date(2026, 7, 1))", None),
        ),
        build=by_calendar("weekdays_between", "working_days_between", SPAN),
    ),
    Function(
        "workday",
        "date",
        (S, Parameter("days", NUMBER, "zero"), CALENDAR),
        words(
            "The day so many working days after or before a day: those of a calendar, else Monday to Friday.",
            "某日之后（或之前）若干个工作日的日期：按指定的工作日历（含节假日与调休），未指定则按周一至周五。",
        ),
        (
            ("workday(date(2026, 7, 3), 1)", date(2026, 7, 6)),
            ("workday(date(2026, 7, 4), 1)", date(2026, 7, 6)),
            ("workday(date(2026, 7, 4), -1)", date(2026, 7, 3)),
            ("workday(date(2026, 7, 6), -6)", date(2026, 6, 26)),
            ("workday(date(2026, 7, 4), 0)", date(2026, 7, 4)),
            ("workday(date(1, 1, 2), -2)", None),
            ("workday(date(9999, 12, 31), 1)", None),
            ("workday(blank, 1)", None),
        ),
        build=by_calendar("weekday_after", "working_day_after", DATE),
    ),
    Function(
        "time",
        "date",
        (Parameter("hour, minute, second", ANY, many=True),),
        words(
            "A time of day from hour, minute and second, or that of a date with time.",
            "由时分秒得到时间，或取日期时间中的时间。",
        ),
        (
            ("time(9, 30, 15)", time(9, 30, 15)),
            ("time(25, 90, 0)", time(2, 30)),
            ("time(0, 0, -1)", time(23, 59, 59)),
            ('time("09:30")', time(9, 30)),
            ("time(blank, 5, blank)", time(0, 5)),
            ("time(blank)", None),
        ),
        build=_time,
    ),
    Function(
        "datevalue",
        "date",
        (Parameter("text", WORDS, "empty"),),
        words(
            "The day that a text shows as 2026-11-21; blank when it shows none.",
            "文本（如 2026-11-21）所表示的日期，不是日期则为空。",
        ),
        (
            ('datevalue("2026-07-01")', date(2026, 7, 1)),
            ('datevalue(" 2026-07-01 ")', date(2026, 7, 1)),
            ('datevalue("2026-02-30")', None),
            ('datevalue("July")', None),
            ("datevalue(blank)", None),
        ),
        result=always(DATE),
        plain=written_day,
        postgresql=written_day_sql,
    ),
)
WORKDAY_STEPS: Mapping[str, Function] = table(
    *CALENDAR_STEPS,
    Function(
        "weekdays_between",
        "",
        (S, E),
        words("", ""),
        (),
        result=always(SPAN),
        plain=working_days,
        postgresql=working_days_sql,
    ),
    Function(
        "weekday_after",
        "",
        (S, N),
        words("", ""),
        (),
        result=always(DATE),
        plain=workday,
        postgresql=workday_sql,
    ),
    Function(
        "clock", "", (N, N, N), words("", ""), (), result=always(TIME), plain=clock, postgresql=clock_sql
    ),
)
