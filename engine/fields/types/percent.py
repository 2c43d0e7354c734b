"""Percentages: stored as the fraction that formulas compute with (0.125), shown and typed as 12.5%."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.number_type import (
    BOUND_SCHEMAS,
    DIGITS,
    NumberType,
    exact_number,
    grouped,
    places_of,
    shifted,
)
from engine.fields.option_reading import whole_option
from engine.fields.writing import half_width
from engine.formula.sql_types import ExactNumeric
from engine.formula.types import Type, decimal
from engine.text import Message, Text, say


class Percent(NumberType):
    name = "percent"
    label = Text({"en": "Percentage", "zh": "百分比"})
    widget = "percent"
    summable = False
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        **BOUND_SCHEMAS,
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 6,
            "default": 2,
            "description": "How many decimals of the percentage are kept: 2 for 12.34%.",
        },
    }
    good = (
        Good("10%", Decimal("0.1000")),
        Good("0.1", Decimal("0.1000")),
        Good(Decimal("0.125"), Decimal("0.1250")),
        Good("１２。５％", Decimal("0.1250"), locale="zh"),
        Good("150 %", Decimal("1.5000")),
        Good(1, Decimal("1.0000")),
        Good("50%", Decimal("0.5000"), {"max": "50%"}),
        Good("0.0375%", Decimal("0.000375"), {"decimals": 4}),
    )
    bad = (
        Bad("half", "“half” is not a percentage. Write it as 10% or 0.1."),
        Bad("10%%", "“10%%” is not a percentage. Write it as 10% or 0.1."),
        Bad("12.345%", "“12.345%” has more than 2 decimals."),
        Bad(Decimal("0.12345"), "“0.12345” has more than 2 decimals as a percentage."),
        Bad("51%", "“51%” is more than the maximum of 50%.", {"max": "50%"}),
        Bad([], "“[]” is not a percentage. Write it as 10% or 0.1."),
    )

    def read_own_options(self, raw: Options) -> Options:
        return {**raw, "decimals": whole_option(raw, "decimals", 0, 6, 2)}

    def places(self, options: Options) -> int:
        places: int = options["decimals"] + 2
        return places

    def refusal(self, value: str) -> Message:
        return say("“{value}” is not a percentage. Write it as 10% or 0.1.", value=value)

    def too_fine(self, value: str, places: int) -> Message:
        if value.rstrip().endswith(("%", "％")):
            return super().too_fine(value, places - 2)
        return say(
            "“{value}” has more than {decimals} decimals as a percentage.", value=value, decimals=places - 2
        )

    def number_of(self, value: Any) -> Decimal | None:
        if not isinstance(value, str):
            return exact_number(value)
        written = half_width(value)
        if not written.endswith("%"):
            return exact_number(written)
        number = exact_number(written[:-1])
        return None if number is None else shifted(number, -2)

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        """As `accept`, but a person who types 10 may mean 10%, and is asked."""
        number = exact_number(text)
        if number is not None and abs(number) > 1:
            sentence = say(
                "“{value}” could mean {value}% or {times}%. Write the % sign.",
                value=quoted(text.strip()),
                times=f"{shifted(number, 2):f}",
            )
            raise ValueRefused(sentence)
        return self.accept(options, text.strip())

    def column(self, options: Options) -> TypeEngine[Any]:
        return ExactNumeric(DIGITS, self.places(options))

    def formula_type(self, options: Options) -> Type:
        return decimal(self.places(options), DIGITS)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        shown = shifted(value, 2)
        return grouped(shown, places_of(shown), locale) + "%"

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        shown = shifted(value, 2)
        return f"{shown:.{places_of(shown)}f}%"
