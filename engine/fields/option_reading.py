"""Reading the raw options of a field definition: numbers in a range, names, and values of the type itself."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.fields.field_type import OptionRefused, ValueRefused, quoted
from engine.text import say


def whole_option(raw: Mapping[str, Any], key: str, low: int, high: int, default: int) -> int:
    """A whole number from `low` to `high`, `default` when it is not given; raises OptionRefused."""
    given = raw.get(key)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise OptionRefused(
            key,
            say(
                "'{key}' must be a whole number from {low} to {high}, not “{value}”.",
                key=key,
                low=low,
                high=high,
                value=quoted(given),
            ),
        )
    return given


def text_option(raw: Mapping[str, Any], key: str) -> str | None:
    """A text, None when it is not given; raises OptionRefused."""
    given = raw.get(key)
    if given is not None and (not isinstance(given, str) or not given.strip()):
        raise OptionRefused(key, say("'{key}' must be a text, not “{value}”.", key=key, value=quoted(given)))
    return given


def value_option(raw: Mapping[str, Any], key: str, accept: Callable[[Any], Any]) -> Any:
    """An option that is itself a value of the field, such as its minimum; raises OptionRefused."""
    try:
        return accept(raw.get(key))
    except ValueRefused as refused:
        raise OptionRefused(key, refused.message) from refused


def raw_number(number: int | Decimal) -> int | float:
    """A number for a keyword of JSON Schema, such as `minimum`."""
    return int(number) if number == int(number) else float(number)
