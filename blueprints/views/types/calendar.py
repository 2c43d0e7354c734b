"""The calendar: a month of days, or a week of them, with the records of each day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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
    named: bool
    """Whether its title is written: on its first day, and on the first day of each week."""


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
    entries: tuple[Entry | None, ...]
    """None where a record of another day takes the place, so that what lasts stays in one line."""
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
        "heading": in_words(at, "month"),
        "weekdays": [
            (in_words(day.date, "weekday"), in_words(day.date, "short weekday")) for day in days[:7]
        ],
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
    lines: list[dict[date, Lasting]] = []
    day = first
    while day <= last:
        if day == first or not day.weekday():
            lines = _lines(found, day, mode)
        here = [each for each in found if each.first <= day <= each.last]
        entries = [_entry(line.get(day), day) for line in lines]
        while entries and entries[-1] is None:
            entries.pop()
        held = len([each for each in entries if each])
        yield Day(
            date=day,
            number=str(day.day),
            words=in_words(day, "day with weekday"),
            here=mode == "week" or day.month == at.month,
            today=day == now,
            kind=day_kind(calendar, day),
            entries=tuple(entries),
            more=number(len(here) - held) if len(here) > held else "",
            more_url=asking.url(mode="week", at=day),
            new_url=f"{asking.base}/new?{_begun(asking, day)}" if creatable else None,
        )
        day += DAY


def _begun(asking: Asking, day: date) -> Any:
    names = [asking.options["date"], asking.options.get("end")]
    return "&".join(f"{name}={day.isoformat()}" for name in names if name)


def _lines(found: list[Lasting], monday: date, mode: str) -> list[dict[date, Lasting]]:
    """The lines of a week: what lasts several days has one of them for itself, longer ones first."""
    sunday = monday + 6 * DAY
    lines: list[dict[date, Lasting]] = []
    here = [each for each in found if each.first <= sunday and each.last >= monday]
    for each in sorted(here, key=lambda one: (max(one.first, monday), one.first - one.last)):
        begins, ends = max(each.first, monday), min(each.last, sunday)
        days = [begins + number * DAY for number in range((ends - begins).days + 1)]
        line = next((one for one in lines if not any(day in one for day in days)), None)
        if line is None:
            if mode == "month" and len(lines) == IN_A_DAY:
                # Of a thousand records in a month nobody sees the other lines.
                continue
            line = {}
            lines.append(line)
        line.update(dict.fromkeys(days, each))
    return lines


def _entry(each: Lasting | None, day: date) -> Entry | None:
    if each is None:
        return None
    begins = each.first == day
    return Entry(each, begins, each.last == day, begins or not day.weekday())
