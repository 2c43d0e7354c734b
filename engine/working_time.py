"""Working time: which instants belong to it, when an amount of it has passed, how many working days it has.

Everything here is exact. Hours are those of the clock on the wall, turned into instants day by day: where the
clock is put forward a working night has an hour less, where it is put back an hour more, and what the clock
leaves out begins when it has jumped.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Minutes after midnight, from and to; 1440 is the next midnight."""

WAIT = r"^[1-9][0-9]{0,5} (working )?(minute|hour|day|week)s?$"
"""How definitions write a wait: `3 days`, `2 weeks`, `8 working hours`, `2 working days`."""

MINUTES = {"minute": 1, "hour": 60}
DAYS = {"day": 1, "week": 7}
MINUTES_A_DAY = 1_440
LAST_DAY = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The hours of each day of the week, Monday first, and the days that deviate from it.

    `off` are holidays on days that are otherwise worked, `extra` days worked that are otherwise free; both in
    order. An extra day has the hours of the first day of the week that has any. At least one day has.
    """

    week: tuple[tuple[Span, ...], ...]
    off: tuple[date, ...] = ()
    extra: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """A length of time as definitions write it: whole days, else a length; of all time or of working time."""

    days: int
    length: timedelta
    working: bool


def read_wait(text: str) -> Wait | None:
    """What `3 days` or `8 working hours` means; None for anything that WAIT does not describe.

    A working week is not one of them: write `5 working days`.
    """
    if not re.fullmatch(WAIT, text) or ("working" in text and "week" in text):
        return None
    count, *_, unit = text.removesuffix("s").split()
    return Wait(
        days=int(count) * DAYS.get(unit, 0),
        length=timedelta(minutes=int(count) * MINUTES.get(unit, 0)),
        working="working" in text,
    )


def wait_until(wait: Wait, start: datetime, calendar: WorkingCalendar | None, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the wait that begins at `start` is over.

    Days end at the same time of day as they begin, working days on one of the calendar's. A calendar is
    needed for working time only. Raises OverflowError after the year 9999.
    """
    if wait.length:
        if not wait.working:
            return start.astimezone(UTC) + wait.length
        assert calendar is not None
        return add_working(calendar, start, wait.length, zone)
    wall = start.astimezone(zone).replace(tzinfo=None)
    if wait.working:
        assert calendar is not None
        day = add_working_days(calendar, wall.date(), wait.days)
        if day is None:
            raise OverflowError("The working time ends after the year 9999.")
    else:
        day = wall.date() + timedelta(days=wait.days)
    return _shown(datetime.combine(day, wall.time()), zone)


def make_calendar(
    week: Sequence[Sequence[Span]], holidays: Iterable[date] = (), extra: Iterable[date] = ()
) -> WorkingCalendar:
    """The calendar; holidays on free days and extra days that are worked anyway say nothing new."""
    hours = tuple(tuple(sorted(spans)) for spans in week)
    assert len(hours) == 7
    assert any(hours)
    return WorkingCalendar(
        hours,
        tuple(sorted({day for day in holidays if hours[day.weekday()]})),
        tuple(sorted({day for day in extra if not hours[day.weekday()]})),
    )


def is_working_day(calendar: WorkingCalendar, day: date) -> bool:
    """Whether there is any working time on the day."""
    return bool(hours_of(calendar, day))


def hours_of(calendar: WorkingCalendar, day: date) -> tuple[Span, ...]:
    """The working hours of a day, in order."""
    if _among(calendar.off, day):
        return ()
    usual = calendar.week[day.weekday()]
    if not usual and _among(calendar.extra, day):
        return next(each for each in calendar.week if each)
    return usual


def is_working(calendar: WorkingCalendar, at: datetime, zone: ZoneInfo) -> bool:
    """Whether an instant is within working time; the end of a span is not."""
    day = at.astimezone(zone).date()
    return any(begin <= at < end for begin, end in _spans(calendar, day, zone))


def add_working(calendar: WorkingCalendar, start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which so much working time has passed since `start`.

    `length` is not negative. Raises OverflowError after the year 9999.
    """
    left = length
    at = start.astimezone(UTC)
    if not left:
        return at
    for begin, end in _spans_from(calendar, at, zone):
        worked = end - max(begin, at)
        if worked >= left:
            return max(begin, at) + left
        left -= max(worked, timedelta())
    raise OverflowError("The working time ends after the year 9999.")


def working_between(calendar: WorkingCalendar, start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """How much working time lies between two instants; none when the second is not the later one."""
    total = timedelta()
    for first, last in _spans_from(calendar, start, zone):
        if first >= end:
            break
        total += max(min(last, end) - max(first, start), timedelta())
    return total


def working_days(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Working days from start to end, both included; negative when the end comes first."""
    first, last = min(start, end).toordinal(), max(start, end).toordinal()
    found = _worked(calendar, last) - _worked(calendar, first - 1)
    return found if start <= end else -found


def add_working_days(calendar: WorkingCalendar, start: date, count: int) -> date | None:
    """The working day so many working days later, or earlier; None outside the years 1 to 9999."""
    if not count:
        return start
    ordinal = start.toordinal()
    wanted = _worked(calendar, ordinal) + count if count > 0 else _worked(calendar, ordinal - 1) + count + 1
    if not 0 < wanted <= _worked(calendar, LAST_DAY):
        return None
    low, high = 1, LAST_DAY
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _worked(calendar, middle) >= wanted else (middle + 1, high)
    return date.fromordinal(low)


def _worked(calendar: WorkingCalendar, ordinal: int) -> int:
    """Working days from the first of January of the year 1, a Monday, up to a day."""
    weeks, days = divmod(ordinal, 7)
    usual = [bool(spans) for spans in calendar.week]
    total = weeks * sum(usual) + sum(usual[:days])
    if ordinal < 1:
        return total
    day = date.fromordinal(ordinal)
    return total - bisect_right(calendar.off, day) + bisect_right(calendar.extra, day)


def _among(days: tuple[date, ...], day: date) -> bool:
    place = bisect_right(days, day)
    return place > 0 and days[place - 1] == day


def _spans_from(
    calendar: WorkingCalendar, start: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """The spans of working time that end after an instant, in order."""
    first = start.astimezone(zone).date().toordinal()
    # The spans of the day before may run past midnight where the clock is put back at midnight.
    for ordinal in range(max(first - 1, 1), LAST_DAY):
        for begin, end in _spans(calendar, date.fromordinal(ordinal), zone):
            if end > start:
                yield begin, end


def _spans(calendar: WorkingCalendar, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    for begin, end in hours_of(calendar, day):
        yield _instant(day, begin, zone), _instant(day, end, zone)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clock on the wall shows so many minutes after midnight."""
    days, rest = divmod(minutes, MINUTES_A_DAY)
    return _shown(datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60)), zone)


def _shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows `wall`, or at which it jumps over it."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    low, high = found - timedelta(days=1), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high
