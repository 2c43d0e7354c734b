"""Database: transactions for reading and for writing, on SQLite and on PostgreSQL.

Each thread keeps one connection between its transactions; taking one from the pool and handing it back
costs as much as a small query. A second transaction inside another one takes a connection of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.fields.encrypted_column import lend_keys
from engine.fields.encryption import NO_KEYS, FieldKeys
from engine.schema.address import DatabaseUnavailable, make_folder, read_address
from engine.schema.connections import make_engine
from engine.schema.upgrade import upgrade
from engine.text import say

CHECK_AFTER_IDLE_SECONDS = 30
LOCK_SECONDS = 60
TAKE_STOCK_EVERY = 1_000
"""Write transactions; PostgreSQL does it by itself."""
SAMPLED = 1_000
SAMPLED_OF_FEW_VALUES = 200_000
"""Rows of an index by which SQLite learns how many have the same value."""


def open_database(address: str, keys: FieldKeys = NO_KEYS) -> "Database":
    """The database at `address`, with Dougong's own tables in it.

    An SQLite file and its folder are made when missing. `keys` are those of encrypted fields. Raises
    DatabaseUnavailable with a sentence.
    """
    url = read_address(address)
    database = Database(url, make_folder(url), make_engine(url))
    lend_keys(database.engine.dialect, keys)
    try:
        with database.writing() as connection:
            upgrade(connection)
    except DBAPIError as error:
        database.close()
        raise DatabaseUnavailable(
            say(
                "The database {address} cannot be used: {reason}",
                address=url.render_as_string(hide_password=True),
                reason=str(error.orig).strip(),
            )
        ) from error
    except DatabaseUnavailable:
        database.close()
        raise
    return database


class _Kept(threading.local):
    """What a thread keeps between its transactions."""

    connection: Connection | None = None
    in_use = False
    used_at = 0.0
    commits = 0


class Database:
    """An open database. `folder` is where an SQLite file lies, None for a server."""

    def __init__(self, url: URL, folder: Path | None, engine: Engine) -> None:
        self.url = url
        self.folder = folder
        self.engine = engine
        self.dialect = engine.dialect.name
        self._kept = _Kept()
        self._connections: WeakSet[Connection] = WeakSet()
        # SQLite has one writer; writers that queue here wait a tenth of what they would by trying again.
        self._writer = threading.Lock()
        self._writing_thread: int | None = None
        self._writes = 0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; nothing that is written here stays.

        On SQLite all of it sees one state; on PostgreSQL every statement sees what is committed then, and
        a statement that would write is refused.
        """
        with self._connection() as connection:
            if self.dialect == "sqlite":
                try:
                    yield connection
                finally:
                    connection.rollback()
            else:
                driver: Any = connection.connection.dbapi_connection
                driver.autocommit = True
                try:
                    yield connection
                finally:
                    connection.rollback()
                    if not driver.closed:
                        driver.autocommit = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction, committed at the end, undone when an exception leaves it.

        Every statement sees all writes that were committed before it; on SQLite nobody else writes
        meanwhile.
        """
        with self._single_writer(), self._connection() as connection:
            connection.info["writing"] = True
            self._writes += 1
            try:
                with connection.begin():
                    yield connection
                    if self.dialect == "sqlite" and self._writes % TAKE_STOCK_EVERY == 0:
                        _take_stock_of_sqlite(connection)
                self._kept.commits += 1
            finally:
                if not connection.invalidated:
                    connection.info["writing"] = False

    @contextmanager
    def restructuring(self) -> Iterator[Connection]:
        """As `writing`, for changes of tables.

        On SQLite a table can be replaced by a copy: foreign keys are not enforced row by row but checked
        as a whole before the commit.
        """
        if self.dialect != "sqlite":
            with self.writing() as connection:
                yield connection
            return
        with self._single_writer(), self.engine.connect() as connection:
            connection.info["writing"] = True
            driver: Any = connection.connection.dbapi_connection
            # Inside a transaction this pragma is ignored.
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    yield connection
                    _refuse_broken_links(connection)
            finally:
                driver.execute("PRAGMA foreign_keys = ON")
                connection.info["writing"] = False

    @contextmanager
    def outside_transactions(self) -> Iterator[Connection]:
        """For PostgreSQL: a connection of its own whose every statement is committed at once.

        Some statements are refused inside a transaction. It is closed at the end, with the locks it holds.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            yield connection

    @property
    def commits(self) -> int:
        """How many transactions this thread has committed."""
        return self._kept.commits

    def take_stock(self) -> None:
        """Lets the database count its rows, by which it chooses indexes; worth it after many were written."""
        with self.writing() as connection:
            if self.dialect == "sqlite":
                _take_stock_of_sqlite(connection)
            else:
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Closes every connection, those that threads keep included."""
        for connection in list(self._connections):
            connection.close()
        self._connections.clear()
        self._kept = _Kept()
        self.engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        kept = self._kept
        if kept.in_use:
            with self.engine.connect() as connection:
                yield connection
            return
        connection = self._kept_connection(kept)
        kept.in_use = True
        try:
            yield connection
        finally:
            kept.in_use = False
            kept.used_at = monotonic()

    def _kept_connection(self, kept: _Kept) -> Connection:
        """The thread's connection. One that lay idle goes through the pool, which sees whether it lives."""
        connection = kept.connection
        if connection is not None and not connection.closed:
            if not connection.invalidated and monotonic() - kept.used_at < CHECK_AFTER_IDLE_SECONDS:
                return connection
            connection.close()
        connection = kept.connection = self.engine.connect()
        self._connections.add(connection)
        return connection

    @contextmanager
    def _single_writer(self) -> Iterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("This thread writes already: a second transaction would wait for the first.")
        if not self._writer.acquire(timeout=LOCK_SECONDS):
            raise DatabaseUnavailable(
                say("Others have been writing for {seconds} seconds; please try again.", seconds=LOCK_SECONDS)
            )
        self._writing_thread = threading.get_ident()
        try:
            yield
        finally:
            self._writing_thread = None
            self._writer.release()


def _take_stock_of_sqlite(connection: Connection) -> None:
    """Samples a thousand rows of each index: some milliseconds, however large the tables.

    Where a value has more rows than that, as a stage among a million deals, the sample would say that it has
    a thousand; SQLite would then take such an index for a choosy one. Of these more rows are read.
    """
    connection.exec_driver_sql(f"PRAGMA analysis_limit = {SAMPLED}")
    connection.exec_driver_sql("ANALYZE")
    rows = connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL").all()
    vague = [name for name, stat in rows if stat.split()[1:2] == [str(SAMPLED + 1)]]
    if vague:
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {SAMPLED_OF_FEW_VALUES}")
        for name in vague:
            connection.exec_driver_sql(f'ANALYZE "{name}"')


def _refuse_broken_links(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"Row {broken[1]} of {broken[0]} links to a row of {broken[2]} that is not there.")
