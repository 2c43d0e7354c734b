"""Numbers that the product gives to records, in the form that the definition names: DEAL-2026-0001."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    FieldType,
    Good,
    JsonSchema,
    OptionRefused,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.numbering import Numbering, read_numbering
from engine.fields.option_reading import text_option
from engine.fields.text_type import cleaned, text_column
from engine.formula.types import TEXT, Type
from engine.text import Text, say

DEALS = {"format": "DEAL-{year}-{0000}"}


class Sequence(FieldType):
    name = "sequence"
    label = Text({"en": "Sequence", "zh": "编号"})
    group = "other"
    widget = "readonly"
    operators = ("eq", "ne", "contains", "starts_with", "in", "blank", "not_blank")
    required_options = ("format",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "format": {
            "type": "string",
            "description": "One counter such as {0000}, with {year}, {month}, {day} and text around it; "
            "the count starts again with each period that it names.",
        },
    }
    good = (
        Good("DEAL-2026-0001", "DEAL-2026-0001", DEALS),
        Good(" DEAL-2026-12345 ", "DEAL-2026-12345", DEALS),
        Good("000001", "000001", {"format": "{000000}"}),
        Good("2026年11月第07号", "2026年11月第07号", {"format": "{year}年{month}月第{00}号"}, locale="zh"),
    )
    bad = (
        Bad("DEAL-1", "“DEAL-1” does not have the form DEAL-{year}-{0000}.", DEALS),
        Bad("deal-2026-0001", "“deal-2026-0001” does not have the form DEAL-{year}-{0000}.", DEALS),
        Bad("DEAL-2026-001", "“DEAL-2026-001” does not have the form DEAL-{year}-{0000}.", DEALS),
        Bad(1, "“1” is not a text.", DEALS),
    )

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        options = super().read_options(raw)
        numbering = read_numbering(text_option(raw, "format") or "")
        if numbering is None:
            sentence = say(
                "“{value}” is not the form of a sequence, such as DEAL-{{year}}-{{0000}}.",
                value=quoted(raw["format"]),
            )
            raise OptionRefused("format", sentence)
        return {**options, "format": numbering}

    def raw_options(self, options: Options) -> dict[str, Any]:
        return {"format": options["format"].text}

    def numbering(self, options: Options) -> Numbering:
        numbering: Numbering = options["format"]
        return numbering

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return TEXT

    def read(self, options: Options, value: Any) -> str:
        text, numbering = cleaned(value), self.numbering(options)
        if not re.fullmatch(numbering.expression, text):
            raise ValueRefused(
                say("“{value}” does not have the form {pattern}.", value=quoted(text), pattern=numbering.text)
            )
        return text

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else str(value)

    def json_schema(self, options: Options) -> JsonSchema:
        # A JavaScript expression knows no needless backslashes, such as Python puts before a hyphen.
        pattern = self.numbering(options).expression.replace("\\-", "-").replace("\\ ", " ")
        return self.extended(options, {"type": "string", "pattern": f"^{pattern}$"})
