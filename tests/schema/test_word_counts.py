"""How many records have a term: exact where they are few, and no more than needed where they are many."""

import pytest
from sqlalchemy import text

from engine.records.bulk import insert_many
from engine.records.word_index import searched
from engine.schema.search_words import Term
from engine.schema.word_counts import how_many
from engine.transaction import SYSTEM
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish

NOTES = """
app: notes
entities:
  note:
    title: name
    fields: {name: {type: text}, text: {type: text}}
"""
OPEN = ("o",)


@pytest.fixture
def notes(publish: Publish) -> Workspace:
    workspace = publish(NOTES)
    with workspace.writing(SYSTEM) as transaction:
        rows = [
            {"name": f"sheet s{number}", "text": "上海自动化" if number % 3 == 0 else "rare" * (number == 7)}
            for number in range(60)
        ]
        insert_many(transaction, "notes.note", rows)
    return workspace


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term(("sheet",), begins=True), 11),
        (Term(("s",), begins=True), 11),
        (Term(("s1",), begins=True), 11),
        (Term(("s2",), begins=False), 1),
        (Term(("上",), begins=True), 11),
        (Term(("上海", "海自"), begins=False), 11),
        (Term(("rare",), begins=True), 1),
        (Term(("rar",), begins=True), 1),
        (Term(("nowhere",), begins=True), 0),
        (Term(("t",), begins=True), 0),
    ],
)
def test_records_are_counted_up_to_the_most(notes: Workspace, term: Term, expected: int) -> None:
    with notes.reading(SYSTEM) as transaction:
        own = searched(transaction, "notes.note")
        assert own
        assert how_many(transaction.connection, own.number, term, OPEN, 10) == expected


def test_a_change_counts_at_once(notes: Workspace) -> None:
    with notes.writing(SYSTEM) as transaction:
        own = searched(transaction, "notes.note")
        assert own
        term = Term(("rar",), begins=True)
        insert_many(transaction, "notes.note", [{"name": "rarest"}])
        assert how_many(transaction.connection, own.number, term, OPEN, 10) == 2


def test_what_is_only_expected_to_be_frequent_is_counted(notes: Workspace) -> None:
    """PostgreSQL knows the frequent words of the time when it looked; the newest records tell otherwise."""
    if notes.database.dialect != "postgresql":
        pytest.skip("SQLite expects nothing, it counts.")
    with notes.writing(SYSTEM) as transaction:
        transaction.connection.execute(text("ANALYZE dougong_search"))
        transaction.connection.execute(text("DELETE FROM dougong_search WHERE record_id > 2"))
        own = searched(transaction, "notes.note")
        assert own
        term = Term(("sheet",), begins=True)
        assert how_many(transaction.connection, own.number, term, OPEN, 10) == 2
