"""CSV as bytes: read as any spreadsheet program saves it, written so that none runs a text as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.problems import Malformed
from engine.text import say

DELIMITERS = (",", ";", "\t")
LARGEST_CELL = 1_000_000
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""How a cell begins that a spreadsheet program would run as a formula, or that was guarded before."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header and the rows that are not empty, each with its number as a spreadsheet shows it."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 (with or without byte order mark), UTF-16 with one, or GB 18030."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed(say("The file is neither UTF-8 nor GB 18030. Save it as “CSV UTF-8” and try again."))


def read_sheet(content: bytes) -> Sheet:
    """The cells of a CSV file; Malformed says in which row it cannot be read."""
    text = decode(content)
    if "\0" in text:
        raise Malformed(say("This is not a CSV file: it holds bytes that no text has."))
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        for number, row in enumerate(reader, start=1):
            cells = tuple(unguarded(cell) for cell in row)
            if any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        sentence = "The file cannot be read at row {row}: {reason}."
        raise Malformed(say(sentence, row=len(rows) + 1, reason=str(error))) from error
    if not rows:
        raise Malformed(say("The file is empty: its first row has to name the fields."))
    return Sheet(header=tuple(cell.strip() for cell in rows[0][1]), rows=tuple(rows[1:]))


def guarded(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet program would take it for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def write_row(cells: Sequence[str]) -> str:
    """One line of a CSV file."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def write_sheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """A CSV file line by line; it begins with the mark by which spreadsheet programs know UTF-8."""
    yield "\ufeff" + write_row(header)
    for row in rows:
        yield write_row(row)
