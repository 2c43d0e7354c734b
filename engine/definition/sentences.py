"""What the JSON Schema check finds, in sentences: a table from its keywords to what would be right."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from engine.definition.language import THINGS
from engine.definition.terms import DAYS, DAYS_OR_FILE, HOURS, WEEKDAYS, Thing
from engine.fields.field_type import quoted
from engine.problems import nearest, unknown
from engine.text import Message, say

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error of the validator: which keyword of which schema wants what, and the value that is not so.

    `is_name` says that the value is the name of a key; `inner` are the mistakes of each alternative.
    """

    keyword: str
    wanted: Any
    value: Any
    schema: Mapping[str, Any]
    path: KeyPath
    is_name: bool
    inner: tuple["Mistake", ...]


def mistake_of(error: ValidationError) -> Mistake:
    """The error of the validator as a value."""
    return Mistake(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=error.schema if isinstance(error.schema, Mapping) else {},
        path=tuple(error.absolute_path),
        is_name="propertyNames" in error.absolute_schema_path,
        inner=tuple(map(mistake_of, error.context)),
    )


TYPES: Mapping[str, Message] = {
    "string": say("a text"),
    "boolean": say("true or false"),
    "integer": say("a whole number"),
    "number": say("a number"),
    "array": say("a list"),
    "object": say("a mapping of keys to values"),
}
BY_TITLE: Mapping[str, str] = {str(thing.subject): name for name, thing in THINGS.items()}


def thing_of(schema: Mapping[str, Any]) -> tuple[Message, Thing] | None:
    """What the mapping is that this schema describes, and what a sentence calls it."""
    title = str(schema.get("title", ""))
    if title in BY_TITLE:
        thing = THINGS[BY_TITLE[title]]
        return thing.subject, thing
    kind = schema.get("properties", {}).get("type", {}).get("const")
    return (_kind_of_field(kind), THINGS["field"]) if kind else None


def _kind_of_field(type_name: str) -> Message:
    vowel = type_name.startswith(("a", "e", "i", "o"))
    return say("An {type} field", type=type_name) if vowel else say("A {type} field", type=type_name)


def not_yet(feature: Message, key: str) -> Message:
    """The refusal of a key that a later version of the product runs."""
    return say(
        "This version of Dougong does not run {feature} yet; leave '{key}' out.", feature=feature, key=key
    )


def unknown_key(schema: Mapping[str, Any], key: str) -> Message:
    """Why a mapping of this schema cannot have `key`."""
    found = thing_of(schema)
    if found is None:
        return unknown(say("There is no key '{key}' here.", key=key), key, schema["properties"])
    subject, thing = found
    if key in thing.later:
        return not_yet(thing.later[key], key)
    if thing is THINGS["field"]:
        return unknown(
            say("{thing} has no option '{key}'.", thing=subject, key=key), key, schema["properties"]
        )
    return unknown(say("{thing} has no key '{key}'.", thing=subject, key=key), key, schema["properties"])


def sentence(mistake: Mistake, key: str) -> Message:
    """The sentence for an error of the validator at `key`."""
    if mistake.value is None and mistake.keyword == "type":
        return say("'{key}' has no value; it is {expected}.", key=key, expected=_types(mistake.wanted))
    write = SENTENCES.get(mistake.keyword, _does_not_fit)
    return write(mistake, key)


def _type(mistake: Mistake, key: str) -> Message:
    expected = _types(mistake.wanted)
    if mistake.path and isinstance(mistake.path[-1], int):
        return say(
            "An item of '{key}' is {expected}, not {value}.",
            key=key,
            expected=expected,
            value=_shown(mistake.value),
        )
    return say("'{key}' is {expected}, not {value}.", key=key, expected=expected, value=_shown(mistake.value))


def _types(names: str | Sequence[str]) -> Message:
    wanted = [TYPES[name] for name in ([names] if isinstance(names, str) else names) if name in TYPES]
    phrase = wanted[-1]
    for each in reversed(wanted[:-1]):
        phrase = say("{first} or {second}", first=each, second=phrase)
    return phrase


def _shown(value: Any) -> str | Message:
    if isinstance(value, dict):
        return TYPES["object"]
    if isinstance(value, list):
        return TYPES["array"]
    if isinstance(value, bool):
        return str(value).lower()
    return say("“{value}”", value=quoted(value)) if isinstance(value, str) else str(value)


