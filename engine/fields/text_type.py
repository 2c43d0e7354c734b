"""Text of several kinds: how it is stored, cleaned and limited in length."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, String, func
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    FieldType,
    JsonSchema,
    OptionRefused,
    Options,
    TakeOver,
    ValueRefused,
    quoted,
)
from engine.fields.option_reading import text_option, whole_option
from engine.fields.writing import FORBIDDEN
from engine.formula.pattern import PatternRefused, compile_pattern, json_schema_pattern
from engine.formula.types import TEXT, Kind, Type
from engine.text import say

LONGEST = 1_000_000
LONGEST_MATCHED = 10_000
"""Texts with a pattern are at most so long."""


def text_column(length: int | None = None) -> TypeEngine[Any]:
    """Text that both databases sort and compare character by character, as formulas in memory do.

    Without a length, so that changing `max_length` in a definition leaves the table alone.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def cleaned(value: Any) -> str:
    """The text that was sent, without blanks around it; raises ValueRefused when it is none."""
    if not isinstance(value, str):
        raise ValueRefused(say("“{value}” is not a text.", value=quoted(value)))
    if FORBIDDEN.search(value):
        sentence = say(
            "“{value}” holds characters that cannot be shown.", value=quoted(FORBIDDEN.sub("\ufffd", value))
        )
        raise ValueRefused(sentence)
    return value.strip()


def no_longer_than(longest: int, text: str) -> str:
    """The text itself; raises ValueRefused when it has more characters than that."""
    if len(text) <= longest:
        return text
    raise ValueRefused(
        say(
            "“{value}” has {length} characters; at most {max} are possible.",
            value=quoted(text),
            length=len(text),
            max=longest,
        )
    )


def of_one_line(text: str) -> str:
    """The text itself; raises ValueRefused when it has several lines."""
    if "\n" not in text and "\r" not in text:
        return text
    in_one = re.sub(r"\s*[\r\n]+\s*", " ⏎ ", text)
    raise ValueRefused(say("“{value}” has more than one line.", value=quoted(in_one)))


class TextType(FieldType):
    """What is stored as text and typed as it is."""

    group = "text"
    widget = "text"
    longest: ClassVar[int] = 255
    """The greatest length where the definition names none."""
    operators: ClassVar[tuple[str, ...]] = ("eq", "ne", "contains", "starts_with", "in", "blank", "not_blank")
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "max_length": {
            "type": "integer",
            "minimum": 1,
            "maximum": LONGEST,
            "description": "The greatest number of characters.",
        },
    }

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        options = {**super().read_options(raw)}
        options["max_length"] = whole_option(raw, "max_length", 1, LONGEST, self.longest)
        return options

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return TEXT

    def read(self, options: Options, value: Any) -> Any:
        return no_longer_than(options["max_length"], self.read_line(cleaned(value)))

    def read_line(self, text: str) -> str:
        """The text as it is kept; raises ValueRefused when it is not of this kind."""
        return of_one_line(text)

    def take_over(
        self, options: Options, source: FieldType, given: Options, column: ColumnElement[Any], dialect: str
    ) -> TakeOver | None:
        """Other text as it is, where it is short enough, and of one line where this one has only one."""
        known = source.formula_type(given).kind in (Kind.TEXT, Kind.CHOICE)
        if not (known and self.is_any_text(options)):
            return None
        fits = func.length(column) <= options["max_length"]
        if type(self).read_line is TextType.read_line:
            fits = fits & column.not_like("%\n%") & column.not_like("%\r%")
        return TakeOver(fits, column)

    def is_any_text(self, options: Options) -> bool:
        """Whether no text is refused but for its length and its lines."""
        return type(self).read_line is TextType.read_line

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else str(value)

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "string", "maxLength": options["max_length"]})


class LimitedTextType(TextType):
    """Text whose shape the definition may describe."""

    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        **TextType.option_schemas,
        "min_length": {
            "type": "integer",
            "minimum": 0,
            "maximum": LONGEST,
            "description": "The smallest number of characters.",
        },
        "pattern": {
            "type": "string",
            "description": "A regular expression of the whole text, such as [A-Z]{2}-[0-9]+.",
        },
    }

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        options = {**super().read_options(raw)}
        longest = options["max_length"]
        least = whole_option(raw, "min_length", 0, longest, 0)
        options["min_length"] = None if raw.get("min_length") is None else least
        pattern = text_option(raw, "pattern")
        if pattern is None:
            return {**options, "pattern": None}
        if longest > LONGEST_MATCHED:
            sentence = say("A text with a pattern has a 'max_length' of at most {max}.", max=LONGEST_MATCHED)
            raise OptionRefused("pattern", sentence)
        try:
            return {**options, "pattern": compile_pattern(pattern)}
        except PatternRefused as refused:
            sentence = say(
                "“{pattern}” is not a pattern that can be used: see character {position}.",
                pattern=quoted(pattern),
                position=refused.position,
            )
            raise OptionRefused("pattern", sentence) from refused

    def is_any_text(self, options: Options) -> bool:
        unlimited = options.get("pattern") is None and options.get("min_length") is None
        return unlimited and super().is_any_text(options)

    def raw_options(self, options: Options) -> dict[str, Any]:
        raw = super().raw_options(options)
        return {**raw, "pattern": raw["pattern"].text} if "pattern" in raw else raw

    def read(self, options: Options, value: Any) -> Any:
        text = super().read(options, value)
        least, pattern = options.get("min_length"), options.get("pattern")
        if least is not None and len(text) < least:
            raise ValueRefused(
                say(
                    "“{value}” has {length} characters; at least {min} are needed.",
                    value=quoted(text),
                    length=len(text),
                    min=least,
                ),
            )
        if pattern is not None and not pattern.matches(text):
            raise ValueRefused(
                say("“{value}” does not have the form {pattern}.", value=quoted(text), pattern=pattern.text)
            )
        return text

    def json_schema(self, options: Options) -> JsonSchema:
        keywords = super().json_schema(options)
        least, pattern = options.get("min_length"), options.get("pattern")
        if least is not None:
            keywords["minLength"] = least
        if pattern is not None:
            keywords["pattern"] = json_schema_pattern(pattern.text)
        return keywords
