"""Cuts into a YAML text that put, add, move or remove one part and leave every other character as it is.

What stands on lines of its own is cut out and put in by whole lines; what stands in braces or brackets by
characters. Comments above a part stay where they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definition.spans import ListSpan, MappingSpan, ScalarSpan, Span
from engine.definition.yaml_text import LINE, entry, in_braces, is_short, item, scalar

Collection = MappingSpan | ListSpan
Part = tuple[int, int]
"""From where to where an entry or item stands, without what is around it."""


@dataclass(frozen=True, slots=True)
class Splice:
    """What stands from `begin` to `end` is replaced by `text`."""

    begin: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text after all of these, which do not overlap."""
    for each in sorted(splices, key=lambda each: (each.begin, each.end), reverse=True):
        text = text[: each.begin] + each.text + text[each.end :]
    return text


def put(text: str, inside: Collection, at: int, value: Any) -> list[Splice]:
    """Gives the entry or item number `at` another value."""
    if isinstance(inside, MappingSpan):
        key, old = inside.entries[at]
        begin = _after_colon(text, key, old)
    else:
        old = inside.items[at]
        begin = _parts(text, inside)[at][0] + (0 if inside.flow else 1)
    quote = old.style if isinstance(old, ScalarSpan) and old.style in ("'", '"') else ""
    stands_in_line = isinstance(old, ScalarSpan) or old.flow
    if inside.flow or (stands_in_line and is_short(value, _room(text, begin))):
        return [_in_line(text, inside, at, old, in_braces(value, quote))]
    indent = " " * _column(text, _parts(text, inside)[at][0])
    if isinstance(inside, ListSpan):
        whole = _lines(text, _parts(text, inside)[at])
        return [Splice(whole.begin, whole.end, _joined(text, item(value, indent)))]
    head, *under = entry(inside.entries[at][0].text, value, indent)
    inline = head.removeprefix(indent).removeprefix(scalar(inside.entries[at][0].text)).removeprefix(":")
    if stands_in_line:
        after = _line_end(text, old.end)
        return [Splice(begin, old.end, ""), Splice(after, after, _joined(text, under))]
    rest = _line_end(text, begin)
    return [Splice(begin, begin, inline), Splice(rest, _line_end(text, old.end), _joined(text, under))]


def add(text: str, inside: Collection, at: int, key: str, value: Any) -> list[Splice]:
    """Puts a new entry (or item, whose `key` does not count) before number `at`, or at the end."""
    if inside.flow:
        shown = in_braces(value)
        named = f"{scalar(key)}: {shown}" if isinstance(inside, MappingSpan) else shown
        return [_into_braces(text, inside, at, named)]
    indent = " " * _column(text, _parts(text, inside)[0][0])
    lines = entry(key, value, indent) if isinstance(inside, MappingSpan) else item(value, indent)
    return [_into_lines(text, inside, at, lines)]


def remove(text: str, inside: Collection, at: int) -> Splice:
    """Takes the entry or item number `at` out; there is another one."""
    parts = _parts(text, inside)
    begin, end = parts[at]
    if inside.flow:
        if at + 1 < len(parts):
            return Splice(begin, parts[at + 1][0], "")
        return Splice(parts[at - 1][1], end, "")
    if text[_line_begin(text, begin) : begin].strip():
        # The first key behind a dash: the next one takes its place.
        following = _line_end(text, end)
        blank = len(text[following:]) - len(text[following:].lstrip())
        return Splice(begin, following + blank, "")
    return _lines(text, parts[at])


def move(text: str, inside: Collection, at: int, to: int) -> list[Splice]:
    """Puts the entry or item number `at` before number `to` of the same collection, as it was written."""
    if to in (at, at + 1):
        return []
    begin, end = _parts(text, inside)[at]
    if inside.flow:
        return [remove(text, inside, at), _into_braces(text, inside, to, text[begin:end])]
    whole = _lines(text, (begin, end))
    indent = " " * _column(text, begin)
    written = text[begin : whole.end].removesuffix("\n").removesuffix("\r")
    cut = remove(text, inside, at)
    return [cut, _into_lines(text, inside, to, [indent + written], spaced=False)]


