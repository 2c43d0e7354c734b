"""Choosing among options that the definition lists."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.fields.field_type import FieldType, JsonSchema, OptionRefused, Options, ValueRefused, quoted
from engine.fields.option import Option, raw_option, read_option
from engine.problems import unknown
from engine.text import say

KEY = re.compile(r"[^\W_](?:[^,\"'\\\x00-\x1f\x7f]{0,58}[^\s,\"'\\\x00-\x1f\x7f])?")
"""What a key may look like: not so narrow as a name in YAML, since foreign JSON Schemas bring their own."""

COLOR = re.compile(r"[a-z]{3,20}|#[0-9a-fA-F]{6}")

SHOWN_OPTIONS = 8
"""How many options a sentence lists."""


def plain_options(options: Mapping[str, Option]) -> bool:
    """Whether the options are nothing but their keys."""
    return all(option == read_option(name, None) for name, option in options.items())


def read_choices(raw: Any) -> Mapping[str, Option]:
    """The options of a list of keys or of a mapping from keys; raises OptionRefused."""
    named = raw if isinstance(raw, Mapping) else dict.fromkeys(raw) if isinstance(raw, (list, tuple)) else {}
    if not named:
        raise OptionRefused("options", say("'options' must list at least one option."))
    if not isinstance(raw, Mapping) and len(named) != len(raw):
        raise OptionRefused("options", say("'options' names an option twice."))
    for key, given in named.items():
        if not isinstance(key, str) or not KEY.fullmatch(key):
            sentence = say(
                "“{key}” cannot be the key of an option. Use a word such as in_progress.", key=quoted(key)
            )
            raise OptionRefused("options", sentence)
        if given is not None and not isinstance(given, Mapping):
            sentence = say(
                "Option '{key}' must be a mapping with label, color and so on, not “{value}”.",
                key=key,
                value=quoted(given),
            )
            raise OptionRefused("options", sentence)
        color = (given or {}).get("color")
        if color is not None and not (isinstance(color, str) and COLOR.fullmatch(color)):
            sentence = say(
                "The color “{value}” of option '{key}' must be a name such as red, or like #d63939.",
                key=key,
                value=quoted(color),
            )
            raise OptionRefused("options", sentence)
    return {key: read_option(key, given) for key, given in named.items()}


class ChoiceType(FieldType):
    """What choice and multi_choice have in common."""

    group = "choice"
    required_options = ("options",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "options": {
            "type": ["array", "object"],
            "description": "The keys, or key → {label, color, was, further attributes that formulas read}.",
            "items": {"type": "string"},
            "additionalProperties": {"type": ["object", "null"]},
        },
    }

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        return {**super().read_options(raw), "options": read_choices(raw["options"])}

    def raw_options(self, options: Options) -> dict[str, Any]:
        known = options["options"]
        plain = (
            list(known) if plain_options(known) else {name: raw_option(each) for name, each in known.items()}
        )
        return {**super().raw_options(options), "options": plain}

    def one(self, options: Options, value: Any) -> str:
        """The key that was sent; raises ValueRefused."""
        known: Mapping[str, Option] = options["options"]
        key = value.strip() if isinstance(value, str) else value
        if isinstance(key, str) and key in known:
            return key
        names = ", ".join(list(known)[:SHOWN_OPTIONS]) + (" …" if len(known) > SHOWN_OPTIONS else "")
        sentence = say("“{value}” is not one of the options: {options}.", value=quoted(value), options=names)
        raise ValueRefused(unknown(sentence, key, known) if isinstance(key, str) else sentence)

    def key_of(self, options: Options, text: str) -> str:
        """The key of what a person wrote, which may be a label in any language; else the text itself."""
        known: Mapping[str, Option] = options["options"]
        written = text.strip()
        labels = {
            words.casefold(): name for name, option in known.items() for words in option.label.words.values()
        }
        return written if written in known else labels.get(written.casefold(), written)

    def shown_option(self, options: Options, key: str, locale: str) -> str:
        """The label of a key; a key that is no longer an option is shown as it is."""
        known: Mapping[str, Option] = options["options"]
        return known[key].label.to(locale) if key in known else key

    def attributes(self, options: Options) -> dict[str, Mapping[str, Any]]:
        """Key → its further attributes, as formulas read them."""
        known: Mapping[str, Option] = options["options"]
        return {name: option.attributes for name, option in known.items()}


def foreign_options(schema: JsonSchema) -> Any:
    """The raw options of a JSON Schema `enum`, or `oneOf` with `const` and `title`; else None."""
    enum = [each for each in schema.get("enum", ()) if each is not None]
    if enum and all(isinstance(each, str) and KEY.fullmatch(each) for each in enum):
        return enum
    constants: list[Any] = schema.get("oneOf") or schema.get("anyOf") or []
    named = [each for each in constants if isinstance(each, Mapping) and isinstance(each.get("const"), str)]
    if not named or len(named) != len(constants):
        return None
    return {each["const"]: {"label": each["title"]} if "title" in each else None for each in named}
