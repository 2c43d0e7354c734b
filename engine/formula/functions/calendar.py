"""Days and months in memory. What runs past the end of a month ends on its last day."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

DAYS_ON_EARTH = 3_652_058


MONTHS_ON_EARTH = 119_988


def add_days(day: date, count: Decimal | int) -> date | None:
    """The day `count` days later; blank outside the years 1 to 9999."""
    if not -DAYS_ON_EARTH <= count <= DAYS_ON_EARTH:
        return None
    ordinal = day.toordinal() + int(count)
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def add_months(day: date, count: Decimal | int) -> date | None:
    """The same day of the month `count` months later, or that month's last day."""
    if not -MONTHS_ON_EARTH <= count <= MONTHS_ON_EARTH:
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


def calendar(year: int, month: int, day: int) -> date | None:
    """The day of a year, month and day that may run over; blank outside the years 1 to 9999."""
    if not 1 <= year <= 9999:
        return None
    first = add_months(date(int(year), 1, 1), int(month) - 1)
    return first and add_days(first, int(day) - 1)


def complete_months(start: date, end: date) -> int | None:
    """The complete months from `start` to `end`; blank when it ends before it starts."""
    if end < start:
        return None
    return months_between(end, start) - (1 if end.day < start.day else 0)


def seconds_of(length: timedelta) -> int:
    """A duration in seconds."""
    return length.days * 86_400 + length.seconds
