"""What a field can be. A field type knows everything about its values: their options, column, parsing,
formatting, widget, operators and JSON Schema; nothing else in the product asks for a type by name."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.formula.types import Type
from engine.text import Message

Options = Mapping[str, Any]
JsonSchema = dict[str, Any]


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
class Good:
    """An example for the conformance suite: what a person or program sends and the value it becomes."""

    sent: Any
    value: Any
    options: Options | None = None
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Bad:
    """An example for the conformance suite: what is sent and the English sentence that refuses it."""

    sent: Any
    sentence: str
    options: Options | None = None


class FieldType(ABC):
    """One kind of property. `options` everywhere are the type's own options after `read_options`."""

    name: ClassVar[str]
    group: ClassVar[str]
    """text, number, yes_no, time, choice, relation or other."""
    widget: ClassVar[str]
    """The name of the template that edits it: blueprints/templates/widgets/<widget>.html."""
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    """YAML option → JSON Schema of its value, beyond the options common to all fields."""
    required_options: ClassVar[tuple[str, ...]] = ()
    operators: ClassVar[tuple[str, ...]] = ()
    """Names of entries of engine/fields/operators.py that make sense for its values."""
    sortable: ClassVar[bool] = True
    """Whether lists may be sorted by it and it may be unique."""
    good: ClassVar[tuple[Good, ...]]
    bad: ClassVar[tuple[Bad, ...]]

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        """The options as values (Decimal, date …) with their defaults; raises OptionRefused."""
        return dict(raw)

    @abstractmethod
    def column(self, options: Options) -> TypeEngine[Any] | None:
        """The column type; None when the values live in another table (links, table)."""

    @abstractmethod
    def formula_type(self, options: Options) -> Type:
        """What a formula sees when it reads the field."""

    @abstractmethod
    def accept(self, options: Options, value: Any) -> Any:
        """The value for what a program sends as JSON (numbers as int or Decimal, never float).

        None means blank. Raises ValueRefused, with the same sentence as `parse`.
        """

    def parse(self, options: Options, text: str, locale: str) -> Any:
        """The value for what a person typed or a CSV cell holds; empty text is blank (None)."""
        stripped = text.strip()
        return None if stripped == "" else self.accept(options, stripped)

    def to_json(self, options: Options, value: Any) -> Any:
        """The value as JSON: decimals and money as text, dates as ISO 8601."""
        return value

    @abstractmethod
    def format(self, options: Options, value: Any, locale: str) -> str:
        """The value for a person to read; blank is an empty text."""

    def edit(self, options: Options, value: Any, locale: str) -> str:
        """The text that a form field or a CSV cell holds, which `parse` reads back to the same value."""
        return "" if value is None else str(self.to_json(options, value))

    @abstractmethod
    def json_schema(self, options: Options) -> JsonSchema:
        """The JSON Schema (2020-12) of the value as `accept` takes it."""

    def options_from_json_schema(self, schema: JsonSchema) -> Options | None:
        """Raw options when this type is the natural one for a foreign JSON Schema property, else None."""
        return None
