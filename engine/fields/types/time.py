"""Times of day, to the second."""

from datetime import time
from typing import Any

from sqlalchemy import Time as TimeColumn
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type
from engine.fields.time_type import BOUND_SCHEMAS, TimeType, read_time, shown_time
from engine.formula.types import TIME, Type
from engine.text import Text, say


class Time(TimeType):
    name = "time"
    label = Text({"en": "Time of day", "zh": "时间"})
    widget = "time"
    option_schemas = BOUND_SCHEMAS
    good = (
        Good("9:30", time(9, 30)),
        Good("09:30:15", time(9, 30, 15)),
        Good("9:30 pm", time(21, 30)),
        Good("下午9：30", time(21, 30), locale="zh"),
        Good("9点30分", time(9, 30), locale="zh"),
        Good(time(0, 0), time(0, 0)),
    )
    bad = (
        Bad("25:00", "“25:00” is not a time. Write it as 09:30."),
        Bad("noon", "“noon” is not a time. Write it as 09:30."),
        Bad("9", "“9” is not a time. Write it as 09:30."),
        Bad("13:00 pm", "“13:00 pm” is not a time. Write it as 09:30."),
        Bad(930, "“930” is not a time. Write it as 09:30."),
        Bad("08:59", "“08:59” is before the earliest allowed, 09:00.", {"min": "9:00"}),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return TimeColumn()

    def formula_type(self, options: Options) -> Type:
        return TIME

    def read_unbound(self, options: Options, value: Any) -> time:
        moment = read_time(value) if isinstance(value, str) else value
        if not isinstance(moment, time) or moment.microsecond or moment.tzinfo is not None:
            raise ValueRefused(say("“{value}” is not a time. Write it as 09:30.", value=quoted(value)))
        return moment

    def to_json(self, options: Options, value: Any) -> str | None:
        return None if value is None else value.isoformat()

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else shown_time(value)

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else shown_time(value)

    def json_schema(self, options: Options) -> JsonSchema:
        # Not `format: time`, which demands a time zone.
        return self.extended(
            options, {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
        )

    def natural_options(self, schema: JsonSchema) -> Options | None:
        return {} if json_type(schema) == "string" and schema.get("format") == "time" else None
