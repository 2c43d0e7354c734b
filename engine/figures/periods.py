"""Days put together to weeks, months, quarters and years: in SQL, and in memory for the axis of a chart.

A period is named by its first day. Weeks begin on Monday (ISO 8601).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, cast, func, type_coerce

Bucket = Callable[[ColumnElement[Any]], ColumnElement[Any]]
LONGEST_AXIS = 400
"""How many periods an axis has at most; beyond it gaps are left out."""


def _quarter(day: ColumnElement[Any]) -> ColumnElement[Any]:
    month = (cast(func.substr(day, 6, 2), Integer) - 1) // 3 * 3 + 1
    return func.substr(day, 1, 4).concat(func.printf("-%02d-01", month))


SQLITE: Mapping[str, Bucket] = {
    "day": lambda day: day,
    "week": lambda day: func.date(day, "weekday 0", "-6 days"),
    "month": lambda day: func.substr(day, 1, 7).concat("-01"),
    "quarter": _quarter,
    "year": lambda day: func.substr(day, 1, 4).concat("-01-01"),
}
POSTGRESQL: Mapping[str, Bucket] = {
    "day": lambda day: day,
    **{
        name: (lambda day, name=name: func.date_trunc(name, day))  # type: ignore[misc]
        for name in ("week", "month", "quarter", "year")
    },
}
DIALECTS: Mapping[str, Mapping[str, Bucket]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def bucket(dialect: str, period: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the period that a day belongs to."""
    found = DIALECTS[dialect][period](day)
    return type_coerce(found, Date()) if dialect == "sqlite" else cast(found, Date())


def first_day(period: str, day: date) -> date:
    """The same in memory."""
    return STARTS[period](day)


def following(period: str, start: date) -> date:
    """The first day of the period after the one that begins at `start`."""
    return first_day(period, start + timedelta(days=LENGTHS[period]))


def last_day(period: str, start: date) -> date:
    """The last day of the period that begins at `start`."""
    return following(period, start) - timedelta(days=1)


def every(period: str, first: date, last: date) -> Iterator[date]:
    """The periods from the one of `first` to the one of `last`, none left out."""
    start = first_day(period, first)
    while start <= last:
        yield start
        start = following(period, start)


STARTS: Mapping[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
}
LENGTHS: Mapping[str, int] = {"day": 1, "week": 7, "month": 31, "quarter": 93, "year": 366}
"""Days after which one is in the next period for sure, and not yet in the one after it."""
