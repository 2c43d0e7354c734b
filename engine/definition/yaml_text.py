"""Values as YAML text as these definitions are written: short things in braces, long ones key by key."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml

from engine.definition.scalars import resolved

LINE = 110
"""How long a line may get before a mapping is written one key a line."""
STEP = "  "


def in_braces(value: Any, quote: str = "") -> str:
    """The value on one line, fit to stand between braces or brackets.

    `quote` is the quotation mark that a text had before; it keeps it.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {in_braces(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(in_braces, value)) + "]"
    return scalar(value, quote)


def is_short(value: Any, room: int) -> bool:
    """Whether the value stands on the line of its key: a scalar, a list of scalars, a small mapping."""
    if isinstance(value, Mapping):
        return len(in_braces(value)) <= room
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(in_braces(value)) <= room or not any(isinstance(each, Mapping) for each in value)
    return True


def entry(key: str, value: Any, indent: str, quote: str = "") -> list[str]:
    """The lines of a key with its value."""
    name = scalar(key)
    room = LINE - len(indent) - len(name) - 2
    if value is None:
        return [f"{indent}{name}:"]
    if is_short(value, room):
        return [f"{indent}{name}: {in_braces(value, quote)}"]
    return [f"{indent}{name}:", *below(value, indent + STEP)]


def below(value: Any, indent: str) -> list[str]:
    """The lines of a mapping or list that stands beneath its key."""
    if isinstance(value, Mapping):
        return [line for key, each in value.items() for line in entry(str(key), each, indent)]
    return [line for each in value for line in item(each, indent)]


def item(value: Any, indent: str, quote: str = "") -> list[str]:
    """The lines of an item of a list."""
    if is_short(value, LINE - len(indent) - 2):
        return [f"{indent}- {in_braces(value, quote)}"]
    first, *others = below(value, indent + STEP)
    return [f"{indent}- {first.strip()}", *others]


def scalar(value: Any, quote: str = "") -> str:
    """One value: a text without quotes where that cannot be misread."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if quote != '"' and text.isprintable() and _is_plain(text):
        return text
    return _in_quotes(text)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the bare words as this text, between braces too."""
    if resolved(text) != (text, None) or text != text.strip():
        return False
    try:
        events = list(yaml.parse(f"{{k: {text}, l: m}}", yaml.CSafeLoader))
    except yaml.YAMLError:
        return False
    found = [(each.value, each.style) for each in events if isinstance(each, yaml.ScalarEvent)]
    return (
        [value for value, _ in found] == ["k", text, "l", "m"]
        and not any(isinstance(each, yaml.AliasEvent) for each in events)
        and found[1][1] in (None, "")
    )


def _in_quotes(text: str) -> str:
    """In double quotes; JSON's escapes are YAML's, but for characters above the basic plane."""
    written = json.dumps(text, ensure_ascii=False)
    hidden = (each for each in set(text) if not each.isprintable() and ord(each) > 0x7E)
    for each in hidden:
        written = written.replace(each, f"\\U{ord(each):08X}")
    return written
