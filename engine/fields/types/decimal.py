"""Numbers with a fixed number of decimals."""

from collections.abc import Mapping
from decimal import Decimal as Number
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import Bad, Good, JsonSchema, Options
from engine.fields.foreign_schema import exact, json_type, number_bounds
from engine.fields.number_type import BOUND_SCHEMAS, DIGITS, NumberType, places_of
from engine.fields.option_reading import whole_option
from engine.formula.sql_types import ExactNumeric
from engine.formula.types import Type, decimal
from engine.text import Message, Text, say

FOREIGN_DECIMALS = 6
"""For a JSON Schema number that does not say how exact it is."""


class Decimal(NumberType):
    name = "decimal"
    label = Text({"en": "Number", "zh": "小数"})
    widget = "number"
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        **BOUND_SCHEMAS,
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 10,
            "default": 2,
            "description": "How many decimals are kept.",
        },
    }
    good = (
        Good("3.14", Number("3.14")),
        Good(Number("2.5"), Number("2.50")),
        Good(7, Number("7.00")),
        Good("1 234.5", Number("1234.50")),
        Good("１，２３４。５", Number("1234.50"), locale="zh"),
        Good("0.125", Number("0.125"), {"decimals": 3}),
    )
    bad = (
        Bad("three", "“three” is not a number."),
        Bad("1,23", "“1,23” is not a number."),
        Bad("3.142", "“3.142” has more than 2 decimals."),
        Bad(0.1, "“0.1” is not a number."),
        Bad(Number("NaN"), "“NaN” is not a number."),
        Bad(
            "1" + "0" * 16,
            "“10000000000000000” is too large: at most 16 digits can stand before the decimal point.",
        ),
        Bad("0.5", "“0.50” is less than the minimum of 1.00.", {"min": 1}),
    )

    def read_own_options(self, raw: Options) -> Options:
        return {**raw, "decimals": whole_option(raw, "decimals", 0, 10, 2)}

    def refusal(self, value: str) -> Message:
        return say("“{value}” is not a number.", value=value)

    def column(self, options: Options) -> TypeEngine[Any]:
        return ExactNumeric(DIGITS, options["decimals"])

    def formula_type(self, options: Options) -> Type:
        return decimal(options["decimals"], DIGITS)

    def natural_options(self, schema: JsonSchema) -> Options | None:
        if json_type(schema) != "number":
            return None
        step = exact(schema["multipleOf"]) if "multipleOf" in schema else None
        decimals = FOREIGN_DECIMALS if step is None else min(10, places_of(step))
        return {"decimals": decimals, **number_bounds(schema, Number(1).scaleb(-decimals))}
