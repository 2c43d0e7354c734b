"""SQLite in a backup: the whole file, as it was at one moment while others went on writing."""

import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from engine.backup.archive import BackupRefused, Manifest, Writing, blocks, refuse_other_rows
from engine.text import say

PART = "database.sqlite"


def write_sqlite(path: Path, writing: Writing) -> None:
    """Puts a copy of the database file into the archive."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PART
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            writing.manifest.tables |= _counts(target)
        writing.file(PART, copy)


def restore_sqlite(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Puts the content of the archive in place of that of the file; all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / PART
        with copy.open("wb") as target:
            for block in blocks(archive, PART):
                target.write(block)
        with closing(sqlite3.connect(copy)) as source:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupRefused(say("The backup is damaged: {name} cannot be read.", name=PART))
            refuse_other_rows(manifest, _counts(source))
            # SQLite's own way to replace a file that others may have open.
            with closing(sqlite3.connect(path, timeout=60)) as connection:
                source.backup(connection)


def is_filled_sqlite(path: Path) -> bool:
    """Whether anything was published or anybody is known there."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        return any(
            connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()  # noqa: S608 - our own names
            for table in names & {"dougong_release", "system__user"}
        )


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - from the catalog
        for (name,) in names
    }
