"""Functions of days, months and times. What runs past the end of a month ends on its last day."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, Integer, Time, case, cast, func, literal_column

from engine.formula import construct
from engine.formula.construct import Mismatch, choose, compare, constant, written_as
from engine.formula.functions.function import (
    ANY,
    DAY,
    NUMBER,
    Expression,
    Function,
    Parameter,
    always,
    table,
    whole,
    words,
    written_number,
)
from engine.formula.nodes import Call, Constant, Node
from engine.formula.nodes import Parameter as Moment
from engine.formula.sql_value import bind
from engine.formula.types import DATE, DATETIME, INTEGER, TEXT, Kind, Type
from engine.text import say

DAYS_ON_EARTH = 3_652_058
MONTHS_ON_EARTH = 119_988
SMALL = replace(INTEGER, digits=2)
YEAR = replace(INTEGER, digits=4)
SPAN = replace(INTEGER, digits=8)
D = Parameter("day", DAY)
HAS_TIME = frozenset({Kind.DATETIME, Kind.TIME, Kind.BLANK})


def add_days(day: date, count: Decimal | int) -> date | None:
    """The day `count` days later; blank outside the years 1 to 9999."""
    if abs(count) > DAYS_ON_EARTH:
        return None
    ordinal = day.toordinal() + int(count)
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def add_months(day: date, count: Decimal | int) -> date | None:
    """The same day of the month `count` months later, or that month's last day."""
    if abs(count) > MONTHS_ON_EARTH:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + int(count), 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_month(day: date, count: Decimal | int) -> date | None:
    """The last day of the month `count` months later."""
    found = add_months(day, count)
    return found and found.replace(day=monthrange(found.year, found.month)[1])


def begin_of_month(day: date, count: Decimal | int) -> date | None:
    """The first day of the month `count` months later."""
    found = add_months(day, count)
    return found and found.replace(day=1)


def days_between(later: date, earlier: date) -> int:
    """The number of days from `earlier` to `later`."""
    return later.toordinal() - earlier.toordinal()


def months_between(later: date, earlier: date) -> int:
    """The number of calendar months from `earlier` to `later`, days aside."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def local(instant: datetime, zone: str) -> datetime:
    """The instant on the clocks of a time zone, without the zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _calendar(year: int, month: int, day: int) -> date | None:
    if not 1 <= year <= 9999:
        return None
    first = add_months(date(int(year), 1, 1), int(month) - 1)
    return first and add_days(first, int(day) - 1)


def _complete_months(start: date, end: date) -> int | None:
    if end < start:
        return None
    return months_between(end, start) - (1 if end.day < start.day else 0)


def part(expression: Expression, field: str) -> Expression:
    """A part of a date, as a database integer."""
    return cast(func.extract(literal_column(field), expression), Integer)


def _extract(field: str) -> Callable[[Expression], Expression]:
    from_ = {"year": "YEAR"}.get(field, field)
    return lambda day: func.date_part(literal_column(f"'{from_}'"), day).cast(Integer)


def earthly(day: Expression) -> Expression:
    """The date, or blank outside the years 1 to 9999."""
    first, last = literal_column("DATE '0001-01-01'"), literal_column("DATE '9999-12-31'")
    return bind([day], lambda each: case((each.between(first, last), each)), Date())


def add_days_sql(day: Expression, count: Expression) -> Expression:
    """add_days on PostgreSQL."""
    inside = func.abs(count) <= literal_column(str(DAYS_ON_EARTH))
    moved = day + whole(count, -DAYS_ON_EARTH, DAYS_ON_EARTH)
    return case((inside, earthly(cast(moved, Date))))


def add_months_sql(day: Expression, count: Expression) -> Expression:
    """add_months on PostgreSQL."""
    inside = func.abs(count) <= literal_column(str(MONTHS_ON_EARTH))
    interval = _months(whole(count, -MONTHS_ON_EARTH, MONTHS_ON_EARTH))
    return case((inside, earthly(cast(cast(day, Date) + interval, Date))))


def _months(count: Expression) -> Expression:
    return func.make_interval(literal_column("0"), count)


def _begin_of_month_sql(day: Expression, count: Expression) -> Expression:
    return cast(func.date_trunc(literal_column("'month'"), add_months_sql(day, count)), Date)


