"""How much a page makes a browser load: the built files, compressed as they are sent."""

import gzip
import json
import re
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "blueprints" / "static" / "dist"
LIST, CALENDAR, DASHBOARD = 150_000, 150_000, 280_000


def compressed(file: str) -> int:
    return len(gzip.compress((DIST / file).read_bytes()))


def every_page() -> int:
    """What all pages load: script, styles, icons."""
    manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return sum(compressed(manifest[name]) for name in ("main.js", "main.css", "icons.svg"))


def part(name: str) -> int:
    """A part that is loaded when it is seen, with what it needs itself."""
    (file,) = DIST.glob(f"chunks/{name}*.js")
    needed = set(re.findall(r'"\./(chunk-[A-Z0-9]+\.js)"', file.read_text(encoding="utf-8")))
    return compressed(f"chunks/{file.name}") + sum(compressed(f"chunks/{each}") for each in needed)


@pytest.mark.parametrize(
    ("parts", "most"), [((), LIST), (("sortable",), CALENDAR), (("drawing",), DASHBOARD)]
)
def test_pages_are_light(parts: tuple[str, ...], most: int) -> None:
    assert every_page() + sum(map(part, parts)) < most