def _in_line(text: str, inside: Collection, at: int, old: Span, shown: str) -> Splice:
    if old.begin < old.end:
        return Splice(old.begin, old.end, shown)
    if isinstance(inside, MappingSpan):
        key = inside.entries[at][0]
        after = _after_colon(text, key, old)
        return Splice(after, after, f": {shown}" if after == key.end else f" {shown}")
    dash = _parts(text, inside)[at][0]
    return Splice(dash + 1, dash + 1, f" {shown}")


def _into_braces(text: str, inside: Collection, at: int, shown: str) -> Splice:
    parts = _parts(text, inside)
    if not parts:
        return Splice(inside.begin + 1, inside.end - 1, shown)
    if at < len(parts):
        return Splice(parts[at][0], parts[at][0], f"{shown}, ")
    return Splice(parts[-1][1], parts[-1][1], f", {shown}")


def _into_lines(
    text: str, inside: Collection, at: int, lines: Sequence[str], *, spaced: bool = True
) -> Splice:
    parts = _parts(text, inside)
    if at > 0:
        after = _line_end(text, parts[at - 1][1])
        written = _joined(text, [""] * (spaced and _is_spaced(text, parts, at)) + [*lines])
        return Splice(after, after, written if text[:after].endswith("\n") else _newline(text) + written)
    first = parts[0][0]
    begin = _line_begin(text, first)
    if text[begin:first].strip():
        indent = " " * _column(text, first)
        return Splice(first, first, _joined(text, lines).lstrip(" ") + indent)
    # Comments above the first one stay with it; those at the top of a file belong to the file.
    while begin > 0 and _column(text, first) > 0 and _is_comment(text, _line_begin(text, begin - 1)):
        begin = _line_begin(text, begin - 1)
    return Splice(begin, begin, _joined(text, lines))


def _is_spaced(text: str, parts: Sequence[Part], at: int) -> bool:
    """Whether the neighbours are set apart by a blank line."""
    then = min(at, len(parts) - 1)
    gap = text[_line_end(text, parts[then - 1][1]) : parts[then][0]] if then else ""
    return any(not line.strip() for line in gap.splitlines()[:-1])


def _parts(text: str, inside: Collection) -> list[Part]:
    if isinstance(inside, MappingSpan):
        return [(key.begin, max(key.end, value.end)) for key, value in inside.entries]
    if inside.flow:
        return [(each.begin, each.end) for each in inside.items]
    found: list[Part] = []
    before = inside.begin
    for each in inside.items:
        dash = text.rfind("-", before, each.begin) if each.begin > before else before
        found.append((dash, max(each.end, dash + 1)))
        before = found[-1][1]
    return found


def _after_colon(text: str, key: ScalarSpan, value: Span) -> int:
    """Behind the colon of a key; behind the key itself when it stands in braces without one."""
    rest = text[key.end : max(value.begin, key.end) + 1]
    skipped = len(rest) - len(rest.lstrip())
    return key.end + skipped + 1 if rest[skipped : skipped + 1] == ":" else key.end


def _lines(text: str, part: Part) -> Splice:
    return Splice(_line_begin(text, part[0]), _line_end(text, part[1]), "")


def _line_begin(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _column(text: str, index: int) -> int:
    return len(text[_line_begin(text, index) : index].removeprefix("\ufeff"))


def _room(text: str, index: int) -> int:
    return LINE - _column(text, index) - 1


def _is_comment(text: str, begin: int) -> bool:
    return text[begin : _line_end(text, begin)].lstrip().startswith("#")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _joined(text: str, lines: Sequence[str]) -> str:
    newline = _newline(text)
    return "".join(f"{line}{newline}" for line in lines)
