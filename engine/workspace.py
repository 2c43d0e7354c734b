"""An open database together with the catalog that is published in it: where every request begins."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.catalog import Catalog, compile_catalog
from engine.fields.encryption import NO_KEYS, FieldKeys
from engine.problems import ReleaseChanged
from engine.releases.history import checked_release, current_number, current_release, release_of
from engine.schema.database import Database, open_database
from engine.schema.locks import join_writers
from engine.schema.prepared import Prepared
from engine.transaction import SYSTEM, Actor, Transaction, require_writer


class Workspace:
    """Gives transactions. The catalog is replaced as a whole when another release is current."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.data: Path | None = None
        """The folder of data, where there is one: what is not part of the database."""
        self._renewing = Lock()
        with database.reading() as connection:
            self._catalog = read_catalog(connection, database.dialect)

    @property
    def catalog(self) -> Catalog:
        """The catalog as last seen; transactions look whether it is still the current one."""
        return self._catalog

    @contextmanager
    def reading(self, actor: Actor = SYSTEM) -> Iterator[Transaction]:
        """A transaction that only reads.

        Raises ReleaseChanged when something was published meanwhile, so that what was read may not fit
        together. On SQLite that cannot be: all of it sees one state.
        """
        with self.database.reading() as connection:
            transaction = self._begin(connection, actor)
            try:
                yield transaction
            except ReleaseChanged:
                raise
            except Exception as error:
                if self._is_past(transaction):
                    raise ReleaseChanged from error
                raise
            if self._is_past(transaction):
                raise ReleaseChanged

    @contextmanager
    def writing(self, actor: Actor = SYSTEM) -> Iterator[Transaction]:
        """A transaction that is committed at the end and undone when an exception leaves it.

        Until then nothing is published: what is checked by this catalog is written into its tables.
        Raises NotAllowed at once for an actor who may only look.
        """
        require_writer(actor)
        with self.database.writing() as connection:
            join_writers(connection)
            yield self._begin(connection, actor)

    def look(
        self, make: Callable[[Catalog, Connection], Prepared], parameters: Mapping[str, Any]
    ) -> tuple[Catalog, list[list[Any]]]:
        """The rows of one statement whose first column is the number of the current release.

        Gives the catalog of that release with them: for what every request asks first.
        """
        with self.database.reading() as connection:
            catalog = self._catalog
            rows = make(catalog, connection).rows(connection, parameters)
            if rows and rows[0][0] != catalog.release:
                catalog = self._renew(connection, rows[0][0])
            return catalog, rows

    def close(self) -> None:
        self.database.close()

    def _begin(self, connection: Connection, actor: Actor) -> Transaction:
        number = current_number(connection)
        catalog = self._catalog
        if number != catalog.release:
            catalog = self._renew(connection, number)
        return Transaction(catalog, connection, actor, datetime.now(UTC))

    def _is_past(self, transaction: Transaction) -> bool:
        """Whether another release is current than the one that the transaction began with."""
        if transaction.dialect == "sqlite":
            return False
        try:
            return current_number(transaction.connection) != transaction.catalog.release
        except DBAPIError:
            return False

    def _renew(self, connection: Connection, number: int) -> Catalog:
        with self._renewing:
            if self._catalog.release != number:
                self._catalog = read_catalog(connection, self.database.dialect)
            return self._catalog


def open_workspace(url: str, keys: FieldKeys = NO_KEYS) -> Workspace:
    """Opens the database at `url`, making our own tables when it is new; `keys` are of encrypted fields."""
    return Workspace(open_database(url, keys))


def read_catalog(connection: Connection, dialect: str, number: int | None = None) -> Catalog:
    """The catalog of a release, by default the current one; with none, the system's own app alone."""
    release = current_release(connection) if number is None else release_of(connection, number)
    return compile_catalog(release.number if release else 0, dialect, checked_release(release))
