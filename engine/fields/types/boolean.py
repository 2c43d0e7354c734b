"""Yes or no."""

from typing import Any

from sqlalchemy import Boolean as BooleanColumn
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
from engine.fields.foreign_schema import json_type
from engine.fields.writing import half_width
from engine.formula.types import BOOLEAN, Type
from engine.text import Text, say, translate

WORDS = {
    **dict.fromkeys(("true", "yes", "y", "on", "1", "是", "真", "对", "√", "✓"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0", "否", "假", "不是", "×", "✗"), False),
}


class Boolean(FieldType):
    name = "boolean"
    label = Text({"en": "Yes or no", "zh": "是否"})
    group = "yes_no"
    widget = "checkbox"
    operators = ("eq", "blank", "not_blank")
    good = (
        Good(True, value=True),
        Good("yes", value=True),
        Good("FALSE", value=False),
        Good("是", value=True, locale="zh"),
        Good("否", value=False, locale="zh"),
        Good("on", value=True),
    )
    bad = (
        Bad("maybe", "“maybe” is neither yes nor no."),
        Bad("2", "“2” is neither yes nor no."),
        Bad(1, "“1” is neither yes nor no."),
        Bad([True], "“[true]” is neither yes nor no."),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return BooleanColumn()

    def formula_type(self, options: Options) -> Type:
        return BOOLEAN

    def read(self, options: Options, value: Any) -> bool:
        known = WORDS.get(half_width(value).lower()) if isinstance(value, str) else value
        if not isinstance(known, bool):
            raise ValueRefused(say("“{value}” is neither yes nor no.", value=quoted(value)))
        return known

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Converted:
        """1 is yes and 0 is no."""
        if source.formula_type(given).is_number and value in (0, 1):
            return Converted(bool(value))
        return super().convert(options, source, given, value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else translate("Yes" if value else "No", locale)

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else "yes" if value else "no"

    def formula_literal(self, options: Options, value: Any) -> str:
        return "true" if value else "false"

    def json_schema(self, options: Options) -> JsonSchema:
        return {"type": "boolean"}

    def natural_options(self, schema: JsonSchema) -> Options | None:
        return {} if json_type(schema) == "boolean" else None
