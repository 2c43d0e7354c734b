"""Transactions on both databases: what stays, what is undone, who waits for whom."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.schema.address import DatabaseUnavailable
from engine.schema.database import Database, open_database


@pytest.fixture
def counter(database: Database) -> Database:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, value integer)"))
        connection.execute(text("INSERT INTO counter VALUES (1, 0)"))
    return database


def value(connection: Connection) -> int:
    return int(connection.execute(text("SELECT value FROM counter")).scalar_one())


def count_up(connection: Connection) -> None:
    connection.execute(text("UPDATE counter SET value = value + 1"))


def test_what_is_written_stays(counter: Database) -> None:
    with counter.writing() as connection:
        count_up(connection)
    with counter.reading() as connection:
        assert value(connection) == 1


def test_an_exception_undoes_everything_tables_included(counter: Database) -> None:
    def fail(connection: Connection) -> None:
        count_up(connection)
        connection.execute(text("CREATE TABLE more (id integer)"))
        raise KeyError("out")

    with pytest.raises(KeyError), counter.writing() as connection:
        fail(connection)
    with counter.writing() as connection:
        assert value(connection) == 0
        connection.execute(text("CREATE TABLE more (id integer)"))


def test_nothing_stays_of_what_is_written_while_reading(counter: Database) -> None:
    refused = {
        "sqlite": nullcontext(),
        "postgresql": pytest.raises(DBAPIError, match="read-only transaction"),
    }
    with refused[counter.dialect], counter.reading() as connection:
        count_up(connection)
    with counter.reading() as connection:
        assert value(connection) == 0


def test_reading_goes_on_while_others_write(counter: Database) -> None:
    with counter.writing() as writing:
        count_up(writing)
        with counter.reading() as reading:
            assert value(reading) == 0
            assert reading is not writing
    with counter.reading() as reading:
        assert value(reading) == 1


def test_a_transaction_after_an_error_is_a_new_one(counter: Database) -> None:
    with pytest.raises(IntegrityError), counter.writing() as connection:
        connection.execute(text("INSERT INTO counter VALUES (1, 1)"))
    with counter.writing() as connection:
        count_up(connection)
    with counter.reading() as connection:
        assert value(connection) == 1


def test_many_writers_lose_nothing(counter: Database) -> None:
    def read_and_write(_: int) -> None:
        with counter.writing() as connection:
            connection.execute(text("SELECT value FROM counter"))
            count_up(connection)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_and_write, range(40)))
    with counter.reading() as connection:
        assert value(connection) == 40


def test_writers_of_two_processes_wait_for_one_another(sqlite_url: str) -> None:
    databases = [open_database(sqlite_url), open_database(sqlite_url)]
    with databases[0].writing() as connection:
        connection.execute(text("CREATE TABLE counter (value integer)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def write(number: int) -> None:
        with databases[number % 2].writing() as connection:
            count_up(connection)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    with databases[0].reading() as connection:
        assert value(connection) == 20
    for database in databases:
        database.close()


def test_a_thread_that_writes_twice_at_once_is_told(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with (
        database.writing(),
        pytest.raises(RuntimeError, match="This thread writes already"),
        database.writing(),
    ):
        pass
    database.close()


def test_a_connection_that_broke_is_replaced(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    with database.reading() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = open_database(postgresql_url)
    with other.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    with pytest.raises(DBAPIError), database.reading() as connection:
        connection.execute(text("SELECT 1"))
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    other.close()
    database.close()


def test_an_idle_connection_is_checked_before_it_is_used(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.schema.database.CHECK_AFTER_IDLE_SECONDS", 0)
    database = open_database(postgresql_url)
    with database.reading() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = open_database(postgresql_url)
    with other.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    other.close()
    database.close()


def test_links_are_enforced(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE owner (id integer PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE thing (owner integer REFERENCES owner (id))"))
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("INSERT INTO thing VALUES (7)"))


def test_restructuring_checks_links_before_the_commit(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE owner (id integer PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE thing (owner integer REFERENCES owner (id))"))
        connection.execute(text("INSERT INTO owner VALUES (1)"))
        connection.execute(text("INSERT INTO thing VALUES (1)"))
    with pytest.raises(RuntimeError, match="links to a row of owner"), database.restructuring() as connection:
        connection.execute(text("DELETE FROM owner"))
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("DELETE FROM owner"))
    database.close()


def test_sqlite_keeps_what_it_wrote_when_the_power_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, number in ((None, 2), ("normal", 1)):
        if setting:
            monkeypatch.setenv("DOUGONG_SQLITE_SYNCHRONOUS", setting)
        database = open_database(f"sqlite:///{tmp_path / 'power.db'}")
        with database.reading() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == number
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        database.close()
    monkeypatch.setenv("DOUGONG_SQLITE_SYNCHRONOUS", "maybe")
    with pytest.raises(
        DatabaseUnavailable, match="DOUGONG_SQLITE_SYNCHRONOUS is “MAYBE”; it can be OFF, NORMAL"
    ):
        open_database(f"sqlite:///{tmp_path / 'power.db'}")


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada, " * 200)
    with pytest.raises(DatabaseUnavailable, match="cannot be used: file is not a database"):
        open_database(f"sqlite:///{tmp_path / 'letter.txt'}")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        open_database("postgresql://ada:secret@127.0.0.1:1/work")
    assert "The database postgresql+psycopg://ada:***@127.0.0.1:1/work cannot be used: " in str(refused.value)
    assert "secret" not in str(refused.value)


def test_sqlite_learns_that_few_values_are_no_choosy_index(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'stock.db'}")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE deal (id INTEGER PRIMARY KEY, stage TEXT, amount INTEGER)")
        connection.exec_driver_sql("CREATE INDEX by_stage ON deal (stage, amount)")
        connection.exec_driver_sql("CREATE INDEX by_amount ON deal (amount)")
        rows = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)"
        connection.exec_driver_sql(f"INSERT INTO deal {rows} SELECT n, n % 4, n FROM c")
    database.take_stock()
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'deal'").all()
        learnt = {name: stat.split()[1] for name, stat in found}
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM deal WHERE id <= 20 AND stage = '1' ORDER BY id DESC LIMIT 5"
        ).all()
    assert learnt == {"by_stage": "5000", "by_amount": "1"}
    assert "PRIMARY KEY" in plan[0][3]
    database.close()
