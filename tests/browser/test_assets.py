"""How much a page makes a browser load: the built files, compressed as they are sent."""

import gzip
import json
import re
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "blueprints" / "static" / "dist"
LIST, BOARD, CALENDAR, DASHBOARD = 150_000, 150_000, 150_000, 280_000


def compressed(file: str) -> int:
    return len(gzip.compress((DIST / file).read_bytes()))


def files_of(start: str) -> set[str]:
    """A built file and all that it imports at once."""
    found, ahead = set[str](), [start]
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            text = (DIST / file).read_text(encoding="utf-8") if file.endswith(".js") else ""
            ahead += [f"chunks/{name}" for name in re.findall(r'from"[^"]*?(chunk-[A-Z0-9]+\.js)"', text)]
            ahead += [f"chunks/{name}" for name in re.findall(r'import"[^"]*?(chunk-[A-Z0-9]+\.js)"', text)]
    return found


def page(*parts: str) -> int:
    """What a page makes a browser load: what all pages have, and parts that are loaded when they are seen."""
    manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    files = {manifest["main.css"], manifest["icons.svg"]} | files_of(manifest["main.js"])
    for part in parts:
        (file,) = DIST.glob(f"chunks/{part}*.js")
        files |= files_of(f"chunks/{file.name}")
    return sum(map(compressed, files))


@pytest.mark.parametrize(
    ("parts", "most"),
    [
        ((), LIST),
        (("board", "sortable"), BOARD),
        (("calendar", "sortable"), CALENDAR),
        (("drawing",), DASHBOARD),
    ],
)
def test_pages_are_light(parts: tuple[str, ...], most: int) -> None:
    assert page(*parts) < most
