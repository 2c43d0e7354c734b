"""What dates, months, times and instants have in common: how they are written, and their bounds in words."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache

from babel.dates import format_date

from engine.fields.field_type import JsonSchema
from engine.fields.ordered_type import OrderedType
from engine.fields.writing import half_width
from engine.text import Message, say

DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})|"
    r"\s?年\s?([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?日)"
)

DAYS_AT_MOST = 10_000
"""How many days are kept as they are written: lists show the same ones again and again."""

HALF_DAYS: Mapping[str, Callable[[int], int]] = {
    "am": lambda hour: hour % 12,
    "pm": lambda hour: hour % 12 + 12,
    "上午": lambda hour: hour % 12,
    "下午": lambda hour: hour % 12 + 12,
}

TIME = re.compile(
    r"(?:(上午|下午)\s?)?([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?)?(?:\s?([ap]m))?",
    re.IGNORECASE,
)
CHINESE_TIME = re.compile(r"([0-9]{1,2})[点时](?:([0-9]{1,2})分?)?")

BOUND_SCHEMAS: dict[str, JsonSchema] = {
    "min": {"type": "string", "description": "The earliest value that is accepted."},
    "max": {"type": "string", "description": "The latest value that is accepted."},
}


def read_date(text: str) -> date | None:
    """The date of `2026-11-21`, `2026/11/21`, `2026.11.21` or `2026年11月21日`, else None."""
    found = DATE.fullmatch(half_width(text))
    if not found:
        return None
    try:
        year, month, day = (int(each) for each in found.groups() if each is not None)
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """The time of `9:30`, `09:30:15`, `9:30 pm`, `下午9:30` or `9点30分`, else None."""
    written = CHINESE_TIME.sub(lambda found: f"{found[1]}:{int(found[2] or 0):02}", half_width(text), count=1)
    found = TIME.fullmatch(written)
    half = (found[1] or found[6] or "").lower() if found else ""
    if not found or (found[3] is None and not half):
        return None
    hour = int(found[2])
    if half and not 1 <= hour <= 12:
        return None
    hour = HALF_DAYS[half](hour) if half else hour
    try:
        return time(hour, int(found[3] or 0), int(found[4] or 0), int((found[5] or "").ljust(6, "0")))
    except ValueError:
        return None


@lru_cache(maxsize=DAYS_AT_MOST)
def shown_date(day: date, locale: str) -> str:
    """`Nov 21, 2026`, `2026年11月21日`."""
    return format_date(day, "medium", locale=locale)


def shown_time(moment: time) -> str:
    """`09:30`, with the seconds when there are any."""
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


class TimeType(OrderedType):
    """Points in time. A minimum is an earliest one."""

    group = "time"
    operators = ("eq", "before", "after", "between", "blank", "not_blank")

    def below(self, value: str, minimum: str) -> Message:
        return say("“{value}” is before the earliest allowed, {min}.", value=value, min=minimum)

    def above(self, value: str, maximum: str) -> Message:
        return say("“{value}” is after the latest allowed, {max}.", value=value, max=maximum)
