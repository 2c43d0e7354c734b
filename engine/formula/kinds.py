"""Kinds of values as people call them, constants, and the refusal of parts that do not go together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.formula.nodes import Broken, Constant, Node
from engine.formula.types import BLANK, BOOLEAN, DATE, INTEGER, TEXT, Kind, Type, decimal
from engine.text import Message, Text

KIND_NAMES: Mapping[Kind, Text] = {
    Kind.BOOLEAN: Text({"en": "a yes or no", "zh": "是否值"}),
    Kind.INTEGER: Text({"en": "a whole number", "zh": "整数"}),
    Kind.DECIMAL: Text({"en": "a number", "zh": "数字"}),
    Kind.MONEY: Text({"en": "an amount of money", "zh": "金额"}),
    Kind.TEXT: Text({"en": "a text", "zh": "文本"}),
    Kind.DATE: Text({"en": "a date", "zh": "日期"}),
    Kind.DATETIME: Text({"en": "a date with time", "zh": "日期时间"}),
    Kind.TIME: Text({"en": "a time of day", "zh": "时间"}),
    Kind.MONTH: Text({"en": "a month", "zh": "月份"}),
    Kind.DURATION: Text({"en": "a duration", "zh": "时长"}),
    Kind.CHOICE: Text({"en": "a choice", "zh": "选项"}),
    Kind.LINK: Text({"en": "a link", "zh": "关联"}),
    Kind.SET: Text({"en": "a set of records", "zh": "记录集合"}),
    Kind.BLANK: Text({"en": "a blank", "zh": "空值"}),
}


DAYS = frozenset({Kind.DATE, Kind.MONTH})


WORDS = frozenset({Kind.TEXT, Kind.CHOICE})


class Mismatch(Exception):
    """Parts that do not go together; the message says what would be right."""

    def __init__(self, message: Message, at: int | None = None) -> None:
        self.message, self.at = message, at
        super().__init__(str(message))


def kind_name(type_: Type) -> Text:
    """A type as people call it: “a date”."""
    return KIND_NAMES[type_.kind]


def constant(value: Any, at: int) -> Constant:
    """A constant with the narrowest type that holds it."""
    return Constant(constant_type(value), at, value)


def constant_type(value: Any) -> Type:
    """The type of a value in memory; numbers with exactly the digits they need."""
    match value:
        case None:
            return BLANK
        case bool():
            return BOOLEAN
        case int():
            return replace(INTEGER, digits=len(str(abs(value))))
        case Decimal():
            _, digits, exponent = value.as_tuple()
            assert isinstance(exponent, int)
            decimals = max(0, -exponent)
            return decimal(decimals, max(len(digits) + max(0, exponent), decimals + 1))
        case datetime():
            return Type(Kind.DATETIME)
        case date():
            return DATE
        case time():
            return Type(Kind.TIME)
        case _:
            return TEXT


def broken(parts: Sequence[Node], at: int) -> Broken | None:
    """A Broken part when one of `parts` is broken."""
    return Broken(BLANK, at) if any(isinstance(each, Broken) for each in parts) else None


# Numbers


def capital(type_: Type) -> Text:
    """The name of a type at the beginning of a sentence."""
    words = kind_name(type_).words
    return Text({locale: text[0].upper() + text[1:] for locale, text in words.items()})


# Yes or no


def family_of(type_: Type) -> str:
    """Kinds that can be compared with each other and stand in one result have the same family."""
    if type_.is_number:
        return "number"
    if type_.kind in WORDS:
        return "text"
    return "date" if type_.kind in DAYS else type_.kind.value


# Several results