def _end_of_month_sql(day: Expression, count: Expression) -> Expression:
    first = func.date_trunc(literal_column("'month'"), add_months_sql(day, count))
    return cast(first + literal_column("INTERVAL '1 month - 1 day'"), Date)


def _calendar_sql(year: Expression, month: Expression, day: Expression) -> Expression:
    inside = year.between(literal_column("1"), literal_column("9999"))
    first = func.make_date(whole(year, 1, 9999), literal_column("1"), literal_column("1"))
    return case((inside, add_days_sql(add_months_sql(first, month - 1), day - 1)))


def months_between_sql(later: Expression, earlier: Expression) -> Expression:
    """months_between on PostgreSQL."""
    year, month = _extract("year"), _extract("month")
    return (year(later) - year(earlier)) * literal_column("12") + month(later) - month(earlier)


def _complete_months_sql(start: Expression, end: Expression) -> Expression:
    day = _extract("day")
    incomplete = case((day(end) < day(start), literal_column("1")), else_=literal_column("0"))
    return case((end >= start, months_between_sql(end, start) - incomplete))


def _days_in_month_sql(day: Expression) -> Expression:
    return _extract("day")(_end_of_month_sql(day, literal_column("0")))


def _substring(start: int, length: int) -> Callable[[Expression], Expression]:
    places = literal_column(str(start)), literal_column(str(length))
    return lambda day: cast(func.substr(day, *places), BigInteger)


def day_part(name: str, en: str, zh: str, *examples: tuple[str, Any]) -> Function:
    """A function that reads a part of a day; of a date with time the day in the workspace's time zone."""

    def build(arguments: Sequence[Node], at: int) -> Node:
        return Call(YEAR if name == "year" else SMALL, at, name + "_of", (local_day(arguments[0], at),))

    return Function(
        name, "date", (Parameter("day", DAY | {Kind.DATETIME}),), words(en, zh), examples, build=build,
    )  # fmt: skip


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
        return written_as(value, Kind.DATE, construct.LITERALS[Kind.DATE][0])
    if value.type.kind not in {Kind.DATETIME, Kind.DATE, Kind.MONTH, Kind.BLANK}:
        raise Mismatch(
            say("date(…) takes a date with time, not {kind}.", kind=construct.kind_name(value.type)), value.at
        )
    return local_day(replace(value, type=DATE) if value.type.kind is Kind.MONTH else value, at)


def _quarter(arguments: Sequence[Node], at: int) -> Node:
    month = Call(SMALL, at, "month_of", (local_day(arguments[0], at),))
    return construct.rounded(construct.divide(month, constant(3, at), at), "ceiling", 0, at)


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
    return choose(construct.is_blank(months, at), constant(None, at), whole_years, at)


def _weekday(arguments: Sequence[Node], at: int) -> Node:
    day, first = arguments
    monday = written_number(first, 1, 2) == 2
    return Call(SMALL, at, "weekday_from_monday" if monday else "weekday_from_sunday", (day,))


def primitive(
    name: str, parameters: tuple[Parameter, ...], result: Type, plain: Callable[..., Any],
    postgresql: Callable[..., Expression], sqlite: Callable[..., Expression] | None = None,
) -> Function:  # fmt: skip
    """A step that the language has no name for; other functions and operators are built of it."""
    return Function(
        name, "", parameters, words("", ""), (), result=always(result), plain=plain, postgresql=postgresql, sqlite=sqlite
    )  # fmt: skip


def seconds_of(length: timedelta) -> int:
    """A duration in seconds."""
    return length.days * 86_400 + length.seconds


