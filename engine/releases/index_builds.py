"""Indexes of large tables on PostgreSQL: built once the release stands, while people go on writing.

CREATE INDEX CONCURRENTLY runs outside of any transaction. Killed halfway it leaves an index that is marked
invalid; the next plan sees that as a missing one, and applying it builds it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import sleep

from psycopg.errors import DeadlockDetected, UndefinedColumn, UndefinedTable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.schema import ddl
from engine.schema.database import Database
from engine.schema.locks import try_to_build

MANY = 100_000
"""From so many records on writers would notice that an index is made; below, it takes a moment."""

TRIES = 5
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class IndexBuild:
    """An index to be made while people write: its name, and the statement that makes it."""

    name: str
    creation: str

    @property
    def removal(self) -> str:
        """The statement that drops what a build that was killed has left."""
        return f"DROP INDEX CONCURRENTLY IF EXISTS {ddl.quoted(self.name, 'postgresql')}"


def build_indexes(
    database: Database,
    builds: Sequence[IndexBuild],
    begins: Callable[[IndexBuild], None] = lambda _: None,
) -> None:
    """Makes those of the indexes that are not there whole; the caller is in no transaction.

    `begins` is told of each.
    """
    if not builds:
        return
    with database.outside_transactions() as connection:
        # Who waited for the lock in a statement would hold a snapshot, for which the other's build waits.
        while not try_to_build(connection):
            sleep(PAUSE_SECONDS)
        for build in builds:
            begins(build)
            _build(connection, build)


def _build(connection: Connection, build: IndexBuild) -> None:
    for attempt in range(1, TRIES + 1):
        if _is_whole(connection, build.name):
            return
        try:
            connection.exec_driver_sql(build.removal)
            connection.exec_driver_sql(build.creation)
        except DBAPIError as error:
            if isinstance(error.orig, (UndefinedTable, UndefinedColumn)):
                # A later publish took it out of use; nobody needs the index any more.
                return
            if attempt == TRIES or not isinstance(error.orig, DeadlockDetected):
                raise
            sleep(PAUSE_SECONDS)


def _is_whole(connection: Connection, name: str) -> bool:
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    return bool(connection.execute(valid, {"name": ddl.quoted(name, "postgresql")}).scalar())
