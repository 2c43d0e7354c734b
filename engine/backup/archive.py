"""A backup as one file: a ZIP archive with the database, attached files, and a manifest of checksums."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from engine.problems import Refused
from engine.text import say

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
KEYS = "keys/"
AT_ONCE = 1 << 20


class BackupRefused(Refused):
    """A backup that cannot be written or restored, and why."""


@dataclass(slots=True)
class Manifest:
    """What is in a backup. `tables`: name → number of rows; `parts`: name in the archive → SHA-256."""

    dialect: str
    made_at: str
    schema_version: int
    release: int
    tables: dict[str, int] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    keys: bool = False
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in Manifest.__slots__}


class Digested:
    """A part of an archive that is being written; its checksum goes into the manifest at the end."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target
        self.digest = hashlib.sha256()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.digest.update(data)
        self.target.write(data)


class Writing:
    """An archive that is being written."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.archive = archive
        self.manifest = manifest

    def part(self, name: str) -> "Part":
        """`with writing.part(name) as target: target.write(…)`."""
        return Part(self, name)

    def file(self, name: str, path: Path) -> None:
        """Adds a file."""
        with self.part(name) as target, path.open("rb") as source:
            while block := source.read(AT_ONCE):
                target.write(block)

    def close(self) -> None:
        """Writes the manifest; what has none is no backup."""
        text = json.dumps(self.manifest.as_json(), indent=1, sort_keys=True)
        self.archive.writestr(MANIFEST, text)


class Part:
    """A part while it is written."""

    def __init__(self, writing: Writing, name: str) -> None:
        self.writing = writing
        self.name = name

    def __enter__(self) -> Digested:
        self.raw = self.writing.archive.open(self.name, "w", force_zip64=True)
        self.digested = Digested(self.raw)
        return self.digested

    def __exit__(self, *_error: object) -> None:
        self.raw.close()
        self.writing.manifest.parts[self.name] = self.digested.digest.hexdigest()


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """What the archive says that it holds; raises BackupRefused."""
    try:
        found = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise BackupRefused(say("This is not a backup of Dougong: it has no manifest.")) from error
    if found.get("format") != FORMAT:
        sentence = "The backup has the format {found}; this Dougong knows {known}. Use the one that wrote it."
        raise BackupRefused(say(sentence, found=found.get("format"), known=FORMAT))
    return Manifest(**found)


def verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Reads everything once and compares the checksums; raises BackupRefused."""
    there = set(archive.namelist()) - {MANIFEST}
    if missing := sorted(set(manifest.parts) - there):
        raise BackupRefused(say("The backup is damaged: {name} is missing.", name=missing[0]))
    if surplus := sorted(there - set(manifest.parts)):
        raise BackupRefused(say("The backup is damaged: {name} does not belong to it.", name=surplus[0]))
    for name, expected in manifest.parts.items():
        digest = hashlib.sha256()
        try:
            for block in blocks(archive, name):
                digest.update(block)
        except (zipfile.BadZipFile, EOFError) as error:
            raise BackupRefused(say("The backup is damaged: {name} cannot be read.", name=name)) from error
        if digest.hexdigest() != expected:
            raise BackupRefused(say("The backup is damaged: {name} is not what was written.", name=name))


def blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of the archive, piece by piece."""
    with archive.open(name) as source:
        while block := source.read(AT_ONCE):
            yield block


def refuse_other_rows(manifest: Manifest, found: Mapping[str, int]) -> None:
    """Raises BackupRefused when a restored table has not as many rows as were backed up."""
    for table, count in manifest.tables.items():
        if found.get(table) != count:
            sentence = "The table {table} has {found} rows after restoring, {count} were backed up."
            raise BackupRefused(say(sentence, table=table, found=found.get(table), count=count))