N = Parameter("count", NUMBER, "zero")
DATES: Mapping[str, Function] = table(
    day_part("year", "The year of a day.", "日期的年份。", ('year(date("2026-07-01"))', 2026), ("year(blank)", None)),
    day_part("month", "The month of a day, 1 to 12.", "日期的月份（1 到 12）。", ("month(date(2026, 7, 1))", 7)),
    day_part("day", "The day of the month.", "日期是当月第几天。", ("day(date(2026, 7, 31))", 31)),
    Function("date", "date", (Parameter("year, month, day", ANY, many=True),),
             words("A day from year, month and day, or the day of a date with time.", "由年月日得到日期，或取日期时间中的日期。"),
             (("date(2026, 13, 1)", date(2027, 1, 1)), ("date(2026, 3, 0)", date(2026, 2, 28)), ("date(0, 1, 1)", None),
              ('date("2026-07-01")', date(2026, 7, 1))), build=_date),
    Function("hour", "date", (Parameter("time", HAS_TIME),), words("The hour, 0 to 23.", "小时（0 到 23）。"), (), build=_clock("hour")),
    Function("minute", "date", (Parameter("time", HAS_TIME),), words("The minute, 0 to 59.", "分钟（0 到 59）。"), (), build=_clock("minute")),
    Function("second", "date", (Parameter("time", HAS_TIME),), words("The second, 0 to 59.", "秒（0 到 59）。"), (), build=_clock("second")),
    Function("edate", "date", (D, Parameter("months", NUMBER, "zero")),
             words("The same day some months later, at most the month's last.", "若干个月之后的同一天，不超过月末。"),
             (("edate(date(2026, 1, 31), 1)", date(2026, 2, 28)), ("edate(date(2024, 2, 29), -12)", date(2023, 2, 28)),
              ("edate(date(2026, 1, 1), 9999999)", None)),
             result=always(DATE), plain=add_months, postgresql=add_months_sql),
    Function("eomonth", "date", (D, Parameter("months", NUMBER, "zero", default=0)),
             words("The last day of the month some months later.", "若干个月之后那个月的最后一天。"),
             (("eomonth(date(2026, 1, 15), 1)", date(2026, 2, 28)), ("eomonth(date(2026, 7, 1))", date(2026, 7, 31))),
             result=always(DATE), plain=end_of_month, postgresql=_end_of_month_sql),
    Function("bomonth", "date", (D, Parameter("months", NUMBER, "zero", default=0)),
             words("The first day of the month some months later.", "若干个月之后那个月的第一天。"),
             (("bomonth(date(2026, 1, 15))", date(2026, 1, 1)), ("bomonth(date(2026, 1, 31), -1)", date(2025, 12, 1))),
             result=always(DATE), plain=begin_of_month, postgresql=_begin_of_month_sql),
    Function("days", "date", (Parameter("end", DAY), Parameter("start", DAY)),
             words("The number of days from a start to an end.", "从起始日到结束日的天数。"),
             (("days(date(2026, 3, 1), date(2026, 2, 1))", 28), ("days(blank, date(2026, 1, 1))", None)), build=_days),
    Function("datedif", "date", (Parameter("start", DAY), Parameter("end", DAY), Parameter("unit", ANY)),
             words("Complete days (d), months (m), years (y), or months beyond the years (ym).",
                   "相差的整天数（d）、整月数（m）、整年数（y）或不足一年的整月数（ym）。"),
             (('datedif(date(2020, 5, 20), date(2026, 5, 19), "y")', 5), ('datedif(date(2026, 1, 31), date(2026, 3, 1), "m")', 1),
              ('datedif(date(2024, 1, 1), date(2026, 4, 1), "ym")', 3), ('datedif(date(2026, 1, 2), date(2026, 1, 1), "d")', None)),
             build=_datedif),
    Function("weekday", "date", (D, Parameter("type", NUMBER, default=1)),
             words("The day of the week: 1 is Sunday, with type 2 it is Monday.", "星期几：1 为星期日；类型为 2 时 1 为星期一。"),
             (("weekday(date(2026, 7, 5))", 1), ("weekday(date(2026, 7, 5), 2)", 7)), build=_weekday),
    Function("isoweeknum", "date", (D,), words("The week of the year as ISO 8601 counts it.", "ISO 8601 周数。"),
             (("isoweeknum(date(2026, 1, 1))", 1), ("isoweeknum(date(2027, 1, 1))", 53)),
             result=always(SMALL), plain=lambda day: day.isocalendar().week, postgresql=_extract("week")),
    Function("quarter", "date", (Parameter("day", DAY | {Kind.DATETIME}),),
             words("The quarter of the year, 1 to 4.", "季度（1 到 4）。"), (("quarter(date(2026, 8, 1))", 3),), build=_quarter),
    Function("daysinmonth", "date", (D,), words("How many days the month has.", "当月的天数。"),
             (("daysinmonth(date(2024, 2, 1))", 29),),
             result=always(SMALL), plain=lambda day: monthrange(day.year, day.month)[1], postgresql=_days_in_month_sql),
)  # fmt: skip

