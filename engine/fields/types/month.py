"""Months, kept as their first day."""

import re
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton
from sqlalchemy import Date as DateColumn
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Converted,
    FieldType,
    Good,
    JsonSchema,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.time_type import BOUND_SCHEMAS, TimeType, read_date
from engine.fields.writing import half_width
from engine.formula.types import MONTH, Kind, Type
from engine.text import Text, say

WRITTEN = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|\s?年\s?([0-9]{1,2})\s?月)")


def read_month(text: str) -> date | None:
    """The first day of `2026-11`, `2026/11`, `2026年11月`, or a date that is a first day; else None."""
    found = WRITTEN.fullmatch(half_width(text))
    if found:
        month = int(found[2] or found[3])
        return date(int(found[1]), month, 1) if 1 <= month <= 12 and int(found[1]) else None
    day = read_date(text)
    return day if day is not None and day.day == 1 else None


class Month(TimeType):
    name = "month"
    label = Text({"en": "Month", "zh": "月份"})
    widget = "month"
    option_schemas = BOUND_SCHEMAS
    good = (
        Good("2026-11", date(2026, 11, 1)),
        Good("2026/3", date(2026, 3, 1)),
        Good("2026年11月", date(2026, 11, 1), locale="zh"),
        Good("2026-11-01", date(2026, 11, 1)),
        Good(date(2026, 1, 1), date(2026, 1, 1)),
        Good("2026-11", date(2026, 11, 1), {"min": "2026-01", "max": "2026-12"}),
    )
    bad = (
        Bad("2026-13", "“2026-13” is not a month. Write it as 2026-11."),
        Bad("November", "“November” is not a month. Write it as 2026-11."),
        Bad("2026-11-21", "“2026-11-21” is not a month. Write it as 2026-11."),
        Bad(11, "“11” is not a month. Write it as 2026-11."),
        Bad("2025-12", "“2025-12” is before the earliest allowed, 2026-01.", {"min": "2026-01"}),
        Bad("2027-01", "“2027-01” is after the latest allowed, 2026-12.", {"max": "2026-12"}),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return DateColumn()

    def formula_type(self, options: Options) -> Type:
        return MONTH

    def read_unbound(self, options: Options, value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime) and value.day == 1:
            return value
        month = read_month(value) if isinstance(value, str) else None
        if month is None:
            raise ValueRefused(say("“{value}” is not a month. Write it as 2026-11.", value=quoted(value)))
        return month

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Converted:
        """The month of a day."""
        if source.formula_type(given).kind is not Kind.DATE:
            return super().convert(options, source, given, value)
        return Converted(self.accept(options, value.replace(day=1)), exact=value.day == 1)

    def to_json(self, options: Options, value: Any) -> str | None:
        return None if value is None else value.isoformat()[:7]

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else format_skeleton("yMMMM", value, locale=locale)

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"})
