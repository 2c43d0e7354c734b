"""A judgement in stars: a whole number from 1 to 5, or to as many as the definition says."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    FieldType,
    Good,
    JsonSchema,
    Options,
    TakeOver,
    ValueRefused,
    quoted,
)
from engine.fields.number_type import exact_number
from engine.fields.option_reading import whole_option
from engine.formula.types import INTEGER, Kind, Type
from engine.text import Text, say

MOST = 10


class Rating(FieldType):
    name = "rating"
    label = Text({"en": "Rating", "zh": "评分"})
    group = "number"
    widget = "rating"
    input_mode = "numeric"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "blank", "not_blank")
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "stars": {
            "type": "integer",
            "minimum": 2,
            "maximum": MOST,
            "default": 5,
            "description": "How many stars can be given at most.",
        },
    }
    good = (
        Good(4, 4),
        Good("5", 5),
        Good("３", 3, locale="zh"),
        Good(Decimal("2.0"), 2),
        Good("10", 10, {"stars": 10}),
    )
    bad = (
        Bad(6, "“6” is not a number of stars from 1 to 5."),
        Bad("0", "“0” is not a number of stars from 1 to 5."),
        Bad("4.5", "“4.5” is not a number of stars from 1 to 5."),
        Bad("good", "“good” is not a number of stars from 1 to 3.", {"stars": 3}),
        Bad(True, "“true” is not a number of stars from 1 to 5."),
    )

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        return {**super().read_options(raw), "stars": whole_option(raw, "stars", 2, MOST, 5)}

    def column(self, options: Options) -> TypeEngine[Any]:
        return BigInteger()

    def formula_type(self, options: Options) -> Type:
        return INTEGER

    def read(self, options: Options, value: Any) -> int:
        number, most = exact_number(value), options["stars"]
        # The size comes first: a number such as 1E+999999 must not be written out.
        if number is None or not 1 <= number <= most or number != int(number):
            sentence = say(
                "“{value}” is not a number of stars from 1 to {most}.", value=quoted(value), most=most
            )
            raise ValueRefused(sentence)
        return int(number)

    def take_over(
        self, options: Options, source: FieldType, given: Options, column: ColumnElement[Any], dialect: str
    ) -> TakeOver | None:
        """Whole numbers that are within the stars."""
        if source.formula_type(given).kind is not Kind.INTEGER:
            return None
        return TakeOver(column.between(1, options["stars"]), column)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else f"{value} / {options['stars']}"

    def formula_literal(self, options: Options, value: Any) -> str:
        return str(value)

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "integer", "minimum": 1, "maximum": options["stars"]})