STEPS: Mapping[str, Function] = table(
    primitive("year_of", (D,), YEAR, lambda day: day.year, _extract("year"), _substring(1, 4)),
    primitive("month_of", (D,), SMALL, lambda day: day.month, _extract("month"), _substring(6, 2)),
    primitive("day_of", (D,), SMALL, lambda day: day.day, _extract("day"), _substring(9, 2)),
    primitive("add_days", (D, N), DATE, add_days, add_days_sql),
    primitive("subtract_days", (D, N), DATE, lambda day, count: add_days(day, -count),
              lambda day, count: add_days_sql(day, -count)),
    primitive("add_months", (D, N), Type(Kind.MONTH), begin_of_month, _begin_of_month_sql),
    primitive("subtract_months", (D, N), Type(Kind.MONTH), lambda day, count: begin_of_month(day, -count),
              lambda day, count: _begin_of_month_sql(day, -count)),
    primitive("days_between", (D, D), SPAN, days_between, lambda later, earlier: cast(later, Date) - cast(earlier, Date)),
    primitive("months_between", (D, D), SPAN, months_between, months_between_sql),
    primitive("complete_months", (D, D), SPAN, _complete_months, _complete_months_sql),
    primitive("calendar_day", (N, N, N), DATE, _calendar, _calendar_sql),
    primitive("first_of_month", (D,), Type(Kind.MONTH), lambda day: day.replace(day=1),
              lambda day: cast(func.date_trunc(literal_column("'month'"), day), Date)),
    primitive("weekday_from_monday", (D,), SMALL, lambda day: day.isoweekday(), _extract("isodow")),
    primitive("weekday_from_sunday", (D,), SMALL, lambda day: day.isoweekday() % 7 + 1,
              lambda day: _extract("dow")(day) + literal_column("1")),
    primitive("local_day", (D, D), DATE, lambda instant, zone: local(instant, zone).date(),
              lambda instant, zone: cast(func.timezone(zone, instant), Date)),
    primitive("local_time", (D, D), Type(Kind.TIME), lambda instant, zone: local(instant, zone).time(),
              lambda instant, zone: cast(func.timezone(zone, instant), Time)),
    primitive("hour_of", (D,), SMALL, lambda clock: clock.hour, _extract("hour")),
    primitive("minute_of", (D,), SMALL, lambda clock: clock.minute, _extract("minute")),
    primitive("second_of", (D,), SMALL, lambda clock: clock.second,
              lambda clock: cast(func.trunc(func.date_part(literal_column("'second'"), clock)), Integer)),
    primitive("add_durations", (D, D), Type(Kind.DURATION), lambda one, other: one + other, lambda one, other: one + other,
              lambda one, other: one + other),
    primitive("subtract_durations", (D, D), Type(Kind.DURATION), lambda one, other: one - other, lambda one, other: one - other,
              lambda one, other: one - other),
    primitive("seconds_of", (D,), replace(INTEGER, digits=12), seconds_of, lambda length: length, lambda length: length),
    primitive("duration_of", (N,), Type(Kind.DURATION), lambda count: timedelta(seconds=int(count)),
              lambda count: cast(count, BigInteger), lambda count: count),
    primitive("add_duration", (D, D), DATETIME, lambda instant, length: instant + length,
              lambda instant, length: instant + _seconds(length)),
    primitive("subtract_duration", (D, D), DATETIME, lambda instant, length: instant - length,
              lambda instant, length: instant - _seconds(length)),
    primitive("duration_between", (D, D), Type(Kind.DURATION), lambda later, earlier: timedelta(seconds=seconds_of(later - earlier)),
              lambda later, earlier: cast(func.floor(func.date_part(literal_column("'epoch'"), later - earlier)), BigInteger)),
)  # fmt: skip


def _seconds(length: Expression) -> Expression:
    zero = literal_column("0")
    return func.make_interval(zero, zero, zero, zero, zero, zero, length)
