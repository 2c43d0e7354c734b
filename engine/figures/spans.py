"""The periods that a dashboard offers, as days; and the period before, to compare with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.figures.periods import first_day, following

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last."""

    first: date
    last: date


def _this(period: str) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        start = first_day(period, today)
        return Span(start, following(period, start) - DAY)

    return span


def _last(period: str) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        end = first_day(period, today) - DAY
        return Span(first_day(period, end), end)

    return span


def _months(count: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        this = first_day("month", today)
        if count < 0:
            return Span(_moved(this, count + 1), following("month", this) - DAY)
        return Span(this, _moved(this, count) - DAY)

    return span


def _moved(start: date, months: int) -> date:
    at = start.year * 12 + start.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


SPANS: Mapping[str, Callable[[date], Span]] = {
    "this_month": _this("month"),
    "last_month": _last("month"),
    "this_quarter": _this("quarter"),
    "last_quarter": _last("quarter"),
    "this_year": _this("year"),
    "last_year": _last("year"),
    "last_12_months": _months(-12),
    "next_12_months": _months(12),
}
"""Period → its days, of a given today; `all` has none."""


def span_of(period: str | None, today: date) -> Span | None:
    """The days of a period; None for all of them."""
    found = SPANS.get(period or "")
    return found(today) if found else None


def before(span: Span) -> Span:
    """The span of the same length before: as many months where it is whole months, else as many days."""
    after = span.last + DAY
    if span.first.day == 1 and after.day == 1:
        months = (after.year - span.first.year) * 12 + after.month - span.first.month
        return Span(_moved(span.first, -months), span.first - DAY)
    return Span(span.first - (span.last - span.first) - DAY, span.first - DAY)


def condition(field: str, span: Span) -> str:
    """The formula for records of these days."""
    first, last = (f"date({day.year}, {day.month}, {day.day})" for day in (span.first, span.last))
    return f"{field} >= {first} and {field} <= {last}"
