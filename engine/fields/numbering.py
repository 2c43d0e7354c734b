"""The pattern of a sequence: `DEAL-{year}-{0000}` numbers deals within each year, as DEAL-2026-0001."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

PART = re.compile(r"\{([^{}]*)\}")
COUNTER = re.compile(r"0{1,12}")

DATE_PARTS: Mapping[str, tuple[str, Callable[[date], str]]] = {
    "year": (r"[0-9]{4}", lambda day: f"{day.year:04}"),
    "month": (r"[0-9]{2}", lambda day: f"{day.month:02}"),
    "day": (r"[0-9]{2}", lambda day: f"{day.day:02}"),
}
"""Part → the regular expression of its text, and its text on a day."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How records are numbered: `literals` around `parts`, one of which is the counter (`0000`)."""

    text: str
    literals: tuple[str, ...]
    parts: tuple[str, ...]

    def period(self, day: date) -> str:
        """What the count is kept for: `2026`, `2026-11`, or empty when it never starts again."""
        return "-".join(render(day) for name, (_, render) in DATE_PARTS.items() if name in self.parts)

    def render(self, number: int, day: date) -> str:
        """The text of the `number`th record of the day's period; longer when the zeros do not suffice."""
        words = [
            DATE_PARTS[part][1](day) if part in DATE_PARTS else f"{number:0{len(part)}}"
            for part in self.parts
        ]
        return self.literals[0] + "".join(
            word + literal for word, literal in zip(words, self.literals[1:], strict=True)
        )

    def number_of(self, text: str) -> tuple[str, int] | None:
        """The period of a text and which record of it has that number; None for a text of another form."""
        found = re.fullmatch(self._expression("({})"), text)
        if found is None:
            return None
        words = dict(zip(self.parts, found.groups(), strict=True))
        (count,) = (int(word) for part, word in words.items() if part not in DATE_PARTS)
        return "-".join(words[name] for name in DATE_PARTS if name in words), count

    @property
    def expression(self) -> str:
        """A regular expression of the texts that it gives, without anchors."""
        return self._expression("{}")

    def _expression(self, around: str) -> str:
        patterns = [
            DATE_PARTS[part][0] if part in DATE_PARTS else f"[0-9]{{{len(part)},18}}" for part in self.parts
        ]
        return re.escape(self.literals[0]) + "".join(
            around.format(pattern) + re.escape(literal)
            for pattern, literal in zip(patterns, self.literals[1:], strict=True)
        )


def read_numbering(text: str) -> Numbering | None:
    """The numbering that a pattern describes; None unless it has exactly one counter and only known parts."""
    pieces = PART.split(text)
    literals, parts = tuple(pieces[::2]), tuple(pieces[1::2])
    counters = [part for part in parts if COUNTER.fullmatch(part)]
    known = all(part in DATE_PARTS for part in parts if part not in counters)
    broken = any("{" in literal or "}" in literal for literal in literals)
    return None if broken or not known or len(counters) != 1 else Numbering(text, literals, parts)
