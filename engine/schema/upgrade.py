"""Brings Dougong's own tables to the version that this program works with.

Version 1 is `system_tables` as it was first; each later version is a file in migrations/ named
`v0002_what_it_does.py` with a function `upgrade(connection)`. A new database gets the tables as they are
now and the latest number.
"""

import pkgutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module

from sqlalchemy import Connection, MetaData, Table, func, inspect, select

import engine.schema.migrations
from engine.definition.check import check_texts
from engine.schema.address import DatabaseUnavailable
from engine.schema.locks import lock_structure
from engine.schema.search_index import make_index
from engine.schema.system_tables import SYSTEM, schema_version
from engine.schema.tables import entity_tables
from engine.schema.workflow_tables import WORKFLOW
from engine.text import say

OWN = (SYSTEM, WORKFLOW)
Migration = Callable[[Connection], None]
FIRST_VERSION = 1


def migrations() -> Mapping[int, Migration]:
    """Version → what leads to it from the version before; the folder is the registry."""
    found: dict[int, Migration] = {}
    for module in pkgutil.iter_modules(engine.schema.migrations.__path__):
        number = int(module.name.partition("_")[0].removeprefix("v"))
        assert number not in found, f"two migrations are number {number}"
        found[number] = import_module(f"engine.schema.migrations.{module.name}").upgrade
    return found


def own_tables() -> list[Table]:
    """Dougong's own tables.

    In each a column `entity` holds the name of an entity in full and follows when that is renamed; beside it
    a column `field` follows the name of a field, and `stage` or `source` that of a stage.
    """
    return [table for own in OWN for table in own.sorted_tables]


def _make_collation(connection: Connection) -> None:
    """The collation by which formulas change the case of letters; PostgreSQL has it from version 18 on."""
    if connection.dialect.name != "postgresql":
        return
    known = connection.exec_driver_sql("SELECT 1 FROM pg_collation WHERE collname = 'pg_unicode_fast'")
    if known.first() is None:
        connection.exec_driver_sql("CREATE COLLATION pg_unicode_fast (provider = icu, locale = 'und')")


def _people_and_departments() -> MetaData:
    """The tables of the app `system`: there are people before anything is published."""
    return entity_tables(check_texts(())).metadata


def upgrade(connection: Connection, steps: Mapping[int, Migration] | None = None) -> None:
    """Creates or upgrades the system tables, in the transaction of `connection`.

    Of several processes that start together one works and the others wait.
    """
    steps = migrations() if steps is None else steps
    latest = max(steps, default=FIRST_VERSION)
    if _version(connection) == latest:
        return
    lock_structure(connection)
    version = _version(connection)
    if version > latest:
        raise DatabaseUnavailable(
            say(
                "The database was last used by a newer Dougong (its tables have version {found}, this "
                "program knows {known}). Install that Dougong or a later one.",
                found=version,
                known=latest,
            )
        )
    if version == 0:
        for own in OWN:
            own.create_all(connection)
        _people_and_departments().create_all(connection)
        _make_collation(connection)
        make_index(connection)
        _record(connection, latest)
        return
    for number in sorted(number for number in steps if number > version):
        steps[number](connection)
        _record(connection, number)


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return connection.execute(select(func.max(schema_version.c.version))).scalar_one() or 0


def _record(connection: Connection, version: int) -> None:
    connection.execute(schema_version.insert().values(version=version, upgraded_at=datetime.now(UTC)))
