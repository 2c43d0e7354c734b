"""Pictures from anybody: read within limits, turned upright, written anew without what was hidden in them."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from engine.problems import Refused
from engine.text import Message, say

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 50_000_000
"""A picture of more is refused before it is unpacked: a few kilobytes can hold gigabytes of one colour."""
LONGEST_SIDE = 4_096
THUMBNAIL = (480, 480)


class NoPicture(Refused):
    """It cannot be read as a picture, or not within the limits."""


def _read(source: Path) -> Image.Image:
    """The picture upright and unpacked; raises NoPicture."""
    unreadable = say("The picture cannot be read; possible are PNG, JPEG, WebP and GIF.")
    try:
        with source.open("rb") as file, _silently(), Image.open(file, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoPicture(_too_many())
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            upright.format = picture.format
            return upright
    except Image.DecompressionBombError as error:
        raise NoPicture(_too_many()) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise NoPicture(unreadable) from error


@contextmanager
def _silently() -> Iterator[None]:
    """Without Pillow's warning of many pixels: our own limit is lower."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _too_many() -> Message:
    return say(
        "The picture has too many pixels; at most {most} million are possible.", most=MOST_PIXELS // 10**6
    )


def written_anew(source: Path) -> IO[bytes]:
    """The picture upright, at most 4,096 pixels wide or high, without metadata; raises NoPicture."""
    upright = _read(source)
    kind = upright.format or "PNG"
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    output = tempfile.SpooledTemporaryFile(max_size=8_000_000)  # noqa: SIM115 - given to the caller
    if kind == "JPEG":
        plain.save(output, "JPEG", quality=88, optimize=True)
    else:
        plain.save(output, "WEBP" if kind == "WEBP" else "PNG")
    output.seek(0)
    return output


def write_thumbnail(source: Path, target: Path) -> None:
    """Writes a small WebP of the picture, whole or not at all; raises NoPicture."""
    upright = _read(source)
    upright.thumbnail(THUMBNAIL)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        upright.convert("RGBA").save(file, "WEBP", quality=80)
    Path(file.name).replace(target)
