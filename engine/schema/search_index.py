"""The index of the full-text search: which fields of an entity it holds, and its one table in each database.

A word is kept with the number of its entity and a class in front: `7o海尔`. The class says who may find it:
`o` are fields that everybody may read who sees the record, `t` those of them that name it; fields that only
some may read have a class of their own for each set of readers. So a search looks up exactly the words of
one entity and of fields that the person may read, and nothing can be guessed from what is found.

SQLite keeps the words in an FTS5 table, PostgreSQL in a tsvector with a GIN index.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text

from engine.definition.model import Entity
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.formula.types import Kind
from engine.schema.prepared import Prepared
from engine.schema.search_words import Term, words_of
from engine.schema.system_tables import searched
from engine.schema.tables import live_fields

OPEN, TITLE = "o", "t"
ENTITY_STRIDE = 2**40
"""SQLite has one row number for entity and record: number of the entity * this + id."""
WRITTEN_AT_ONCE = 5_000
GATHERED_AT_ONCE = 32 * 2**20
"""Bytes of words that a database gathers while very many are written."""
GATHERED_AS_A_RULE = 2**20
"""The same at all other times: what FTS5 has by itself."""
Kept = Iterable[tuple[int, list[str]]]
"""Records and their words."""

_SQLITE_PUT = (
    "INSERT OR REPLACE INTO dougong_search(rowid, words) VALUES (:number * 1099511627776 + :id, :words)"
)
_POSTGRESQL_PUT = (
    "INSERT INTO dougong_search(number, record_id, words) VALUES (:number, :id, array_to_tsvector(:words)) "
    "ON CONFLICT (number, record_id) DO UPDATE SET words = excluded.words"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one database needs: the statements, and how it takes a list of words and a question."""

    make: tuple[str, ...]
    put: str
    remove: str
    clear: str


DIALECTS: Mapping[str, Dialect] = {
    "sqlite": Dialect(
        make=(
            (
                "CREATE VIRTUAL TABLE dougong_search USING fts5"
                "(words, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
            ),
        ),
        put=_SQLITE_PUT,
        remove="DELETE FROM dougong_search WHERE rowid = :number * 1099511627776 + :id",
        clear="DELETE FROM dougong_search WHERE rowid >= :number * 1099511627776 "
        "AND rowid < (:number + 1) * 1099511627776",
    ),
    "postgresql": Dialect(
        make=(
            (
                "CREATE TABLE dougong_search (number integer NOT NULL, record_id bigint NOT NULL, "
                "words tsvector NOT NULL, CONSTRAINT pk_dougong_search PRIMARY KEY (number, record_id))"
            ),
            "CREATE INDEX ix_dougong_search__words ON dougong_search USING gin (words)",
        ),
        put=_POSTGRESQL_PUT,
        remove="DELETE FROM dougong_search WHERE number = :number AND record_id = :id",
        clear="DELETE FROM dougong_search WHERE number = :number",
    ),
}


def make_index(connection: Connection) -> None:
    """Creates the table of words."""
    for statement in DIALECTS[connection.dialect.name].make:
        connection.exec_driver_sql(statement)


def classes(entity: Entity, formulas: Mapping[Expression, Formula]) -> dict[str, str]:
    """Searched field → its class. Child rows are found with their owner's page and have none."""
    if entity.parent:
        return {}
    live = live_fields(entity, formulas)
    named_by = formulas[entity.title].own
    found = {}
    for name, each in entity.fields.items():
        if each.system or each.retired or name in live or not _is_text(entity, name):
            continue
        rule = entity.access.fields.get(name)
        if each.personal and (rule is None or rule.read is None) and name not in named_by:
            # It is found by those who see it in full, which hangs on who may change it.
            changers = " ".join(["personal", *sorted(rule.update or () if rule else ())])
            found[name] = f"r{sha256(changers.encode()).hexdigest()[:8]}x"
        elif rule is None or rule.read is None:
            found[name] = TITLE if name in named_by else OPEN
        else:
            readers = " ".join(sorted(rule.read))
            found[name] = f"r{sha256(readers.encode()).hexdigest()[:8]}x"
    return found


def _is_text(entity: Entity, name: str) -> bool:
    each = entity.fields[name]
    field_type = FIELD_TYPES[each.type]
    stored = (
        not each.encrypted and field_type.relation is None and field_type.column(each.options) is not None
    )
    return stored and field_type.formula_type(each.options).kind is Kind.TEXT


