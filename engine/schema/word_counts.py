"""How many records have a term, told in some milliseconds: for many it is only said that they are many.

To count what begins with some letters the index would gather it all first. SQLite reads the words of the
index one after the other instead, until there are enough; PostgreSQL is asked what it expects from what it
knows of the most frequent words, and counts only where it expects few, or where the newest records, of which
some are asked, tell otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from engine.schema.search_index import question
from engine.schema.search_words import Term

WORDS_IN_INDEX = "dougong_search_words"
MAKE_WORDS_IN_INDEX = (
    f"CREATE VIRTUAL TABLE temp.{WORDS_IN_INDEX} USING fts5vocab(main, dougong_search, instance)"
)
"""What a connection to SQLite needs to read the words themselves."""

_SQLITE_COUNT = text(
    "SELECT count(*) FROM (SELECT rowid FROM dougong_search WHERE dougong_search MATCH :asked LIMIT :most)"
)
_SQLITE_BEGINNINGS = text(
    f"SELECT count(*) FROM (SELECT 1 FROM temp.{WORDS_IN_INDEX} "  # noqa: S608 - a name of ours
    "WHERE term >= :first AND term < :behind LIMIT :most)"
)
_POSTGRESQL_COUNT = text(
    "SELECT count(*) FROM (SELECT 1 FROM dougong_search "
    "WHERE words @@ CAST(:asked AS tsquery) AND number = :number LIMIT :most) AS found"
)

_POSTGRESQL_ASKED = 250
_POSTGRESQL_ENOUGH = 3
_POSTGRESQL_NEWEST = text(
    "SELECT count(*) FROM (SELECT words FROM dougong_search WHERE number = :number "
    "ORDER BY record_id DESC LIMIT :asked_of) AS newest WHERE words @@ CAST(:asked AS tsquery)"
)


def how_many(connection: Connection, number: int, term: Term, classes: Sequence[str], most: int) -> int:
    """How many records of an entity have a term in the classes; one more than `most` where there are more."""
    found = _COUNTED[connection.dialect.name](connection, number, term, classes, most)
    return min(found, most + 1)


def _in_sqlite(connection: Connection, number: int, term: Term, classes: Sequence[str], most: int) -> int:
    whole = Term(term.words, begins=False)
    sent = {"asked": question("sqlite", number, whole, classes), "most": most + 1}
    found: int = connection.execute(_SQLITE_COUNT, sent).scalar_one()
    if not term.begins or found > most:
        return found
    # A record with several such words is counted several times: they are near enough to many.
    begun = 0
    for each in classes:
        first = f"{number}{each}{term.words[0]}"
        behind = first[:-1] + chr(ord(first[-1]) + 1)
        sent = {"first": first, "behind": behind, "most": most + 1 - begun}
        begun += connection.execute(_SQLITE_BEGINNINGS, sent).scalar_one()
    return begun


def _in_postgresql(connection: Connection, number: int, term: Term, classes: Sequence[str], most: int) -> int:
    asked = question("postgresql", number, term, classes)
    sent = {"asked": asked, "number": number}
    if _expected(connection, asked) > most:
        some: int = connection.execute(
            _POSTGRESQL_NEWEST, {**sent, "asked_of": _POSTGRESQL_ASKED}
        ).scalar_one()
        if some >= _POSTGRESQL_ENOUGH:
            return most + 1
    found: int = connection.execute(_POSTGRESQL_COUNT, {**sent, "most": most + 1}).scalar_one()
    return found


def _expected(connection: Connection, asked: str) -> int:
    """How many rows PostgreSQL's planner expects, from the words that ANALYZE found most often."""
    # EXPLAIN takes no parameters; the text holds words of letters and digits, and what `question` puts round.
    quoted = asked.replace("'", "''")
    statement = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM dougong_search WHERE words @@ '{quoted}'::tsquery"  # noqa: S608
    plan: Any = connection.exec_driver_sql(statement).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


_COUNTED: Mapping[str, Callable[[Connection, int, Term, Sequence[str], int], int]] = {
    "sqlite": _in_sqlite,
    "postgresql": _in_postgresql,
}
