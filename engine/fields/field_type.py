"""What a field can be, from its column to its widget.

A field type knows everything about its values: their options, column, parsing, formatting, widget, operators
and JSON Schema; nothing else in the product asks for a type by name.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeEngine

from engine.fields.numbering import Numbering
from engine.formula.types import Type
from engine.problems import unknown
from engine.text import Message, Text, say

Options = Mapping[str, Any]
JsonSchema = dict[str, Any]

TIME_ZONE = "Asia/Shanghai"
"""The time zone of people who have named none."""

QUOTED_LENGTH = 80
"""How much of a refused value a sentence quotes."""


class Relation(StrEnum):
    """How a field that points to other records is stored."""

    ONE = "one"
    """A column with the id of the other record."""
    MANY = "many"
    """A table of pairs."""
    ROWS = "rows"
    """Nothing here: the child rows point to the record."""


class ValueRefused(Exception):
    """A value that this field cannot hold; the message says what would be right."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


class OptionRefused(Exception):
    """An option of a field definition that does not make sense; `key` is the option's name."""

    def __init__(self, key: str, message: Message) -> None:
        self.key, self.message = key, message
        super().__init__(f"{key}: {message}")


@dataclass(frozen=True, slots=True)
class Converted:
    """A value that was of another type; not `exact` where something was lost on the way: 1.005 → 1.01."""

    value: Any
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A conversion in SQL. `fits`: for which values it is right; `value`: the converted value as stored."""

    fits: ColumnElement[bool]
    value: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Good:
    """An example for the conformance suite: what a person or program sends and the value it becomes.

    `options` are raw, as in a definition. Text `typed` is only for `parse`, not for `accept`.
    """

    sent: Any
    value: Any
    options: Options | None = None
    locale: str = "en"
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """An example for the conformance suite: what is sent and the English sentence that refuses it.

    Where `typed` is False, only programs are refused: the same text means something when typed.
    """

    sent: Any
    sentence: str
    options: Options | None = None
    typed: bool = True


@dataclass(frozen=True, slots=True)
class FileRule:
    """What a field takes: `largest` in bytes, how many, of which extensions; whether they are pictures."""

    largest: int
    count: int
    extensions: tuple[str, ...]
    pictures: bool = False


def quoted(value: Any) -> str:
    """`value` as a sentence quotes it: lists, objects and booleans as JSON, the rest as it is; shortened."""
    is_json = isinstance(value, (bool, list, tuple, dict))
    words = json.dumps(value, ensure_ascii=False, default=str) if is_json else str(value)
    words = words.encode("utf-8", "replace").decode()
    return words if len(words) <= QUOTED_LENGTH else words[: QUOTED_LENGTH - 1] + "…"


def text_literal(text: str) -> str:
    """A text constant of the formula language."""
    return json.dumps(text, ensure_ascii=False)


class FieldType(ABC):
    """One kind of property. `options` everywhere are the type's own options after `read_options`."""

    name: ClassVar[str]
    label: ClassVar[Text]
    group: ClassVar[str]
    """text, number, yes_no, time, choice, relation or other."""
    widget: ClassVar[str]
    """The name of the template that edits it: blueprints/templates/widgets/<widget>.html."""
    input_mode: ClassVar[str] = "text"
    """The HTML `inputmode`: which keyboard a telephone shows."""
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    """YAML option → JSON Schema of its value with a description, beyond the options common to all fields."""
    required_options: ClassVar[tuple[str, ...]] = ()
    operators: ClassVar[tuple[str, ...]] = ()
    """Names of entries of engine/fields/operators.py that make sense for its values."""
    sortable: ClassVar[bool] = True
    """Whether lists may be sorted by it and it may be unique."""
    relation: ClassVar[Relation | None] = None
    """How it is stored when its values are other records."""
    summable: ClassVar[bool] = False
    """Whether a sum of its values means something: amounts and counts do, parts and judgements do not."""
    parts: ClassVar[tuple[str, ...]] = ()
    """The parts that a form sends one by one under the field's name; its text has a line for each."""
    good: ClassVar[tuple[Good, ...]]
    bad: ClassVar[tuple[Bad, ...]]

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        """The options as values (Decimal, date …) with their defaults; raises OptionRefused.

        `raw` holds only the type's own options, as YAML or JSON values, entities named in full.
        """
        for key in raw:
            if key not in self.option_schemas:
                sentence = say("A field of type {type} has no option '{key}'.", type=self.name, key=key)
                raise OptionRefused(key, unknown(sentence, key, self.option_schemas))
        for key in self.required_options:
            if raw.get(key) is None:
                raise OptionRefused(
                    key, say("A field of type {type} needs '{key}'.", type=self.name, key=key)
                )
        return dict(raw)

    def raw_options(self, options: Options) -> dict[str, Any]:
        """What `read_options` reads as these options, as JSON values: the opposite way."""
        return {key: options[key] for key in self.option_schemas if options.get(key) is not None}

    def target(self, options: Options) -> str | None:
        """The entity in full that its values point to, when it is a relation."""
        return None

    def files(self, options: Options) -> FileRule | None:
        """Which files it takes, when its values name files; its text has a line for each."""
        return None

    def numbering(self, options: Options) -> Numbering | None:
        """How the records are numbered, when the field is given its value by counting."""
        return None

    @abstractmethod
    def column(self, options: Options) -> TypeEngine[Any] | None:
        """The column type; None when the values live in another table (links, table)."""

    @abstractmethod
    def formula_type(self, options: Options) -> Type:
        """What a formula sees when it reads the field."""

    def accept(self, options: Options, value: Any) -> Any:
        """The value for what a program sends as JSON (numbers as int or Decimal, never float).

        None and empty text mean blank (None). Raises ValueRefused, with the same sentence as `parse`.
        """
        if value is None or (isinstance(value, str) and value.strip() == ""):
            return None
        return self.read(options, value)

    @abstractmethod
    def read(self, options: Options, value: Any) -> Any:
        """The value for what is sent, which is not blank; raises ValueRefused. What `accept` calls."""

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        """The value for what a person typed or a CSV cell holds; empty text is blank (None).

        `time_zone` is the person's; it matters for instants.
        """
        return self.accept(options, text.strip())

    def to_json(self, options: Options, value: Any) -> Any:
        """The value as JSON: decimals and money as text, dates as ISO 8601."""
        return value

    @abstractmethod
    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        """The value for a person to read; blank is an empty text."""

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        """The text that a form field or a CSV cell holds, which `parse` reads back to the same value."""
        return "" if value is None else str(self.to_json(options, value))

    def formula_literal(self, options: Options, value: Any) -> str:
        """The value as formula text, for filters that people build by choosing: `1000`, `"won"`."""
        return text_literal(str(self.to_json(options, value)))

    def convert(self, options: Options, source: "FieldType", given: Options, value: Any) -> Converted:
        """What a value of another type (or of this one with other options, `given`) is as one of this type.

        It is read as if a person had typed it; raises ValueRefused where it means nothing.
        """
        text = source.edit(given, value, "en", TIME_ZONE)
        return Converted(self.parse(options, text, "en", TIME_ZONE))

    def take_over(
        self, options: Options, source: "FieldType", given: Options, column: ColumnElement[Any], dialect: str
    ) -> TakeOver | None:
        """How the database itself converts the column of another type; None where only `convert` can."""
        return None

    @abstractmethod
    def json_schema(self, options: Options) -> JsonSchema:
        """The JSON Schema (2020-12) of the value as `to_json` gives it and `accept` takes it.

        `x-dougong` holds the type and its options where JSON Schema has no words for them.
        """

    def extended(self, options: Options, keywords: JsonSchema) -> JsonSchema:
        """`keywords` together with `x-dougong`, from which `options_from_json_schema` reads all options."""
        return {**keywords, "x-dougong": {"type": self.name, **self.raw_options(options)}}

    def options_from_json_schema(self, schema: JsonSchema) -> Options | None:
        """Raw options when the schema names this type, or it is the natural one; else None."""
        own = schema.get("x-dougong", {})
        if "type" not in own:
            return self.natural_options(schema)
        if own["type"] != self.name:
            return None
        return {key: value for key, value in own.items() if key in self.option_schemas}

    def natural_options(self, schema: JsonSchema) -> Options | None:
        """Raw options when this type is the natural one for a foreign JSON Schema property, else None."""
        return None
