"""How a new connection is set up, on each of the two databases."""

import os
import sqlite3
from time import monotonic, sleep
from typing import Any

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event

from engine.formula.sqlite_functions import register_functions
from engine.schema.address import DatabaseUnavailable
from engine.schema.kept_words import FUNCTION, holds
from engine.schema.word_counts import MAKE_WORDS_IN_INDEX
from engine.text import say

SYNCHRONOUS = "DOUGONG_SQLITE_SYNCHRONOUS"
SYNCHRONOUS_VALUES = ("OFF", "NORMAL", "FULL", "EXTRA")
BUSY_SECONDS = 60
"""A publish that converts a million values takes so long; whoever saves meanwhile waits and loses nothing."""
IDLE_CONNECTIONS = 10


def make_engine(url: URL) -> Engine:
    """The SQLAlchemy handle of the database at `url`; it connects when it is first used."""
    return {"sqlite": _sqlite_engine, "postgresql": _postgresql_engine}[url.get_backend_name()](url)


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        # The driver's own handling begins no transaction before DDL and could not undo it; we send BEGIN.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": BUSY_SECONDS},
        pool_size=IDLE_CONNECTIONS,
        max_overflow=-1,
        json_serializer=json_text,
        json_deserializer=orjson.loads,
        query_cache_size=2_000,
    )
    synchronous = sqlite_synchronous()

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        _use_write_ahead_log(connection)
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "cache_size = -16000",
            "mmap_size = 268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")
        register_functions(connection)
        connection.create_function(FUNCTION, 2, holds, deterministic=True)
        connection.execute(MAKE_WORDS_IN_INDEX)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switches a new file to the log.

    While another process does the same, SQLite refuses at once instead of waiting its busy time-out, so the
    waiting is done here.
    """
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.02)
        else:
            return


def _begin(connection: Connection) -> None:
    """Begins a transaction; one that will write says so at once.

    One that only begins to write later is refused when somebody else wrote since it began to read.
    """
    if connection.info.get("writing"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # It can neither wait nor fail, and this way it costs a tenth.
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN")


def sqlite_synchronous() -> str:
    """How hard SQLite tries to survive a power failure, from DOUGONG_SQLITE_SYNCHRONOUS.

    FULL by default: a payslip that was approved is still approved after the power went, at the price of
    one more fsync a write. NORMAL keeps the file sound but may forget the last transactions; it suits
    demonstrations.
    """
    value = os.environ.get(SYNCHRONOUS, "FULL").upper()
    if value not in SYNCHRONOUS_VALUES:
        raise DatabaseUnavailable(
            say(
                "{setting} is “{value}”; it can be {known}.",
                setting=SYNCHRONOUS,
                value=value,
                known=", ".join(SYNCHRONOUS_VALUES),
            )
        )
    return value


NEVER_BY_ITSELF = 2**31


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        # Only what asks for it is prepared on the server: a prepared statement fails with “cached plan must
        # not change result type” after a publish, unless its text names the release.
        connect_args={"prepare_threshold": NEVER_BY_ITSELF},
        pool_pre_ping=True,
        pool_size=IDLE_CONNECTIONS,
        max_overflow=-1,
        json_serializer=json_text,
        json_deserializer=orjson.loads,
        query_cache_size=2_000,
    )

    def set_up(connection: "psycopg.Connection[Any]", _record: object) -> None:
        # Reading runs without BEGIN and ROLLBACK, two journeys to the server less; a statement that
        # would write there by mistake is refused. BEGIN says READ WRITE.
        connection.autocommit = True
        connection.execute("SET default_transaction_read_only = on")
        connection.execute("SET TIME ZONE 'UTC'")
        connection.autocommit = False
        connection.read_only = False

    event.listen(engine, "connect", set_up)
    return engine


def json_text(value: Any) -> str:
    """JSON for a JSON column; Decimal and whatever else JSON lacks as text."""
    return orjson.dumps(value, default=str).decode()
