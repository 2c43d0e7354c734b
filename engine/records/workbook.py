"""Excel files: read as the texts of their cells, written with numbers and dates that Excel counts with."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from engine.problems import Malformed
from engine.records.sheet import Sheet, read_sheet
from engine.records.unpacked import is_too_large
from engine.text import say

LARGEST_FILE = 10_000_000
ROWS_AT_MOST = 10_000
COLUMNS_AT_MOST = 200
ZIPPED = b"PK\x03\x04"
OTHER_FORMATS = frozenset({"content.xml", "xl/workbook.bin"})
"""What is in an OpenDocument table and in a binary Excel file."""
DATE_FORMAT, MOMENT_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


def read_file(content: bytes) -> Sheet:
    """The cells of an Excel or CSV file, told apart by what is in it. Malformed says what is wrong."""
    if len(content) > LARGEST_FILE:
        raise Malformed(say("The file is larger than {most} MB. Split it.", most=LARGEST_FILE // 1_000_000))
    sheet = read_workbook(content) if content.startswith(ZIPPED) else read_sheet(content)
    if len(sheet.rows) > ROWS_AT_MOST:
        sentence = "The file has {count} rows; one import takes at most {most}. Split it."
        raise Malformed(say(sentence, count=f"{len(sheet.rows):,}", most=f"{ROWS_AT_MOST:,}"))
    if len(sheet.header) > COLUMNS_AT_MOST:
        sentence = "The file has {count} columns; one import takes at most {most}."
        raise Malformed(say(sentence, count=len(sheet.header), most=COLUMNS_AT_MOST))
    return sheet


def read_workbook(content: bytes) -> Sheet:
    """The cells of the first sheet of an Excel file; Malformed where it is none, or far too large."""
    broken = say(
        "The file cannot be read as an Excel file. Save it as .xlsx or as “CSV UTF-8” and try again."
    )
    try:
        if not _is_workbook(content):
            raise Malformed(broken)
        if is_too_large(content):
            raise Malformed(say("The file unpacks to far more than a table needs. It was not read."))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Malformed(broken) from error
    try:
        cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise Malformed(broken) from error
    rows = [(number, tuple(_text(cell) for cell in row)) for number, row in enumerate(cells, start=1)]
    filled = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
    if not filled:
        raise Malformed(say("The file is empty: its first row has to name the fields."))
    header = filled[0][1]
    while header and not header[-1].strip():
        header = header[:-1]
    return Sheet(tuple(cell.strip() for cell in header), tuple(filled[1:]))


def _is_workbook(content: bytes) -> bool:
    """Whether it is an Excel file in XML and nothing else besides, which another reader would open."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = set(packed.namelist())
    return "xl/workbook.xml" in names and not names & OTHER_FORMATS


def write_workbook(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An Excel file with one sheet: a heading that stays in sight, filters, typed cells.

    Cells are text, number, bool, date, time or None; a text is never run as a formula.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_sheet_name(name))
    bold = book.add_format({"bold": True, "bottom": 1})
    day, moment = book.add_format({"num_format": DATE_FORMAT}), book.add_format({"num_format": MOMENT_FORMAT})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(header) - 1, 0), 18)
    for place, text in enumerate(header):
        sheet.write_string(0, place, text, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, last, place, value, day, moment)
    sheet.autofilter(0, 0, last, max(len(header) - 1, 0))
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, place: int, value: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, place, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, day)
    else:
        sheet.write_string(row, place, str(value)[:32_767])


def _sheet_name(name: str) -> str:
    """A name that Excel accepts for a sheet.

    >>> _sheet_name("Deals: 2026/27 [all]")
    'Deals  2026 27  all'
    """
    return "".join(" " if each in "[]:*?/\\'" else each for each in name)[:31].strip() or "Sheet"


def _text(cell: Any) -> str:
    """A cell as people would type it."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
