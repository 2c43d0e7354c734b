"""Days counted as working days or in months of thirty, and days and times out of their parts."""

import re
from datetime import date, time
from typing import Any

from sqlalchemy import Date, Integer, Time, and_, case, cast, func, literal_column, or_

from engine.formula.exact import Number
from engine.formula.functions.calendar import DAYS_ON_EARTH
from engine.formula.functions.calendar_sql import earthly, end_of_month_sql, extract
from engine.formula.functions.function import Expression, whole
from engine.formula.sql_value import bind

WRITTEN_DAY = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})\s*")
SECONDS_A_DAY = 86_400


def _worked(ordinal: int) -> int:
    """Working days from the first of January of the year 1, a Monday, up to a day."""
    return 5 * (ordinal // 7) + min(ordinal % 7, 5)


def working_days(start: date, end: date) -> int:
    """Working days from start to end, both included; negative when the end comes first."""
    first, last = min(start, end).toordinal(), max(start, end).toordinal()
    found = _worked(last) - _worked(first - 1)
    return found if start <= end else -found


def workday(start: date, count: Number) -> date | None:
    """The working day so many working days later; blank outside the years 1 to 9999."""
    if not int(count):
        return start
    if not -DAYS_ON_EARTH <= count <= DAYS_ON_EARTH:
        return None
    begin, steps = start.toordinal(), int(count)
    nth = _worked(begin) + steps if steps > 0 else _worked(begin - 1) + steps + 1
    ordinal = 7 * ((nth - 1) // 5) + (nth - 1) % 5 + 1
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def days_of_thirty(start: date, end: date, european: Number) -> int:
    """The days between two days where every month has thirty."""
    start, end = sorted((start, end))
    one, other = start.day, end.day
    if european:
        one, other = min(one, 30), min(other, 30)
    else:
        if _ends_february(start):
            other = 30 if _ends_february(end) else other
            one = 30
        other = 30 if other == 31 and one >= 30 else other
        one = min(one, 30)
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + other - one


def _ends_february(day: date) -> bool:
    return day.month == 2 and date.fromordinal(day.toordinal() + 1).month == 3


def clock(hour: Number, minute: Number, second: Number) -> time:
    """The time of day of hours, minutes and seconds that may run over."""
    seconds = (int(hour) * 3600 + int(minute) * 60 + int(second)) % SECONDS_A_DAY
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def written_day(text: str) -> date | None:
    """The day that a text shows as 2026-11-21, or None."""
    found = WRITTEN_DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _number(value: int) -> Expression:
    return literal_column(str(value), Integer())


FIRST_DAY: Expression = literal_column("DATE '0001-01-01'")


def ordinal_sql(day: Expression) -> Expression:
    """The number of the day since the first of January of the year 1, on PostgreSQL."""
    return cast(day, Date) - FIRST_DAY + _number(1)


def _worked_sql(ordinal: Expression) -> Expression:
    return _number(5) * func.div(ordinal, _number(7)) + func.least(func.mod(ordinal, _number(7)), _number(5))


def working_days_sql(start: Expression, end: Expression) -> Expression:
    """`working_days` on PostgreSQL."""

    def body(one: Expression, other: Expression) -> Expression:
        forward = _worked_sql(other) - _worked_sql(one - _number(1))
        backward = _worked_sql(one) - _worked_sql(other - _number(1))
        return case((one <= other, forward), else_=-backward)

    return bind([ordinal_sql(start), ordinal_sql(end)], body, Integer())


def workday_sql(start: Expression, count: Expression) -> Expression:
    """`workday` on PostgreSQL."""

    def body(begin: Expression, steps: Expression) -> Expression:
        later = _worked_sql(begin) + steps
        earlier = _worked_sql(begin - _number(1)) + steps + _number(1)
        nth = case((steps > _number(0), later), else_=earlier) - _number(1)
        ordinal = _number(7) * func.div(nth, _number(5)) + func.mod(nth, _number(5)) + _number(1)
        within = func.least(func.greatest(cast(ordinal, Integer), _number(0)), _number(DAYS_ON_EARTH + 2))
        reached = earthly(cast(FIRST_DAY + cast(within, Integer) - _number(1), Date))
        same = cast(FIRST_DAY + begin - _number(1), Date)
        # Before the year 1 the quotient would be cut towards zero.
        return case((steps == _number(0), same), (nth >= _number(0), reached))

    return case(
        (
            func.abs(count) <= _number(DAYS_ON_EARTH),
            bind([ordinal_sql(start), whole(count, -DAYS_ON_EARTH, DAYS_ON_EARTH)], body, Date()),
        )
    )


def days_of_thirty_sql(start: Expression, end: Expression, european: Expression) -> Expression:
    """`days_of_thirty` on PostgreSQL."""

    def body(one: Expression, other: Expression, plain: Expression) -> Expression:
        year, month, day, thirty = extract("year"), extract("month"), extract("day"), _number(30)
        both = and_(_ends_february_sql(one), _ends_february_sql(other))
        first = case((_ends_february_sql(one), thirty), else_=day(one))
        american = case(
            (or_(both, and_(day(other) == _number(31), first >= thirty)), thirty), else_=day(other)
        )
        left = case((plain != _number(0), func.least(day(one), thirty)), else_=func.least(first, thirty))
        right = case((plain != _number(0), func.least(day(other), thirty)), else_=american)
        years, months = year(other) - year(one), month(other) - month(one)
        return years * _number(360) + months * thirty + right - left

    days = cast(start, Date), cast(end, Date)
    return bind([func.least(*days), func.greatest(*days), european], body, Integer())


def _ends_february_sql(day: Expression) -> Any:
    return and_(extract("month")(day) == _number(2), day == end_of_month_sql(day, literal_column("0")))


def clock_sql(hour: Expression, minute: Expression, second: Expression) -> Expression:
    """`clock` on PostgreSQL."""
    seconds = func.trunc(hour) * _number(3600) + func.trunc(minute) * _number(60) + func.trunc(second)
    within = func.mod(
        func.mod(seconds, _number(SECONDS_A_DAY)) + _number(SECONDS_A_DAY), _number(SECONDS_A_DAY)
    )
    midnight: Expression = literal_column("TIME '00:00'")
    return cast(midnight + within * literal_column("INTERVAL '1 second'"), Time)


def written_day_sql(text: Expression) -> Expression:
    """`written_day` on PostgreSQL."""

    def body(each: Expression) -> Expression:
        shaped = each.regexp_match(r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$")
        valid = func.pg_input_is_valid(each, literal_column("'date'"))
        return case((and_(shaped, valid), cast(each, Date)))

    return bind([text], body, Date())
