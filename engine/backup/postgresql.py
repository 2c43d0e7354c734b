"""PostgreSQL in a backup: what the tables are made of, as statements, and their rows, by COPY.

All of it is read in one repeatable-read transaction, so that it is the state of one moment; restoring is one
transaction too. No program of PostgreSQL's own is needed.
"""

import json
import zipfile
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from engine.backup.archive import BackupRefused, Manifest, Writing, blocks, refuse_other_rows
from engine.text import say

STRUCTURE = "database/structure.json"
ROWS = "database/rows/"
Connection = psycopg.Connection[Any]

_COLLATIONS = """
SELECT format('CREATE COLLATION %I (provider = icu, locale = %L)', collname,
    coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', 'und'))
FROM pg_collation c WHERE collnamespace = current_schema()::regnamespace AND collprovider = 'i'"""

_FUNCTIONS = """
SELECT pg_get_functiondef(p.oid) FROM pg_proc p
WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY proname"""

_TABLES = """
SELECT oid::bigint, relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname"""

_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity,
    attgenerated, CASE WHEN attcollation <> typcollation THEN attcollation::regcollation::text END
FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""

_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid), contype = 'f' FROM pg_constraint
WHERE conrelid = %s AND contype IN ('p', 'u', 'c', 'x', 'f') ORDER BY contype = 'f', conname"""

_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = %s AND indisvalid
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
ORDER BY indexrelid"""

_TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s AND NOT tgisinternal ORDER BY tgname"""


def write_postgresql(connection: Connection, writing: Writing) -> None:
    """Puts the structure and the rows of the current schema into the archive."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    tables = [_table(connection, oid, name) for oid, name in connection.execute(_TABLES).fetchall()]
    structure = {
        "collations": _first(connection, _COLLATIONS),
        "functions": _first(connection, _FUNCTIONS),
        "tables": tables,
    }
    with writing.part(STRUCTURE) as target:
        target.write(json.dumps(structure).encode())
    for table in tables:
        columns = [each["name"] for each in table["columns"] if not each["generated"]]
        statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
            sql.Identifier(table["name"]), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with writing.part(f"{ROWS}{table['name']}") as target, connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in copy:
                    target.write(block)
            writing.manifest.tables[table["name"]] = cursor.rowcount


def _table(connection: Connection, oid: int, name: str) -> dict[str, Any]:
    columns = [
        {
            "name": column, "type": type_, "not_null": not_null, "default": default, "identity": identity,
            "generated": generated, "collation": collation,
            "last": _last(connection, name, column) if identity else None,
        }
        for column, type_, not_null, default, identity, generated, collation in connection.execute(
            _COLUMNS, [oid]
        ).fetchall()
    ]  # fmt: skip
    return {
        "name": name,
        "columns": columns,
        "constraints": [
            {"name": constraint, "definition": definition, "foreign": foreign}
            for constraint, definition, foreign in connection.execute(_CONSTRAINTS, [oid]).fetchall()
        ],
        "indexes": _first(connection, _INDEXES, oid),
        "triggers": _first(connection, _TRIGGERS, oid),
    }


def _last(connection: Connection, table: str, column: str) -> int | None:
    """The last number that an identity column gave; None before the first."""
    asked = "SELECT pg_get_serial_sequence(quote_ident(%s), %s)"
    (sequence,) = connection.execute(asked, [table, column]).fetchone() or (None,)
    if sequence is None:
        return None
    statement = sql.SQL("SELECT last_value, is_called FROM {}").format(_own(sequence))
    last, called = connection.execute(statement).fetchone() or (0, False)
    return last if called else None


