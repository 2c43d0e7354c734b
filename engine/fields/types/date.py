"""Days of the calendar."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import Date as DateColumn
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Converted,
    FieldType,
    Good,
    JsonSchema,
    OptionRefused,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.foreign_schema import json_type
from engine.fields.time_type import BOUND_SCHEMAS, TimeType, read_date, shown_date
from engine.formula.types import DATE, Kind, Type
from engine.text import Text, say


class Date(TimeType):
    name = "date"
    label = Text({"en": "Date", "zh": "日期"})
    widget = "date"
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        **BOUND_SCHEMAS,
        "deadline": {
            "type": "boolean",
            "description": "Whether something has to be done by this day: lists offer what is overdue.",
        },
    }
    good = (
        Good("2026-11-21", date(2026, 11, 21)),
        Good("2026/11/1", date(2026, 11, 1)),
        Good("2026年11月21日", date(2026, 11, 21), locale="zh"),
        Good("２０２６。１１。２１", date(2026, 11, 21), locale="zh"),
        Good(date(2028, 2, 29), date(2028, 2, 29)),
        Good("2026-01-01", date(2026, 1, 1), {"min": "2026-01-01"}),
        Good("2026-11-21", date(2026, 11, 21), {"deadline": True}),
    )
    bad = (
        Bad("2026-02-30", "“2026-02-30” is not a date. Write it as 2026-11-21."),
        Bad("11/21/2026", "“11/21/2026” is not a date. Write it as 2026-11-21."),
        Bad("tomorrow", "“tomorrow” is not a date. Write it as 2026-11-21."),
        Bad(20261121, "“20261121” is not a date. Write it as 2026-11-21."),
        Bad("2025-12-31", "“2025-12-31” is before the earliest allowed, 2026-01-01.", {"min": "2026-01-01"}),
        Bad("2027-01-01", "“2027-01-01” is after the latest allowed, 2026-12-31.", {"max": "2026-12-31"}),
    )

    def read_own_options(self, raw: Options) -> Options:
        deadline = raw.get("deadline")
        if deadline is not None and not isinstance(deadline, bool):
            template = "'{key}' must be true or false, not “{value}”."
            sentence = say(template, key="deadline", value=quoted(deadline))
            raise OptionRefused("deadline", sentence)
        return raw if deadline else {key: value for key, value in raw.items() if key != "deadline"}

    def column(self, options: Options) -> TypeEngine[Any]:
        return DateColumn()

    def formula_type(self, options: Options) -> Type:
        return DATE

    def read_unbound(self, options: Options, value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        day = read_date(value) if isinstance(value, str) else None
        if day is None:
            raise ValueRefused(say("“{value}” is not a date. Write it as 2026-11-21.", value=quoted(value)))
        return day

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Converted:
        """The day of an instant, in the company's time zone."""
        if source.formula_type(given).kind is not Kind.DATETIME:
            return super().convert(options, source, given, value)
        clock = value.astimezone(ZoneInfo(TIME_ZONE))
        return Converted(self.accept(options, clock.date()), exact=clock.time() == time())

    def to_json(self, options: Options, value: Any) -> str | None:
        return None if value is None else value.isoformat()

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else shown_date(value, locale)

    def json_schema(self, options: Options) -> JsonSchema:
        keywords: JsonSchema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        return self.extended(options, keywords)

    def natural_options(self, schema: JsonSchema) -> Options | None:
        return {} if json_type(schema) == "string" and schema.get("format") == "date" else None
