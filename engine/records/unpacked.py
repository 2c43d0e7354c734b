"""What an Excel file would become in memory, measured without building it: small files hold huge tables.

The sizes that an archive declares are its maker's word, so it is unpacked piece by piece and counted. One
cell in the last row and column makes readers set up all cells before it, so the places that cells name are
looked at as well.
"""

import io
import re
import zipfile
from collections.abc import Iterator

LARGEST_UNPACKED = 200_000_000
LARGEST_SHEET = 5_000_000
"""Cells from the first to the last place, empty ones too."""
AT_ONCE = 1 << 20
CARRIED = 64
"""How many bytes are read again with the next piece: more than the longest thing that is looked for."""
PLACE = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{0,3})\$?(\d{1,9})["']""")
ROW = re.compile(rb"<(?:\w{1,20}:)?row[\s/>]")
CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s/>]")


def is_too_large(content: bytes) -> bool:
    """Whether an archive unpacks to more than any table that people import; raises BadZipFile."""
    left = LARGEST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for each in packed.infolist():
            rows, columns = Extent(), Extent()
            tail = b""
            for block in _blocks(packed, each):
                left -= len(block)
                if left < 0:
                    return True
                _measure(tail + block, rows, columns)
                if max(rows.last, 1) * max(columns.last, 1) > LARGEST_SHEET:
                    return True
                tail = block[-CARRIED:]
    return False


class Extent:
    """How far a sheet goes in one direction: the last place that is named, or how many come one by one."""

    def __init__(self) -> None:
        self.last = 0
        self.unnamed = 0

    def reaches(self, place: int) -> None:
        self.last = max(self.last, place)


def _blocks(packed: zipfile.ZipFile, each: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, however many it says that it has."""
    each.file_size = 2 * LARGEST_UNPACKED  # never reached
    with packed.open(each) as source:
        while block := source.read(AT_ONCE):
            yield block


def _measure(text: bytes, rows: Extent, columns: Extent) -> None:
    for letters, digits in PLACE.findall(text):
        rows.reaches(int(digits))
        if letters:
            columns.reaches(_number(letters))
    rows.unnamed += len(ROW.findall(text))
    rows.reaches(rows.unnamed)
    pieces = ROW.split(text)
    columns.reaches(max(len(CELL.findall(piece)) for piece in pieces))


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, XFD 16,384."""
    found = 0
    for each in letters.upper():
        found = found * 26 + each - 64
    return found