def restore_postgresql(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Makes the tables anew and fills them, in place of what is there, in the connection's transaction."""
    structure = json.loads(archive.read(STRUCTURE))
    _take_down(connection, structure)
    for statement in structure["collations"]:
        connection.execute(_own(statement))
    for table in structure["tables"]:
        connection.execute(_creation(table))
        _fill(connection, archive, table)
    for statement in _afterwards(structure):
        connection.execute(statement)
    found = {}
    for table in structure["tables"]:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table["name"]))
        found[table["name"]] = (connection.execute(count).fetchone() or (0,))[0]
    refuse_other_rows(manifest, found)


def is_filled_postgresql(connection: Connection) -> bool:
    """Whether anything was published or anybody is known there."""
    names = {name for _, name in connection.execute(_TABLES).fetchall()}
    for table in names & {"dougong_release", "system__user"}:
        asked = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
        if connection.execute(asked).fetchone():
            return True
    return False


def _take_down(connection: Connection, structure: dict[str, Any]) -> None:
    """Drops Dougong's tables; a table that is not Dougong's own stands in the way and is named."""
    there = [name for _, name in connection.execute(_TABLES).fetchall()]
    foreign = [name for name in there if not (name.startswith("dougong_") or "__" in name)]
    clashing = sorted({each["name"] for each in structure["tables"]} & set(foreign))
    if clashing:
        sentence = "The table {name} is in the way and not one of Dougong's; restore into another database."
        raise BackupRefused(say(sentence, name=clashing[0]))
    for name in set(there) - set(foreign):
        connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    for statement in structure["functions"]:
        # They may be there already; CREATE OR REPLACE is how PostgreSQL writes them out.
        connection.execute(_own(statement))
    known = "SELECT collname FROM pg_collation WHERE collnamespace = current_schema()::regnamespace"
    for (name,) in connection.execute(known).fetchall():
        connection.execute(sql.SQL("DROP COLLATION {}").format(sql.Identifier(name)))


def _creation(table: dict[str, Any]) -> sql.Composed:
    columns = []
    for each in table["columns"]:
        parts = [sql.Identifier(each["name"]), _own(each["type"])]
        if each["collation"]:
            parts.append(_own("COLLATE " + each["collation"]))
        if each["generated"]:
            parts.append(_own(f"GENERATED ALWAYS AS ({each['default']}) STORED"))
        elif each["identity"]:
            kind = "ALWAYS" if each["identity"] == "a" else "BY DEFAULT"
            parts.append(_own(f"GENERATED {kind} AS IDENTITY"))
        elif each["default"]:
            parts.append(_own("DEFAULT " + each["default"]))
        if each["not_null"]:
            parts.append(_own("NOT NULL"))
        columns.append(sql.SQL(" ").join(parts))
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table["name"]), sql.SQL(", ").join(columns))


def _fill(connection: Connection, archive: zipfile.ZipFile, table: dict[str, Any]) -> None:
    columns = [each["name"] for each in table["columns"] if not each["generated"]]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table["name"]), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks(archive, f"{ROWS}{table['name']}"):
            copy.write(block)
    for each in table["columns"]:
        if each["last"] is not None:
            asked = "SELECT setval(pg_get_serial_sequence(quote_ident(%s), %s), %s)"
            connection.execute(asked, [table["name"], each["name"], each["last"]])


def _afterwards(structure: dict[str, Any]) -> Iterator[sql.SQL | sql.Composed]:
    """Constraints, indexes and triggers, once the rows are there; foreign keys when all tables are."""
    for foreign in (False, True):
        for table in structure["tables"]:
            for each in table["constraints"]:
                if each["foreign"] is foreign:
                    yield sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                        sql.Identifier(table["name"]), sql.Identifier(each["name"]), _own(each["definition"])
                    )
    for kind in ("indexes", "triggers"):
        for table in structure["tables"]:
            yield from map(_own, table[kind])


def _first(connection: Connection, statement: LiteralString, *parameters: Any) -> list[str]:
    return [row[0] for row in connection.execute(statement, parameters or None).fetchall()]


def _own(text: str) -> sql.SQL:
    """A text that PostgreSQL itself wrote out, as part of a statement."""
    return sql.SQL(text)
