"""A formula as it stands in a definition: its text and where it begins."""

from dataclasses import dataclass

from engine.problems import Place


@dataclass(frozen=True, slots=True)
class Expression:
    """The bare text of a formula (without a leading `=`) and the place of its first character.

    `lines` holds the Place of the beginning of each further source line, for formulas that are
    folded over several lines of a file, so that a problem can be shown at its true line and column.
    """

    text: str
    place: Place
    lines: tuple[tuple[int, Place], ...] = ()

    def place_of(self, offset: int) -> Place:
        """The file position of the character at `offset` of the text."""
        start, place = 0, self.place
        for begins, line_place in self.lines:
            if begins <= offset:
                start, place = begins, line_place
        return Place(place.file, place.line, place.column + offset - start)
