"""Amounts of money in one currency: exact, with two decimals unless the definition says otherwise."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from babel.numbers import get_currency_symbol, list_currencies
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, OptionRefused, Options, quoted
from engine.fields.number_type import BOUND_SCHEMAS, DIGITS, NumberType, exact_number, grouped
from engine.fields.option_reading import whole_option
from engine.fields.writing import half_width
from engine.formula.sql_types import ExactNumeric
from engine.formula.types import Type, money
from engine.problems import unknown
from engine.text import Message, Text, say

OWN_SYMBOLS = {"CNY": "¥"}
"""CLDR writes CN¥ outside of China; where amounts stand in one currency, ¥ is what people expect."""

SIGNED_AMOUNT = re.compile(r"([+-]?)\s*(?:¥|\$|€|£|RMB|CNY)\s*(.*)", re.IGNORECASE)


def symbol(currency: str, locale: str) -> str:
    """¥ for CNY, $ or US$ for USD."""
    return OWN_SYMBOLS.get(currency) or get_currency_symbol(currency, locale=locale)


class Money(NumberType):
    name = "money"
    label = Text({"en": "Money", "zh": "金额"})
    widget = "money"
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        **BOUND_SCHEMAS,
        "currency": {
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "default": "CNY",
            "description": "The ISO 4217 code of the currency.",
        },
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 6,
            "default": 2,
            "description": "How many decimals are kept.",
        },
    }
    good = (
        Good("1234.5", Decimal("1234.50")),
        Good("1,234.50", Decimal("1234.50")),
        Good("￥１，２３４．５", Decimal("1234.50"), locale="zh"),
        Good("-¥5", Decimal("-5.00")),
        Good("88元", Decimal("88.00"), locale="zh"),
        Good(Decimal("0.10"), Decimal("0.10")),
        Good(900, Decimal("900.00")),
        Good("1.125", Decimal("1.125"), {"decimals": 3, "currency": "USD"}),
    )
    bad = (
        Bad("a lot", "“a lot” is not an amount of money."),
        Bad("12.345", "“12.345” has more than 2 decimals."),
        Bad("12,50", "“12,50” is not an amount of money."),
        Bad(True, "“true” is not an amount of money."),
        Bad("-0.01", "“-0.01” is less than the minimum of 0.00.", {"min": 0}),
        Bad(
            "1" + "0" * 16,
            "“10000000000000000” is too large: at most 16 digits can stand before the decimal point.",
        ),
    )

    def read_own_options(self, raw: Options) -> Options:
        currency = raw.get("currency") or "CNY"
        known = list_currencies()
        if currency not in known:
            sentence = say("“{value}” is not the code of a currency, such as CNY.", value=quoted(currency))
            raise OptionRefused("currency", unknown(sentence, str(currency), known))
        return {**raw, "currency": currency, "decimals": whole_option(raw, "decimals", 0, 6, 2)}

    def refusal(self, value: str) -> Message:
        return say("“{value}” is not an amount of money.", value=value)

    def number_of(self, value: Any) -> Decimal | None:
        if not isinstance(value, str):
            return exact_number(value)
        written = half_width(value).removesuffix("元").rstrip()
        signed = SIGNED_AMOUNT.fullmatch(written)
        return exact_number(signed[1] + signed[2] if signed else written)

    def column(self, options: Options) -> TypeEngine[Any]:
        return ExactNumeric(DIGITS, options["decimals"])

    def formula_type(self, options: Options) -> Type:
        return money(options["decimals"], DIGITS)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        sign = "-" if value < 0 else ""
        return sign + symbol(options["currency"], locale) + grouped(abs(value), options["decimals"], locale)
