"""Dougong's own tables: made once, upgraded step by step, never used by a program that is too old."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection, inspect, select, text

from engine.schema.address import DatabaseUnavailable
from engine.schema.database import Database, open_database
from engine.schema.system_tables import SYSTEM, history, schema_version
from engine.schema.upgrade import migrations, upgrade


def versions(connection: Connection) -> list[int]:
    found = connection.execute(select(schema_version.c.version).order_by(schema_version.c.version))
    return list(found.scalars())


def test_a_new_database_has_all_tables(database: Database) -> None:
    with database.reading() as connection:
        assert set(SYSTEM.tables) <= set(inspect(connection).get_table_names())
        assert versions(connection) == [max(migrations(), default=1)]


def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        database = open_database(database_url)
        with database.reading() as connection:
            assert len(versions(connection)) == 1
        database.close()


def test_later_versions_are_reached_one_by_one(database: Database) -> None:
    done: list[int] = []

    def second(connection: Connection) -> None:
        done.append(2)
        connection.execute(text("ALTER TABLE dougong_grant ADD COLUMN since integer"))

    def third(connection: Connection) -> None:
        done.append(3)
        connection.execute(text("UPDATE dougong_grant SET since = 1"))

    with database.writing() as connection:
        connection.execute(schema_version.update().values(version=1))
    steps = {3: third, 2: second}
    for _ in range(2):
        with database.writing() as connection:
            upgrade(connection, steps)
    assert done == [2, 3]
    with database.reading() as connection:
        assert versions(connection) == [1, 2, 3]


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(schema_version.insert().values(version=99, upgraded_at=datetime.now(UTC)))
    with pytest.raises(DatabaseUnavailable) as refused, database.writing() as connection:
        upgrade(connection)
    assert str(refused.value) == (
        "The database was last used by a newer Dougong (its tables have version 99, this program knows "
        f"{max(migrations())}). "
        "Install that Dougong or a later one."
    )


def test_processes_that_start_together(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        databases = list(pool.map(open_database, [database_url] * 4))
    with databases[0].reading() as connection:
        assert len(versions(connection)) == 1
    for database in databases:
        database.close()


def test_history_keeps_exact_numbers(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            history.insert().values(
                entity="crm.deal",
                record_id=1,
                at=datetime.now(UTC),
                kind="updated",
                changes={"amount": [None, Decimal("1234.50")]},
                release=1,
            )
        )
        assert connection.execute(select(history.c.changes)).scalar_one() == {"amount": [None, "1234.50"]}
