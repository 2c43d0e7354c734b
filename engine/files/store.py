"""The folder of files: each lies under the SHA-256 of its content, so that the same content lies there once.

Content is written beside its place and moved there whole: a file that is there is complete. It is moved while
the transaction of its row is open, and swept under a lock that keeps such transactions out, so that no row
ever lacks its content.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from engine.fields.file_kinds import HEAD
from engine.problems import Refused
from engine.text import say

PIECE = 1024 * 1024


class TooLarge(Refused):
    """More bytes than may be kept: HTTP 413."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Content that arrived and is not in its place yet: where it lies, its sum, size and first bytes."""

    path: Path
    sha256: str
    size: int
    head: bytes

    def drop(self) -> None:
        """Removes it, unless it has been moved to its place."""
        self.path.unlink(missing_ok=True)


def size_words(size: int) -> str:
    """`2.5 MB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f}".removesuffix(".0") + " MB"


def _refuse_too_large(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(say("The file is larger than {most}.", most=size_words(most)))


@dataclass(frozen=True, slots=True)
class Store:
    """The folder. `largest`: how many bytes one file may have, whatever a field says."""

    folder: Path
    largest: int = 25_000_000

    def take(self, stream: IO[bytes], largest: int | None = None) -> Taken:
        """Writes what comes to a file beside the others; raises TooLarge as soon as it is too much."""
        most = min(self.largest, largest or self.largest)
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        path, digest, size, head = Path(name), sha256(), 0, b""
        try:
            with os.fdopen(descriptor, "wb") as file:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    _refuse_too_large(size, most)
                    head = head or piece[:HEAD]
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Taken(path, digest.hexdigest(), size, head)

    def keep(self, taken: Taken) -> None:
        """Moves it to its place; to be called in the transaction that writes its row."""
        place = self.place(taken.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        taken.path.replace(place)

    def place(self, digest: str) -> Path:
        """Where the content with this sum lies."""
        return self.folder / digest[:2] / digest[2:]

    def thumbnail(self, digest: str) -> Path:
        """Where the small picture of it lies, once somebody looked at it."""
        return self.folder / "thumbnails" / digest[:2] / f"{digest[2:]}.webp"

    def remove(self, digest: str) -> None:
        """Removes content and its small picture."""
        self.place(digest).unlink(missing_ok=True)
        self.thumbnail(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        """The sums of all content in the folder."""
        for part in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in part.iterdir():
                yield part.name + path.name

    def forsaken(self, before: float) -> Iterator[Path]:
        """What arrived and was never moved to its place, older than a time."""
        for path in (self.folder / "incoming").glob("*"):
            if path.stat().st_mtime < before:
                yield path
