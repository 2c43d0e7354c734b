"""One item of a choice, as a definition gives it: a key, its label, its colour and further attributes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.text import Text

PERCENT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?\s*%")


def in_words(name: str) -> str:
    """The label of something that was given none: `lost_reason` → `Lost reason`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def read_label(name: str, raw: Any) -> Text:
    """The label that a definition gives to `name`: a text, a mapping of locales, or nothing."""
    if isinstance(raw, Mapping) and raw:
        return Text({str(locale): str(words) for locale, words in raw.items()})
    return Text({"en": in_words(name) if raw is None or isinstance(raw, Mapping) else str(raw)})


def read_attribute(raw: Any) -> Any:
    """The value of a further attribute: `10%` is the number 0.1, everything else is itself."""
    if not isinstance(raw, str) or not PERCENT.fullmatch(raw.strip()):
        return raw
    try:
        return Decimal(raw.strip().rstrip("%").strip()).scaleb(-2)
    except InvalidOperation:
        return raw


@dataclass(frozen=True, slots=True)
class Option:
    """One item of a choice, with any further attributes that formulas may read (`stage.probability`)."""

    name: str
    label: Text
    color: str | None = None
    was: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def read_option(name: str, raw: Mapping[str, Any] | None) -> Option:
    """The option of this key; `raw` is what stands under it, None when there is nothing."""
    given = dict(raw or {})
    return Option(
        name=name,
        label=read_label(name, given.pop("label", None)),
        color=given.pop("color", None),
        was=given.pop("was", None),
        attributes={key: read_attribute(value) for key, value in given.items()},
    )


def raw_option(option: Option) -> dict[str, Any]:
    """What `read_option` reads as this option, as JSON values."""
    named = {"color": option.color, "was": option.was}
    attributes = {
        key: f"{value.scaleb(2):f}%" if isinstance(value, Decimal) else value
        for key, value in option.attributes.items()
    }
    return {
        "label": dict(option.label.words),
        **{key: value for key, value in named.items() if value is not None},
        **attributes,
    }
