"""Several of the options that the definition lists. In the database: text such as `,red,blue,`."""

import re
from typing import Any

from sqlalchemy import String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.fields.choice_type import ChoiceType, foreign_options, plain_options
from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Good,
    JsonSchema,
    Options,
    ValueRefused,
    quoted,
    text_literal,
)
from engine.fields.foreign_schema import json_type
from engine.formula.types import Kind, Type
from engine.text import Text, say

SEPARATOR = re.compile(r"[,;，；、\n]")
COLORS = {"options": {"red": {"label": {"en": "Red", "zh": "红"}}, "green": None, "blue": None}}


class ChosenKeys(TypeDecorator[tuple[str, ...]]):
    """A tuple of keys as text with a comma before, between and after them, so that `%,red,%` finds one."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return f",{','.join(value)}," if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return tuple(value.strip(",").split(",")) if value else None


class MultiChoice(ChoiceType):
    name = "multi_choice"
    label = Text({"en": "Several choices", "zh": "多选"})
    widget = "multiselect"
    operators = ("has", "blank", "not_blank")
    sortable = False
    good = (
        Good(["red"], ("red",), COLORS),
        Good(["blue", "red", "blue"], ("red", "blue"), COLORS),
        Good("red, blue", ("red", "blue"), COLORS),
        Good("红，green", ("red", "green"), COLORS, locale="zh", typed=True),
        Good([], None, COLORS),
    )
    bad = (
        Bad(["pink"], "“pink” is not one of the options: red, green, blue.", COLORS),
        Bad("red, blu", "“blu” is not one of the options: red, green, blue. Did you mean 'blue'?", COLORS),
        Bad(5, "“5” is not a list of options.", COLORS),
        Bad([1], "“1” is not one of the options: red, green, blue.", COLORS),
        Bad({"red": True}, '“{"red": true}” is not a list of options.', COLORS),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return ChosenKeys()

    def formula_type(self, options: Options) -> Type:
        return Type(Kind.SET, element=Type(Kind.CHOICE, options=self.attributes(options)))

    def read(self, options: Options, value: Any) -> Any:
        """The keys once each, in the order of the options."""
        sent = (
            [each.strip() for each in SEPARATOR.split(value) if each.strip()]
            if isinstance(value, str)
            else value
        )
        if not isinstance(sent, (list, tuple)):
            raise ValueRefused(say("“{value}” is not a list of options.", value=quoted(value)))
        chosen = {self.one(options, each) for each in sent}
        return tuple(key for key in options["options"] if key in chosen) or None

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        return self.accept(
            options, [self.key_of(options, each) for each in SEPARATOR.split(text) if each.strip()]
        )

    def to_json(self, options: Options, value: Any) -> list[str] | None:
        return None if value is None else list(value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        joined = "、" if locale.startswith("zh") else ", "
        return joined.join(self.shown_option(options, key, locale) for key in value or ())

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return ", ".join(value or ())

    def formula_literal(self, options: Options, value: Any) -> str:
        """One key, or several as a list."""
        if isinstance(value, str):
            return text_literal(value)
        return "[" + ", ".join(map(text_literal, value)) + "]"

    def json_schema(self, options: Options) -> JsonSchema:
        items = {"type": "string", "enum": list(options["options"])}
        keywords: JsonSchema = {"type": "array", "items": items, "uniqueItems": True}
        return keywords if plain_options(options["options"]) else self.extended(options, keywords)

    def natural_options(self, schema: JsonSchema) -> Options | None:
        if json_type(schema) != "array" or not isinstance(schema.get("items"), dict):
            return None
        options = foreign_options(schema["items"])
        return None if options is None else {"options": options}
