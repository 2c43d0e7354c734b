"""Writing a backup, and restoring it: the database, attached files, and the keys when they are asked for."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import URL, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from engine.backup.archive import (
    FILES,
    KEYS,
    BackupRefused,
    Manifest,
    Writing,
    blocks,
    read_manifest,
    verify,
)
from engine.backup.postgresql import is_filled_postgresql, restore_postgresql, write_postgresql
from engine.backup.sqlite import is_filled_sqlite, restore_sqlite, write_sqlite
from engine.schema.address import DatabaseUnavailable, read_address
from engine.schema.connections import make_engine
from engine.schema.system_tables import release, schema_version
from engine.schema.upgrade import FIRST_VERSION, migrations
from engine.text import say

FILES_FOLDER = "files"
KEY_FILES = "*.key"


def write_backup(address: str, folder: Path, target: Path, with_keys: bool) -> Manifest:
    """Writes everything of the database at `address` and of the data folder into one new file.

    Others may go on working: what is in it is the state of one moment. Raises BackupRefused.
    """
    url = read_address(address)
    if target.exists():
        sentence = "“{path}” is there already. Choose another name; a backup is never written over."
        raise BackupRefused(say(sentence, path=target))
    beside = target.with_name(target.name + ".part")
    try:
        with _engine(url) as engine:
            manifest = _manifest(url, engine)
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                writing = Writing(archive, manifest)
                _write_database(url, engine, writing)
                _add_files(writing, folder / FILES_FOLDER, FILES)
                if with_keys:
                    manifest.keys = True
                    _add_files(writing, folder, KEYS, KEY_FILES)
                writing.close()
        beside.rename(target)
    except OSError as error:
        sentence = "The backup cannot be written to “{path}”: {reason}."
        raise BackupRefused(say(sentence, path=target, reason=error.strerror or error)) from error
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def restore_backup(address: str, folder: Path, source: Path, replace: bool) -> Manifest:
    """Puts what a backup holds into the database at `address` and into the data folder.

    Everything is read and compared with its checksums before anything is touched. Raises BackupRefused,
    also for a database in which something is, unless `replace`.
    """
    url = read_address(address)
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        sentence = "“{path}” cannot be read as a backup: {reason}."
        raise BackupRefused(say(sentence, path=source, reason=str(error))) from error
    with archive:
        manifest = read_manifest(archive)
        _refuse_unfit(url, manifest)
        verify(archive, manifest)
        with _engine(url) as engine:
            if not replace and _is_filled(url, engine):
                sentence = "There is something in the database {address} already. With --replace it is lost."
                raise BackupRefused(say(sentence, address=url.render_as_string(hide_password=True)))
            _restore_database(url, engine, archive, manifest)
        _put_files(archive, folder, manifest)
    return manifest


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    except DBAPIError as error:
        sentence = "The database {address} cannot be used: {reason}"
        shown = url.render_as_string(hide_password=True)
        raise DatabaseUnavailable(say(sentence, address=shown, reason=str(error.orig).strip())) from error
    finally:
        engine.dispose()


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _path(url: URL) -> Path:
    return Path(url.database or "")


def _manifest(url: URL, engine: Engine) -> Manifest:
    if _is_sqlite(url) and not _path(url).exists():
        raise BackupRefused(say("There is no database {address}.", address=url.render_as_string()))
    with engine.connect() as connection:
        if not inspect(connection).has_table(schema_version.name):
            shown = url.render_as_string(hide_password=True)
            raise BackupRefused(say("There is nothing of Dougong in the database {address}.", address=shown))
        version = connection.execute(select(func.max(schema_version.c.version))).scalar_one()
        number = connection.execute(select(func.max(release.c.number))).scalar_one() or 0
    return Manifest(url.get_backend_name(), datetime.now(UTC).isoformat(), version, number)


def _write_database(url: URL, engine: Engine, writing: Writing) -> None:
    if _is_sqlite(url):
        write_sqlite(_path(url), writing)
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        write_postgresql(driver, writing)
        connection.rollback()


def _restore_database(url: URL, engine: Engine, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    if _is_sqlite(url):
        engine.dispose()
        restore_sqlite(archive, manifest, _path(url))
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        with driver.transaction():
            driver.execute("SET TRANSACTION READ WRITE")
            restore_postgresql(driver, archive, manifest)


def _is_filled(url: URL, engine: Engine) -> bool:
    if _is_sqlite(url):
        return is_filled_sqlite(_path(url))
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        return is_filled_postgresql(driver)


def _refuse_unfit(url: URL, manifest: Manifest) -> None:
    if manifest.dialect != url.get_backend_name():
        sentence = "The backup is of a {found} database; it cannot be restored into {known}."
        raise BackupRefused(say(sentence, found=manifest.dialect, known=url.get_backend_name()))
    latest = max(migrations(), default=FIRST_VERSION)
    if manifest.schema_version > latest:
        sentence = (
            "The backup is from a newer Dougong: its tables have version {found}, this one has {known}."
        )
        raise BackupRefused(say(sentence, found=manifest.schema_version, known=latest))


def _add_files(writing: Writing, folder: Path, prefix: str, pattern: str = "**/*") -> None:
    for path in sorted(folder.glob(pattern)):
        if path.is_file():
            writing.file(prefix + path.relative_to(folder).as_posix(), path)


def _put_files(archive: zipfile.ZipFile, folder: Path, manifest: Manifest) -> None:
    """Writes the attached files and keys back; what lies there under another name stays."""
    for name in manifest.parts:
        for prefix, target in ((FILES, folder / FILES_FOLDER), (KEYS, folder)):
            if not name.startswith(prefix):
                continue
            inside = PurePosixPath(name.removeprefix(prefix))
            if inside.is_absolute() or ".." in inside.parts:
                raise BackupRefused(say("The backup is damaged: {name} does not belong to it.", name=name))
            path = target / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            with path.open("wb") as file:
                for block in blocks(archive, name):
                    file.write(block)
