"""Where the characters of a YAML scalar stand in its file: also folded over lines, indented or escaped."""

from dataclasses import dataclass

import yaml

from engine.problems import Place

Segments = tuple[tuple[int, Place], ...]
"""(offset in the value, place of that character): characters up to the next offset follow one another."""

ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


@dataclass(slots=True)
class _Cursor:
    """A position in the file's text, with the line and column it means (counted from 1)."""

    text: str
    index: int
    line: int
    column: int

    @property
    def rest(self) -> str:
        return self.text[self.index : self.index + 2]

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            if self.text[self.index] == "\n":
                self.line, self.column = self.line + 1, 1
            else:
                self.column += 1
            self.index += 1

    def skip_space(self, *, escaped: bool) -> None:
        """To the next character that is not white space; a break that a backslash joins counts as such."""
        while self.index < len(self.text):
            if self.text[self.index].isspace():
                self.step()
            elif escaped and self.rest in ("\\\n", "\\\r", "\\n", "\\t", "\\ ", "\\_"):
                self.step(2)
            else:
                return


def aligned(text: str, event: yaml.ScalarEvent, file: str) -> Segments:
    """The segments of the scalar that `event` reports of `text`; none for an empty one."""
    mark, end = event.start_mark, event.end_mark
    assert mark is not None
    assert end is not None
    quotes = 2 if event.style in ("'", '"') else 0
    if end.line == mark.line and end.index - mark.index == len(event.value) + quotes and not event.anchor:
        return ((0, Place(file, mark.line + 1, mark.column + 1 + quotes // 2)),)
    cursor = _Cursor(text, mark.index, mark.line + 1, mark.column + 1)
    _skip_opening(cursor, event)
    segments: list[tuple[int, Place]] = []
    expected = (0, 0)
    for offset, character in enumerate(event.value):
        if character.isspace():
            continue
        cursor.skip_space(escaped=event.style == '"')
        if cursor.index >= len(text):
            break
        if (cursor.line, cursor.column - offset) != expected:
            segments.append((offset, Place(file, cursor.line, cursor.column)))
            expected = (cursor.line, cursor.column - offset)
        cursor.step(_width(cursor, event.style))
    if segments and segments[0][0] > 0:
        # White space before the first word: the value begins where its first word does.
        segments[0] = (0, segments[0][1])
    return tuple(segments)


def _skip_opening(cursor: _Cursor, event: yaml.ScalarEvent) -> None:
    """Past what comes before the content: properties such as `&name`, the quote, the `>` and its line."""
    if event.anchor or event.tag:
        while cursor.index < len(cursor.text) and cursor.text[cursor.index] in "&!":
            while not cursor.text[cursor.index].isspace():
                cursor.step()
            cursor.skip_space(escaped=False)
    if event.style in ("'", '"'):
        cursor.step()
    elif event.style in ("|", ">"):
        while cursor.index < len(cursor.text) and cursor.text[cursor.index] != "\n":
            cursor.step()


def _width(cursor: _Cursor, style: str | None) -> int:
    """How many characters of the file make the one character at the cursor."""
    if style == "'" and cursor.rest == "''":
        return 2
    if style == '"' and cursor.text[cursor.index] == "\\":
        return ESCAPE_LENGTHS.get(cursor.rest[1:], 2)
    return 1
