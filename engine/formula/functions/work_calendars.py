"""Working days by a calendar with its own week, holidays and make-up days.

In a checked formula a calendar stands as a text of three parts: the week as `1111100`, the holidays and the
make-up days as the numbers of days since the year 1.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import ARRAY, Date, Integer, case, cast, func, literal_column, select

from engine.formula import construct
from engine.formula.exact import Number
from engine.formula.functions.calendar_sql import earthly
from engine.formula.functions.day_counts import FIRST_DAY, ordinal_sql
from engine.formula.functions.function import (
    DAY,
    WORDS,
    Expression,
    Function,
    Parameter,
    always,
    whole,
    words,
)
from engine.formula.functions.steps import SPAN, N
from engine.formula.nodes import Call, Constant, Node
from engine.formula.sql_value import bind
from engine.formula.types import DATE, TEXT, Type
from engine.working_time import LAST_DAY, WorkingCalendar, add_working_days, make_calendar, working_days

MOST_DAYS = 10_000
"""Working days to count forward or back by a calendar: forty years."""


def written_calendar(calendar: WorkingCalendar) -> str:
    """The calendar as a text."""
    week = "".join("1" if hours else "0" for hours in calendar.week)
    days = (",".join(str(day.toordinal()) for day in each) for each in (calendar.off, calendar.extra))
    return "|".join((week, *days))


@lru_cache(maxsize=200)
def _read(week: str, off: str, extra: str) -> WorkingCalendar:
    """The calendar of the three parts of its text; how long its days are is not known."""
    holidays, worked = (
        [date.fromordinal(int(day)) for day in each.split(",")] if each else [] for each in (off, extra)
    )
    return make_calendar([((0, 1),) if day == "1" else () for day in week], holidays, worked)


def by_calendar(weekdays: str, calendar_days: str, result: Type) -> Callable[[Sequence[Node], int], Node]:
    """Builds the call of one step when no calendar is named, and of the other with the calendar's parts."""

    def build(arguments: Sequence[Node], at: int) -> Node:
        start, other, calendar = arguments
        given = (start, construct.operand(other) if result is DATE else other)
        assert isinstance(calendar, Constant)
        if calendar.value is None:
            return Call(result, at, weekdays, given)
        parts = (Constant(TEXT, at, part) for part in calendar.value.split("|"))
        return Call(result, at, calendar_days, (*given, *parts))

    return build


def _days_between(start: date, end: date, week: str, off: str, extra: str) -> int:
    return working_days(_read(week, off, extra), start, end)


def _day_after(start: date, count: Number, week: str, off: str, extra: str) -> date | None:
    if not -MOST_DAYS <= count <= MOST_DAYS:
        return None
    return add_working_days(_read(week, off, extra), start, int(count))


def _number(value: int) -> Expression:
    return literal_column(str(value), Integer())


def _days(listed: Expression) -> Expression:
    return cast(func.string_to_array(listed, literal_column("','")), ARRAY(Integer))


def _worked(ordinal: Expression, week: Expression, off: Expression, extra: Expression) -> Expression:
    """Working days since the year 1 up to a day: of the usual weeks, less holidays, and make-up days."""

    def worked(days: Expression) -> Expression:
        return func.length(func.replace(days, literal_column("'0'"), literal_column("''")))

    weeks, rest = func.div(ordinal, _number(7)), cast(func.mod(ordinal, _number(7)), Integer)
    usual = worked(week) * weeks + worked(func.left(week, rest))
    return (
        cast(usual, Integer)
        - func.width_bucket(ordinal, _days(off))
        + func.width_bucket(ordinal, _days(extra))
    )


def _days_between_sql(
    start: Expression, end: Expression, week: Expression, off: Expression, extra: Expression
) -> Expression:
    def body(one: Expression, other: Expression) -> Expression:
        low, high = func.least(one, other), func.greatest(one, other)
        found = _worked(high, week, off, extra) - _worked(low - _number(1), week, off, extra)
        # Not `else`: where a day is blank, so is the result, though least() and greatest() pass it over.
        return case((one <= other, found), (one > other, -found))

    return bind([ordinal_sql(start), ordinal_sql(end)], body, Integer())


def _day_after_sql(
    start: Expression, count: Expression, week: Expression, off: Expression, extra: Expression
) -> Expression:
    def body(begin: Expression, steps: Expression) -> Expression:
        later = _worked(begin, week, off, extra) + steps
        earlier = _worked(begin - _number(1), week, off, extra) + steps + _number(1)
        wanted = case((steps > _number(0), later), else_=earlier)
        # So many days hold enough working days, even when one a week is worked and all holidays lie in them.
        reach = _number(7) * (func.abs(steps) + func.cardinality(_days(off)) + _number(2))
        first = func.greatest(begin - reach, _number(1))
        last = func.least(begin + reach, _number(LAST_DAY))
        days = func.generate_series(first, last).table_valued("day").render_derived()
        found = (
            select(func.min(days.c.day))
            .where(_worked(days.c.day, week, off, extra) == wanted)
            .correlate_except(days)
            .scalar_subquery()
        )
        reached = case((wanted >= _number(1), FIRST_DAY + cast(found, Integer) - _number(1)))
        same = FIRST_DAY + begin - _number(1)
        return case((steps == _number(0), cast(same, Date)), else_=earthly(cast(reached, Date)))

    return case(
        (
            func.abs(count) <= _number(MOST_DAYS),
            bind([ordinal_sql(start), whole(count, -MOST_DAYS, MOST_DAYS)], body, Date()),
        )
    )


S, E = Parameter("start", DAY), Parameter("end", DAY)
PARTS = tuple(Parameter(name, WORDS, "empty") for name in ("week", "off", "extra"))
CALENDAR_STEPS = (
    Function(
        "working_days_between",
        "",
        (S, E, *PARTS),
        words("", ""),
        (),
        result=always(SPAN),
        plain=_days_between,
        postgresql=_days_between_sql,
    ),
    Function(
        "working_day_after",
        "",
        (S, N, *PARTS),
        words("", ""),
        (),
        result=always(DATE),
        plain=_day_after,
        postgresql=_day_after_sql,
    ),
)
