"""CSV as bytes: encodings, delimiters, rows as a spreadsheet numbers them, texts that look like formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.problems import Malformed
from engine.records.sheet import Sheet, guarded, read_sheet, unguarded, write_sheet

CHINESE = "name,city\r\n北京斗拱,北京\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_of_spreadsheet_programs_are_known(encoding: str) -> None:
    assert read_sheet(CHINESE.encode(encoding)) == Sheet(("name", "city"), ((2, ("北京斗拱", "北京")),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1;2,5\n", ((2, ("1", "2,5")),)),
        ("a\tb\n1\t2\n", ((2, ("1", "2")),)),
        ("a,b\n\n,\n1,2\n", ((4, ("1", "2")),)),
        ('a,b\n"two\nlines",2\n3,4\n', ((2, ("two\nlines", "2")), (3, ("3", "4")))),
        ('a,b\n"say ""hi""",2\n', ((2, ('say "hi"', "2")),)),
        ("a,b\n1\n", ((2, ("1",)),)),
        ("a,b\n'=1+1,'-\n", ((2, ("=1+1", "-")),)),
        ("a,b", ()),
    ],
)
def test_rows_have_the_numbers_that_a_spreadsheet_shows(
    text: str, expected: tuple[tuple[int, tuple[str, ...]], ...]
) -> None:
    assert read_sheet(text.encode()) == Sheet(("a", "b"), expected)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty: its first row has to name the fields."),
        (b"\n , \n", "The file is empty: its first row has to name the fields."),
        (
            b"name\n\xff\xff\xff",
            "The file is neither UTF-8 nor GB 18030. Save it as “CSV UTF-8” and try again.",
        ),
        (b"name\n\x00\x01", "This is not a CSV file: it holds bytes that no text has."),
        (b'name\n"open', "The file cannot be read at row 2: unexpected end of data."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_sheet(content)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-x", "@SUM(A1)", "\tx", "'=1", "''-"])
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "O'Neill", "'quoted'", "1-2", "北京"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0\r", codec="utf-8")), min_size=2, max_size=2)
    )
)
def test_what_is_written_is_what_is_read(rows: list[list[str]]) -> None:
    lines = "".join(write_sheet(["a", "b"], [[guarded(cell) for cell in row] for row in rows]))
    found = [cells for _, cells in read_sheet(lines.encode()).rows]
    assert found == [tuple(row) for row in rows if any(cell.strip() for cell in row)]


def test_a_written_file_begins_with_the_mark_by_which_spreadsheets_know_utf_8() -> None:
    lines = list(write_sheet(["a"], [["1"]]))
    assert lines == ["\ufeffa\r\n", "1\r\n"]
    assert list(csv.reader(io.StringIO(lines[1]))) == [["1"]]
