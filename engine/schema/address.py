"""The address of a database as people write it: `sqlite:///data/dougong.db`, `postgresql://…`."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.problems import Refused
from engine.text import say

DEFAULT_ADDRESS = "sqlite:///data/dougong.db"
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What may stand before `://` → the driver that is used."""


class DatabaseUnavailable(Refused):
    """There is no database at this address, or it cannot be used."""


def read_address(address: str) -> URL:
    """The URL with the driver that Dougong uses; raises DatabaseUnavailable with what would be right."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable(
            say(
                "“{address}” is not the address of a database. Write sqlite:///data/dougong.db for a file, "
                "or postgresql://user:password@host/name for a PostgreSQL server.",
                address=address,
            )
        ) from None
    if url.drivername not in DRIVERS:
        raise DatabaseUnavailable(
            say(
                "Dougong does not work with “{kind}” databases: the address begins with sqlite:/// or with "
                "postgresql://.",
                kind=url.drivername,
            )
        )
    url = url.set(drivername=DRIVERS[url.drivername])
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        # Every thread has its own connection, and each would see its own empty memory.
        raise DatabaseUnavailable(
            say(
                "“{address}” names no file: write sqlite:///data/dougong.db, or sqlite:////var/… with four "
                "slashes for a path that begins at the root.",
                address=address,
            )
        )
    return url


def make_folder(url: URL) -> Path | None:
    """The folder of an SQLite file, made when it is missing; None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    folder = Path(url.database or "").resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            say(
                "The folder {folder} for the database cannot be made: {reason}. Choose another address.",
                folder=str(folder),
                reason=error.strerror or str(error),
            )
        ) from error
    return folder
