"""The words in which the language is described: schemas of plain values, keys, and kinds of mappings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.text import LOCALES, Message

JsonSchema = dict[str, Any]

IDENTIFIER = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
FULL_NAME = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)?$"

NAME: JsonSchema = {"type": "string", "pattern": IDENTIFIER, "maxLength": 40}
REFERENCE: JsonSchema = {"type": "string", "pattern": FULL_NAME}
"""The name of an entity or role: of the same app, or `app.name`."""
NAMES: JsonSchema = {"type": "array", "items": NAME, "uniqueItems": True}
COLUMN_LISTS: JsonSchema = {"type": "array", "items": {**NAMES, "minItems": 1}}
FLAG: JsonSchema = {"type": "boolean"}
PLAIN_TEXT: JsonSchema = {"type": "string", "minLength": 1}
WORDS: JsonSchema = {
    "type": ["string", "object"],
    "minLength": 1,
    "minProperties": 1,
    "propertyNames": {"enum": list(LOCALES)},
    "additionalProperties": {"type": "string", "minLength": 1},
}
"""A label: one text, or a text for each locale."""
FORMULA: JsonSchema = {"type": ["string", "number", "boolean"], "minLength": 1}
VALUE: JsonSchema = {"type": ["string", "number", "boolean", "array", "null"]}
"""A plain value, or a formula that begins with `=`."""
ATTRIBUTE: JsonSchema = {"type": ["string", "number", "boolean"]}
RIGHT: JsonSchema = {"type": ["boolean", "string"], "minLength": 1}
PRINCIPALS: JsonSchema = {"type": "array", "items": PLAIN_TEXT}
COLORS = [
    *("blue", "azure", "indigo", "purple", "pink", "red", "orange"),
    *("yellow", "lime", "green", "teal", "cyan", "gray", "dark"),
]
COLOR: JsonSchema = {"enum": COLORS}
HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
"""Working hours of a day: `09:00-12:00`."""
WEEKDAYS = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"
"""A day of the week, or one to another: `mon-fri`."""
A_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAYS = f"^{A_DAY}( to {A_DAY})?$"
"""A day, or one to another: `2026-10-01 to 2026-10-07`."""
DAYS_OR_FILE = rf"^({A_DAY}( to {A_DAY})?|[^ ].*\.ya?ml)$"
LIST_OF_DAYS: JsonSchema = {"type": "array", "items": {"type": "string", "pattern": DAYS}}
TOTALS: JsonSchema = {
    "type": "object",
    "propertyNames": NAME,
    "additionalProperties": {"enum": ["sum", "avg", "min", "max", "count"]},
}


def each(thing: str, *, at_least: int = 0) -> JsonSchema:
    """The schema of a mapping from names to things."""
    return {
        "type": "object",
        "propertyNames": NAME,
        "additionalProperties": {"$ref": f"#/$defs/{thing}"},
        **({"minProperties": at_least} if at_least else {}),
    }


@dataclass(frozen=True, slots=True)
class Key:
    """What a key holds, and one sentence that says what it is for."""

    schema: JsonSchema
    description: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of mapping in a definition. `later` names keys that this version refuses, with what they need.

    `others` is the schema of keys that are not in the table: further attributes, or principals.
    """

    subject: Message
    keys: Mapping[str, Key]
    required: tuple[str, ...] = ()
    later: Mapping[str, Message] = field(default_factory=dict)
    others: JsonSchema | None = None
    may_be_empty: bool = False
    kinds: tuple[str, Mapping[str, str]] | None = None
    """Of a thing that comes in kinds: the key that says which, and for each of its values the thing.

    `keys` then are those of all kinds."""


LABEL = Key(WORDS, "What people read; without it the name in words.")
WAS = Key(NAME, "The former name, when it is renamed.")
HIDDEN = Key(FLAG, "Not shown in menus and forms; rules and formulas still see it.")
ICON = Key(PLAIN_TEXT, "The name of a Tabler icon, such as `handshake`.")
