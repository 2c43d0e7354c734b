"""The calendar: a month of days, or a week of them, with the records of each day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blueprints import visitor
from blueprints.values import number
from blueprints.views.days import (
    DAY,
    Lasting,
    day_kind,
    holidays_of,
    in_words,
    lasting,
    movable,
    read_day,
    today,
)
from blueprints.views.drawing import Asking, Drawn
from engine.access.policy import may

IN_A_DAY = 4
"""How many records a day of a month shows; a click on the rest opens the week."""
MODES = ("month", "week")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on one of its days; `first` and `last` tell whether it begins and ends on it."""

    lasting: Lasting
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its records."""

    date: date
    number: str
    words: str
    here: bool
    """Whether it belongs to the month that is looked at."""
    today: bool
    kind: str
    entries: tuple[Entry, ...]
    more: str
    more_url: str
    new_url: str | None


def draw(asking: Asking) -> Drawn:
    """The month or week that the address names, or that of today."""
    mode = asking.arguments.get("mode", "")
    mode = mode if mode in MODES else "month"
    at = read_day(asking.arguments.get("at")) or today()
    first, last = _span(mode, at)
    start, end = asking.options["date"], asking.options.get("end")
    found, capped, problem = lasting(asking, start, end, first, last)
    days = list(_days(asking, mode, at, first, last, found))
    before, after = _neighbours(mode, at)
    context = {
        "mode": mode,
        "heading": in_words(at, "LLLL y") if visitor.locale() != "zh" else in_words(at, "y年M月"),
        "weekdays": [(in_words(day.date, "EEEE"), in_words(day.date, "EEE")) for day in days[:7]],
        "weeks": [days[number : number + 7] for number in range(0, len(days), 7)],
        "previous_url": asking.url(mode=mode, at=before),
        "following_url": asking.url(mode=mode, at=after),
        "today_url": asking.url(mode=mode),
        "modes": [
            {"name": each, "url": asking.url(mode=each, at=at), "current": each == mode} for each in MODES
        ],
        "capped": capped,
        "movable": movable(asking, start, end),
        "api_url": f"/api/v1/{asking.entity.key.replace('.', '/')}",
        "start_field": start,
        "end_field": end or "",
        "empty": not found,
    }
    return Drawn("views/calendar.html", context, problem)


def _span(mode: str, at: date) -> tuple[date, date]:
    if mode == "week":
        monday = at - timedelta(days=at.weekday())
        return monday, monday + 6 * DAY
    begins = at.replace(day=1)
    ends = (begins + timedelta(days=31)).replace(day=1) - DAY
    return begins - timedelta(days=begins.weekday()), ends + timedelta(days=6 - ends.weekday())


def _neighbours(mode: str, at: date) -> tuple[date, date]:
    if mode == "week":
        return at - 7 * DAY, at + 7 * DAY
    begins = at.replace(day=1)
    return (begins - DAY).replace(day=1), (begins + 31 * DAY).replace(day=1)


def _days(
    asking: Asking, mode: str, at: date, first: date, last: date, found: list[Lasting]
) -> Iterator[Day]:
    calendar = holidays_of(asking)
    creatable = may(asking.transaction, "create", asking.entity).allowed
    now = today()
    day = first
    while day <= last:
        entries = [_entry(each, day) for each in found if each.first <= day <= each.last]
        shown = entries if mode == "week" else entries[:IN_A_DAY]
        yield Day(
            date=day,
            number=str(day.day),
            words=in_words(day, "EEEE, d MMMM") if visitor.locale() != "zh" else in_words(day, "M月d日 EEEE"),
            here=mode == "week" or day.month == at.month,
            today=day == now,
            kind=day_kind(calendar, day),
            entries=tuple(shown),
            more=number(len(entries) - len(shown)) if len(entries) > len(shown) else "",
            more_url=asking.url(mode="week", at=day),
            new_url=f"{asking.base}/new?{_begun(asking, day)}" if creatable else None,
        )
        day += DAY


def _begun(asking: Asking, day: date) -> Any:
    names = [asking.options["date"], asking.options.get("end")]
    return "&".join(f"{name}={day.isoformat()}" for name in names if name)


def _entry(each: Lasting, day: date) -> Entry:
    return Entry(each, each.first == day, each.last == day)
