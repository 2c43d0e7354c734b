"""Instants: kept in UTC to the millisecond, shown and typed in the person's time zone."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type
from engine.fields.time_type import BOUND_SCHEMAS, TimeType, read_date, read_time, shown_date, shown_time
from engine.fields.writing import half_width
from engine.formula.sql_types import UtcDateTime
from engine.formula.types import DATETIME, Type
from engine.text import Text, say

ZONE = re.compile(r"(.*[0-9])\s?(Z|[+-][0-9]{2}:?[0-9]{2})", re.IGNORECASE)
PARTS = re.compile(r"([0-9]{4}.*?(?:[0-9]|日))(?:T|\s*)((?:上午|下午)?\s?[0-9]{1,2}[:点时].*)", re.IGNORECASE)

JSON_FORM = (
    "^[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?"
    "(Z|[+-][0-9]{2}:[0-9]{2})$"
)
"""A regular expression of RFC 3339."""

EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 29, tzinfo=UTC)
"""A margin at both ends of the calendar, so that every time zone has a date for the instant."""


def read_offset(text: str) -> timezone | None:
    """The zone of `Z`, `+08:00` or `+0800`; None beyond 24 hours."""
    if text.upper() == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if text[0] == "-" else length)


def read_wall_clock(text: str) -> datetime | None:
    """The date and time as a clock on the wall shows them, without a zone; None when the text has none."""
    parts = PARTS.fullmatch(text)
    day, moment = (read_date(parts[1]), read_time(parts[2])) if parts else (read_date(text), None)
    if day is None or (parts and moment is None):
        return None
    return datetime.combine(day, moment or datetime.min.time())


def in_range(instant: datetime) -> datetime | None:
    """The instant in UTC, cut to milliseconds; None at the very ends of the calendar."""
    try:
        exact = instant.astimezone(UTC)
    except OverflowError:
        return None
    return (
        exact.replace(microsecond=exact.microsecond // 1000 * 1000) if EARLIEST <= exact <= LATEST else None
    )


class DateTime(TimeType):
    name = "datetime"
    label = Text({"en": "Date and time", "zh": "日期时间"})
    widget = "datetime"
    option_schemas = BOUND_SCHEMAS
    good = (
        Good("2026-11-21T09:30:00Z", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        Good("2026-11-21T09:30:00.250+08:00", datetime(2026, 11, 21, 1, 30, 0, 250_000, tzinfo=UTC)),
        Good("2026-11-21 09:30 -0500", datetime(2026, 11, 21, 14, 30, tzinfo=UTC)),
        Good("2026-11-21T09:30", datetime(2026, 11, 21, 1, 30, tzinfo=UTC), typed=True),
        Good("2026年11月21日 下午9:30", datetime(2026, 11, 21, 13, 30, tzinfo=UTC), locale="zh", typed=True),
        Good(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    )
    bad = (
        Bad("2026-11-21T25:00Z", "“2026-11-21T25:00Z” is not a date and time. Write it as 2026-11-21 09:30."),
        Bad("now", "“now” is not a date and time. Write it as 2026-11-21 09:30."),
        Bad(1_764_000_000, "“1764000000” is not a date and time. Write it as 2026-11-21 09:30."),
        Bad(
            "2026-11-21T09:30",
            "“2026-11-21T09:30” has no time zone. Write it as 2026-11-21T09:30:00+08:00.",
            typed=False,
        ),
        Bad(
            "2025-12-31T23:59:59Z",
            "“2025-12-31T23:59:59Z” is before the earliest allowed, 2026-01-01T00:00:00Z.",
            {"min": "2026-01-01T00:00:00Z"},
        ),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return UtcDateTime()

    def formula_type(self, options: Options) -> Type:
        return DATETIME

    def read_unbound(self, options: Options, value: Any) -> datetime:
        return self.read_instant(value, None)

    def read_instant(self, value: Any, zone: tzinfo | None) -> datetime:
        """The instant in UTC; what names no zone is in `zone`. Raises ValueRefused."""
        written = self.written(value)
        if written is not None and written.tzinfo is None:
            if zone is None:
                sentence = say(
                    "“{value}” has no time zone. Write it as 2026-11-21T09:30:00+08:00.", value=quoted(value)
                )
                raise ValueRefused(sentence)
            written = self.on_the_clock(written, zone)
        instant = None if written is None else in_range(written)
        if instant is None:
            sentence = say(
                "“{value}” is not a date and time. Write it as 2026-11-21 09:30.", value=quoted(value)
            )
            raise ValueRefused(sentence)
        return instant

    def written(self, value: Any) -> datetime | None:
        """What was sent, with the zone it names, or with none; None when it is no date and time."""
        if isinstance(value, datetime):
            return value
        if not isinstance(value, str):
            return None
        text = half_width(value)
        zoned = ZONE.fullmatch(text) if ":" in text else None
        if zoned is None:
            return read_wall_clock(text)
        clock, offset = read_wall_clock(zoned[1]), read_offset(zoned[2])
        return None if clock is None or offset is None else clock.replace(tzinfo=offset)

    def on_the_clock(self, clock: datetime, zone: tzinfo) -> datetime:
        """The instant at which a clock in `zone` shows this; raises ValueRefused for a skipped hour."""
        instant = clock.replace(tzinfo=zone)
        back = in_range(instant)
        if (
            back is not None
            and back.astimezone(zone).replace(tzinfo=None, microsecond=clock.microsecond) != clock
        ):
            sentence = say(
                "There is no {value} in {zone}: the clocks are put forward over it.",
                value=clock.isoformat(" "),
                zone=str(zone),
            )
            raise ValueRefused(sentence)
        return instant

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        if not text.strip():
            return None
        return self.accept(options, self.read_instant(text.strip(), ZoneInfo(time_zone)))

    def to_json(self, options: Options, value: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

    def shown(self, options: Options, value: Any) -> str:
        return str(self.to_json(options, value))

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        local = value.astimezone(ZoneInfo(time_zone))
        return f"{shown_date(local.date(), locale)} {shown_time(local.time().replace(second=0))}"

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        local = value.astimezone(ZoneInfo(time_zone))
        precision = "milliseconds" if local.microsecond else "seconds" if local.second else "minutes"
        # The hour that clocks show twice names which one it is.
        clock = local if local.fold else local.replace(tzinfo=None)
        return str(clock.isoformat(timespec=precision))

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "string", "format": "date-time", "pattern": JSON_FORM})

    def natural_options(self, schema: JsonSchema) -> Options | None:
        return {} if json_type(schema) == "string" and schema.get("format") == "date-time" else None