def _choice(mistake: Mistake, key: str) -> Message:
    value, possible = str(mistake.value), [str(each) for each in mistake.wanted]
    if mistake.is_name:
        return say(
            "There is no locale '{key}'; labels are written in {known}.", key=key, known=", ".join(possible)
        )
    if key == "type" and _owner(mistake) == "field":
        return unknown(say("There is no field type '{value}'.", value=value), value, possible)
    refused = say("'{key}' cannot be “{value}”.", key=key, value=quoted(value))
    if nearest(value, possible):
        return unknown(refused, value, possible)
    return say("{sentence} It is one of {known}.", sentence=refused, known=", ".join(possible))


def _owner(mistake: Mistake) -> str:
    """What holds the key: the collection in which it stands, in the singular."""
    return str(mistake.path[-3]).removesuffix("s") if len(mistake.path) >= 3 else ""


def _required(mistake: Mistake, key: str) -> Message:
    found = thing_of(mistake.schema)
    if found is None:
        return say("The key '{key}' is missing.", key=key)
    return say("{thing} needs the key '{key}'.", thing=found[0], key=key)


WRITTEN: Mapping[str, str] = {
    HOURS: "'{value}' is no span of working hours; write it like \"09:00-12:00\".",
    WEEKDAYS: "'{value}' is no day of the week; write 'mon', or 'mon-fri' for several.",
    DAYS: "'{value}' is no day; write it like 2026-10-01, or 2026-10-01 to 2026-10-07.",
    DAYS_OR_FILE: "'{value}' is neither a day like 2026-10-01 nor a file like china_2026.yaml.",
}
"""How to write what is not a name."""


def _pattern(mistake: Mistake, key: str) -> Message:
    value = str(mistake.value)
    if mistake.wanted in WRITTEN:
        return say(WRITTEN[mistake.wanted], value=quoted(value))
    suggestion = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value).lower()).strip("_")
    refused = say("'{value}' is not a name; names are lower case words joined by '_'.", value=quoted(value))
    if suggestion and re.fullmatch("[a-z].*", suggestion) and suggestion != value:
        return say("{sentence} Did you mean '{suggestion}'?", sentence=refused, suggestion=suggestion)
    return refused


def _later(mistake: Mistake, key: str) -> Message:
    """A key of a later version where further attributes are free."""
    return not_yet(THINGS[_owner(mistake)].later[key], key)


def _empty(_: Mistake, key: str) -> Message:
    return say("'{key}' is empty.", key=key)


def _too_long(mistake: Mistake, key: str) -> Message:
    return say(
        "'{value}' is too long: at most {limit} characters.",
        value=quoted(mistake.value),
        limit=mistake.wanted,
    )


def _twice(_: Mistake, key: str) -> Message:
    return say("'{key}' is named twice.", key=key)


def _at_least(mistake: Mistake, key: str) -> Message:
    return say(
        "'{key}' is at least {limit}, not {value}.",
        key=key,
        limit=mistake.wanted,
        value=mistake.value,
    )


def _at_most(mistake: Mistake, key: str) -> Message:
    return say("'{key}' is at most {limit}, not {value}.", key=key, limit=mistake.wanted, value=mistake.value)


def _alternatives(mistake: Mistake, key: str) -> Message:
    """Of several schemas, none fits: the types that would, or what the nearest one says."""
    inner = mistake.inner
    wrong_type = [each for each in inner if each.keyword == "type" and each.path == mistake.path]
    if inner and len(wrong_type) == len(inner):
        names = [name for each in wrong_type for name in _listed(each.wanted)]
        return say(
            "'{key}' is {expected}, not {value}.",
            key=key,
            expected=_types(names),
            value=_shown(mistake.value),
        )
    fitting = [each for each in inner if each not in wrong_type]
    return sentence(fitting[0], key) if fitting else _does_not_fit(mistake, key)


def _listed(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


def _does_not_fit(mistake: Mistake, key: str) -> Message:
    return say("'{key}' cannot be {value}.", key=key, value=_shown(mistake.value))


SENTENCES: Mapping[str, Callable[[Mistake, str], Message]] = {
    "type": _type,
    "enum": _choice,
    "required": _required,
    "pattern": _pattern,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "maxLength": _too_long,
    "uniqueItems": _twice,
    "minimum": _at_least,
    "maximum": _at_most,
    "not": _later,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
