"""Lengths of time in whole seconds: `3 days`, `2 hours 30 minutes`."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type
from engine.fields.ordered_type import OrderedType
from engine.fields.writing import half_width
from engine.formula.sql_types import DurationSeconds
from engine.formula.types import DURATION, Type
from engine.text import Text, say

SECONDS: Mapping[str, int] = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}

WORDS: Mapping[str, str] = {
    **dict.fromkeys(("weeks", "week", "w", "周", "星期"), "week"),
    **dict.fromkeys(("days", "day", "d", "天", "日"), "day"),
    **dict.fromkeys(("hours", "hour", "h", "个小时", "小时", "时"), "hour"),
    **dict.fromkeys(("minutes", "minute", "min", "m", "分钟", "分"), "minute"),
    **dict.fromkeys(("seconds", "second", "s", "秒钟", "秒"), "second"),
}
"""What people write for a unit."""

SHOWN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {unit: (f" {unit}", f" {unit}s") for unit in SECONDS},
    "zh": {"day": ("天", "天"), "hour": ("小时", "小时"), "minute": ("分钟", "分钟"), "second": ("秒", "秒")},
}
"""Locale → unit → the word after 1 and after other numbers."""

JOINED = {"en": " ", "zh": ""}

PART = re.compile(
    rf"([0-9]{{1,12}}(?:\.[0-9]{{1,6}})?)\s*({'|'.join(sorted(WORDS, key=len, reverse=True))})(?![a-z])"
)
ISO = re.compile(
    r"P(?=.)(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)

LONGEST = timedelta(days=999_999)


def read_duration(text: str) -> timedelta | None:
    """The length of `3 days`, `2 hours 30 minutes`, `1.5 h`, `3天`, `P3DT2H`, `-1 week`; else None."""
    written = half_width(text)
    sign, written = (-1, written[1:].strip()) if written.startswith("-") else (1, written)
    iso = ISO.fullmatch(written.upper())
    if iso:
        counts = [
            Decimal(count or 0) * unit for count, unit in zip(iso.groups(), SECONDS.values(), strict=True)
        ]
    else:
        parts = list(PART.finditer(written.lower()))
        units = [list(SECONDS).index(WORDS[part[2]]) for part in parts]
        between = PART.sub("", written.lower()).replace("and", "").strip(" ,")
        if not parts or between or units != sorted(set(units)):
            return None
        counts = [Decimal(part[1]) * SECONDS[WORDS[part[2]]] for part in parts]
    seconds = sum(counts)
    whole = seconds == int(seconds) and seconds <= LONGEST.total_seconds()
    return timedelta(seconds=sign * int(seconds)) if whole else None


def counted(length: timedelta) -> list[tuple[str, int]]:
    """The units of which there are any: 26 hours are 1 day and 2 hours."""
    left = abs(length) // timedelta(seconds=1)
    units = []
    for unit in ("day", "hour", "minute", "second"):
        count, left = divmod(left, SECONDS[unit])
        units.append((unit, count))
    return [(unit, count) for unit, count in units if count]


class Duration(OrderedType):
    name = "duration"
    label = Text({"en": "Duration", "zh": "时长"})
    group = "time"
    widget = "duration"
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "min": {"type": "string", "description": "The shortest length that is accepted, such as 30 minutes."},
        "max": {"type": "string", "description": "The longest length that is accepted, such as 10 days."},
    }
    good = (
        Good("3 days", timedelta(days=3)),
        Good("2 hours 30 minutes", timedelta(hours=2, minutes=30)),
        Good("3天", timedelta(days=3), locale="zh"),
        Good("1天2小时３０分钟", timedelta(days=1, hours=2, minutes=30), locale="zh"),
        Good("1.5 h", timedelta(minutes=90)),
        Good("P3DT2H", timedelta(days=3, hours=2)),
        Good("0 minutes", timedelta(0)),
        Good("-1 week", timedelta(days=-7)),
        Good(timedelta(seconds=61), timedelta(seconds=61)),
    )
    bad = (
        Bad("3", "“3” is not a duration. Write it as 3 days, or 2 hours 30 minutes."),
        Bad("1 month", "“1 month” is not a duration. Write it as 3 days, or 2 hours 30 minutes."),
        Bad(
            "2 hours 3 days", "“2 hours 3 days” is not a duration. Write it as 3 days, or 2 hours 30 minutes."
        ),
        Bad(90, "“90” is not a duration. Write it as 3 days, or 2 hours 30 minutes."),
        Bad("5 minutes", "“5 minutes” is less than the minimum of 30 minutes.", {"min": "30 minutes"}),
        Bad("P", "“P” is not a duration. Write it as 3 days, or 2 hours 30 minutes."),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return DurationSeconds()

    def formula_type(self, options: Options) -> Type:
        return DURATION

    def read_unbound(self, options: Options, value: Any) -> timedelta:
        length = read_duration(value) if isinstance(value, str) else value
        if not isinstance(length, timedelta) or length.microseconds or abs(length) > LONGEST:
            sentence = say(
                "“{value}” is not a duration. Write it as 3 days, or 2 hours 30 minutes.", value=quoted(value)
            )
            raise ValueRefused(sentence)
        return length

    def to_json(self, options: Options, value: Any) -> str | None:
        """ISO 8601: `P3DT2H30M`."""
        if value is None:
            return None
        parts = {unit: f"{count}{unit[0].upper()}" for unit, count in counted(value)}
        days = parts.pop("day", "")
        clock = "T" + "".join(parts.values()) if parts or not days else ""
        return ("-" if value < timedelta(0) else "") + "P" + days + (clock if clock != "T" else "T0S")

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        language = locale.partition("_")[0]
        words = SHOWN.get(language, SHOWN["en"])
        parts = counted(value) or [("minute", 0)]
        shown = [f"{count}{words[unit][0 if count == 1 else 1]}" for unit, count in parts]
        return ("-" if value < timedelta(0) else "") + JOINED.get(language, " ").join(shown)

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return self.format(options, value, locale)

    def json_schema(self, options: Options) -> JsonSchema:
        # Not `format: duration`, which knows no sign and no empty length.
        return self.extended(
            options, {"type": "string", "pattern": "^-?P(?=.)([0-9]+D)?(T(?=.)([0-9]+[HMS])*)?$"}
        )

    def natural_options(self, schema: JsonSchema) -> Options | None:
        return {} if json_type(schema) == "string" and schema.get("format") == "duration" else None