def kept_words(number: int, by_field: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """The words of a record as they are kept."""
    found: dict[str, None] = {}
    for name, each in by_field.items():
        value = values.get(name)
        if not value:
            continue
        words = words_of(str(value))
        for mark in (TITLE, OPEN) if each == TITLE else (each,):
            before = f"{number}{mark}"
            found.update(dict.fromkeys([before + word for word in words]))
    return list(found)


def put_words(
    connection: Connection, number: int, by_field: Mapping[str, str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Keeps the words of records, each with its `id`, in the place of those that were there."""
    dialect = connection.dialect.name
    sent = [
        {"number": number, "id": row["id"], "words": _as_sent(dialect, kept_words(number, by_field, row))}
        for row in rows
    ]
    if sent:
        connection.execute(text(DIALECTS[dialect].put), sent)


def _as_sent(dialect: str, words: Sequence[str]) -> Any:
    return " ".join(words) if dialect == "sqlite" else list(words)


def remove_words(connection: Connection, number: int, identity: int) -> None:
    """Forgets the words of a record."""
    statement = text(DIALECTS[connection.dialect.name].remove)
    connection.execute(statement, {"number": number, "id": identity})


def question(dialect: str, number: int, asked: Term, readable: Iterable[str]) -> str:
    """One term in the language of the database's search, over the classes that may be read.

    >>> question("sqlite", 7, Term(("海尔", "尔智"), False), ["o"])
    '(("7o海尔" AND "7o尔智"))'
    >>> question("postgresql", 7, Term(("ann",), True), ["o", "r1x"])
    "(('7oann':*) | ('7r1xann':*))"
    """
    both, either, form = (
        (" AND ", " OR ", '"{word}"{star}') if dialect == "sqlite" else (" & ", " | ", "'{word}'{star}")
    )
    star = ("*" if dialect == "sqlite" else ":*") if asked.begins else ""
    alternatives = [
        "(" + both.join(form.format(word=f"{number}{each}{word}", star=star) for word in asked.words) + ")"
        for each in readable
    ]
    return "(" + either.join(alternatives) + ")"


def numbers(connection: Connection) -> dict[str, tuple[int, dict[str, str]]]:
    """Entity → its number in the index and the classes by which its records were indexed."""
    rows = connection.execute(select(searched.c.entity, searched.c.number, searched.c.fields))
    return {entity: (number, dict(fields)) for entity, number, fields in rows}


def settle(connection: Connection, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Writes by which fields each entity is searched; gives entity → its number, new where it had none."""
    known = numbers(connection)
    last = connection.execute(select(func.max(searched.c.number))).scalar_one() or 0
    found = {}
    for entity, fields in wanted.items():
        if entity in known:
            found[entity] = known[entity][0]
            if known[entity][1] != fields:
                changed = searched.update().where(searched.c.entity == entity)
                connection.execute(changed.values(fields=dict(fields)))
            continue
        last += 1
        found[entity] = last
        connection.execute(insert(searched).values(entity=entity, number=last, fields=dict(fields)))
    return found


def rebuild(
    connection: Connection,
    number: int,
    by_field: Mapping[str, str],
    table: Any,
    tell: Callable[[int], None] | None = None,
) -> None:
    """Indexes all records of a table anew; `tell` is told how many are done."""
    connection.execute(text(DIALECTS[connection.dialect.name].clear), {"number": number})
    add, names = _ADD[connection.dialect.name], ("id", *by_field)
    statement = Prepared(
        select(*(table.c[name] for name in names))
        .where(table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(WRITTEN_AT_ONCE),
        connection.dialect,
    )
    after = done = 0
    with _much_at_once(connection):
        while rows := statement.rows(connection, {"after": after}):
            kept = (
                (row[0], kept_words(number, by_field, dict(zip(names, row, strict=True)))) for row in rows
            )
            add(connection, number, kept)
            after, done = rows[-1][0], done + len(rows)
            if tell is not None:
                tell(done)


def _add_to_sqlite(connection: Connection, number: int, kept: Kept) -> None:
    cursor = connection.connection.cursor()
    first = number * ENTITY_STRIDE
    rows = [(first + identity, " ".join(words)) for identity, words in kept]
    cursor.executemany("INSERT INTO dougong_search(rowid, words) VALUES (?, ?)", rows)
    cursor.close()


def _add_to_postgresql(connection: Connection, number: int, kept: Kept) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy("COPY dougong_search(number, record_id, words) FROM STDIN") as copy:
        for identity, words in kept:
            # Words are letters and digits alone, so that nothing in them has to be quoted.
            copy.write_row((number, identity, " ".join(words)))
    cursor.close()


_ADD: Mapping[str, Callable[[Connection, int, Kept], None]] = {
    "sqlite": _add_to_sqlite,
    "postgresql": _add_to_postgresql,
}
"""Database → how words of records are added that have none yet; much faster than one after the other."""


@contextmanager
def _much_at_once(connection: Connection) -> Iterator[None]:
    """Lets the database gather more words before it sorts them into the index."""
    if connection.dialect.name == "sqlite":
        gather = "INSERT INTO dougong_search(dougong_search, rank) VALUES ('hashsize', {size})"
        connection.exec_driver_sql(gather.format(size=GATHERED_AT_ONCE))
        yield
        connection.exec_driver_sql(gather.format(size=GATHERED_AS_A_RULE))
    else:
        connection.exec_driver_sql(f"SET LOCAL gin_pending_list_limit = {GATHERED_AT_ONCE // 1024}")
        connection.exec_driver_sql(f"SET LOCAL work_mem = {2 * GATHERED_AT_ONCE // 1024}")
        yield
        # What was gathered last would otherwise be read through by every search.
        connection.exec_driver_sql("SELECT gin_clean_pending_list('ix_dougong_search__words')")
        connection.exec_driver_sql("SET LOCAL gin_pending_list_limit TO DEFAULT")
        connection.exec_driver_sql("SET LOCAL work_mem TO DEFAULT")
