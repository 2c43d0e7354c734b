"""Indexes that the current release asks for and the database lacks: made again when the program opens.

Somebody dropped them, or the process that built them was killed. It is safe to do by several processes at
once: on PostgreSQL they come one after the other by a lock, and who comes later finds nothing to do; on
SQLite there is one writer, who looks again before it writes.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Index, func, select

from engine.releases.conversion import execute_text
from engine.releases.history import current_number
from engine.releases.index_builds import IndexBuild, build_indexes
from engine.schema import ddl
from engine.schema.database import Database
from engine.schema.live import LiveTable, live_tables
from engine.schema.locks import lock_structure
from engine.schema.tables import EntityTables


def mend_indexes(database: Database, tables: EntityTables, release: int) -> list[str]:
    """Makes the indexes that are missing or invalid and gives their names; `tables` are those of `release`.

    Nothing is done when another release is there by now: who published it has looked. A unique index is left
    out while values repeat.
    """
    with database.reading() as connection:
        missing = _missing(connection, tables) if current_number(connection) == release else []
    return _MENDERS[database.dialect](database, tables, release, missing) if missing else []


def _missing(connection: Connection, tables: EntityTables) -> list[Index]:
    live = live_tables(connection, tables.metadata.tables)
    return [
        index
        for table in tables.metadata.tables.values()
        if table.name in live
        for index in sorted(table.indexes, key=lambda each: str(each.name))
        if _is_missing(live[table.name], index) and _can_be_made(connection, index)
    ]


def _is_missing(live: LiveTable, index: Index) -> bool:
    there = live.indexes.get(str(index.name))
    stands = live.columns.keys() >= {column.name for column in index.columns}
    return stands and not (there and there.valid)


def _can_be_made(connection: Connection, index: Index) -> bool:
    if not index.unique:
        return True
    assert index.table is not None
    columns = list(index.columns)
    repeated = (
        select(*columns)
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(func.count() > 1)
    )
    return connection.execute(repeated.limit(1)).first() is None


def _in_one_transaction(
    database: Database, tables: EntityTables, release: int, _missing_before: list[Index]
) -> list[str]:
    with database.restructuring() as connection:
        lock_structure(connection)
        missing = _missing(connection, tables) if current_number(connection) == release else []
        for index in missing:
            execute_text(connection, ddl.create_index(index, database.dialect))
    return [str(index.name) for index in missing]


def _while_people_write(
    database: Database, _tables: EntityTables, _release: int, missing: list[Index]
) -> list[str]:
    builds = [IndexBuild(str(index.name), ddl.create_index_meanwhile(index)) for index in missing]
    build_indexes(database, builds)
    return [build.name for build in builds]


_MENDERS: Mapping[str, Callable[[Database, EntityTables, int, list[Index]], list[str]]] = {
    "sqlite": _in_one_transaction,
    "postgresql": _while_people_write,
}
