"""Whole numbers within ±10^15, which every spreadsheet and browser can hold."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type, number_bounds
from engine.fields.number_type import BOUND_SCHEMAS, NumberType, grouped
from engine.formula.types import INTEGER, Type
from engine.text import Message, Text, say

LIMIT = 10**15


class Integer(NumberType):
    name = "integer"
    label = Text({"en": "Whole number", "zh": "整数"})
    widget = "number"
    input_mode = "numeric"
    option_schemas = BOUND_SCHEMAS
    good = (
        Good("42", 42),
        Good(-7, -7),
        Good("1,234", 1234),
        Good("１２", 12, locale="zh"),
        Good(Decimal("3.00"), 3),
        Good("5", 5, {"min": 1, "max": 5}),
    )
    bad = (
        Bad("1.5", "“1.5” is not a whole number."),
        Bad("many", "“many” is not a whole number."),
        Bad(True, "“true” is not a whole number."),
        Bad(
            "10000000000000000", "“10000000000000000” is too large: it must be within ±1,000,000,000,000,000."
        ),
        Bad("0", "“0” is less than the minimum of 1.", {"min": 1}),
        Bad(6, "“6” is more than the maximum of 5.", {"max": 5}),
    )

    def places(self, options: Options) -> int:
        return 0

    def largest(self, options: Options) -> Decimal:
        return Decimal(LIMIT)

    def refusal(self, value: str) -> Message:
        return say("“{value}” is not a whole number.", value=value)

    def column(self, options: Options) -> TypeEngine[Any]:
        return BigInteger()

    def formula_type(self, options: Options) -> Type:
        return INTEGER

    def read_unbound(self, options: Options, value: Any) -> int:
        number = self.number_of(value)
        if number is None:
            raise ValueRefused(self.refusal(quoted(value)))
        # The size comes first: a number such as 1E+999999 must not be written out.
        if number != 0 and (number.adjusted() > 15 or abs(number) > LIMIT):
            sentence = say(
                "“{value}” is too large: it must be within ±{limit}.", value=quoted(value), limit=f"{LIMIT:,}"
            )
            raise ValueRefused(sentence)
        if number != number.to_integral_value():
            raise ValueRefused(self.refusal(quoted(value)))
        return int(number)

    def to_json(self, options: Options, value: Any) -> int | None:
        return None if value is None else int(value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else grouped(value, 0, locale)

    def json_schema(self, options: Options) -> JsonSchema:
        low, high = options.get("min"), options.get("max")
        return {
            "type": "integer",
            "minimum": -LIMIT if low is None else low,
            "maximum": LIMIT if high is None else high,
        }

    def natural_options(self, schema: JsonSchema) -> Options | None:
        if json_type(schema) != "integer":
            return None
        bounds = number_bounds(schema, Decimal(1))
        return {key: bound for key, bound in bounds.items() if isinstance(bound, str) or abs(bound) < LIMIT}
