"""What stands after the question mark of a request: read once, refused in a sentence."""

from collections.abc import Collection

from engine.problems import Malformed, unknown
from engine.text import say

LARGEST_PAGE = 500
PAGE = 50
COUNTS = {"false": "none", "true": "capped", "exact": "exact"}


def refuse_unknown(given: Collection[str], known: Collection[str]) -> None:
    """Refuses parameters that the address does not know, so that a misspelt filter never shows everything."""
    for name in given:
        if name not in known:
            sentence = say("This address has no parameter “{name}”.", name=name)
            raise Malformed(unknown(sentence, name, known))


def read_limit(text: str | None) -> int:
    """How many records a page holds."""
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE):
        sentence = "“{value}” is no page size: limit is a whole number from 1 to {largest}."
        raise Malformed(say(sentence, value=text, largest=LARGEST_PAGE))
    return int(text)


def read_count(text: str | None) -> str:
    """none, capped or exact."""
    if text is None:
        return "none"
    if text not in COUNTS:
        raise Malformed(say("“{value}” is no way to count: count is true, false or exact.", value=text))
    return COUNTS[text]


def read_sort(text: str | None) -> tuple[tuple[str, bool], ...]:
    """`-amount,name` as ((amount, descending), (name, ascending))."""
    if not text:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.removeprefix("-") for part in parts):
        sentence = "“{value}” is no order: sort is a list of fields such as {example}."
        raise Malformed(say(sentence, value=text, example="-amount,name"))
    return tuple((part.removeprefix("-"), part.startswith("-")) for part in parts)


def read_fields(text: str | None, known: Collection[str]) -> tuple[str, ...] | None:
    """The fields an answer is narrowed to; None for all of them."""
    if text is None:
        return None
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name not in known:
            raise Malformed(unknown(say("There is no field “{name}” here.", name=name), name, known))
    return names


def read_revision(text: str | None) -> int | None:
    """The revision of the header If-Match, or None when any revision may be written."""
    if text is None or text.strip() == "*":
        return None
    tag = text.strip().removeprefix("W/").strip('"')
    if not (tag.isascii() and tag.isdigit() and len(tag) < 19):
        sentence = "“{value}” is no revision: If-Match holds the ETag of the record, such as {example}."
        raise Malformed(say(sentence, value=text, example='"3"'))
    return int(tag)
