"""Where the built scripts, styles and icons are: the build gives every file a name with its hash."""

import json
import os
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "dist" / "manifest.json"
ADDRESS = "/static/"
ICONS_AT_MOST = 2_000


class NotBuilt(Exception):
    """The front end was not built."""

    def __init__(self) -> None:
        super().__init__(f"The front end is not built: {MANIFEST} is missing. Run “python3 manage.py setup”.")


def build() -> int:
    """When the front end was built last, to know that it was built again."""
    try:
        return os.stat(MANIFEST).st_mtime_ns  # noqa: PTH116 (a page asks often, and this is the shortest way)
    except FileNotFoundError as error:
        raise NotBuilt from error


def manifest() -> Mapping[str, str]:
    """Source name → built name; read again when the build has written a new one."""
    return _read(build())


@cache
def _read(_changed: int) -> Mapping[str, str]:
    names: dict[str, str] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return names


def asset(name: str) -> str:
    """The address of a built file: `asset("main.css")`."""
    return f"{ADDRESS}dist/{asset_file(name)}"


def asset_file(name: str) -> str:
    """The name that the build gave to a file."""
    return manifest()[name]


def icon(name: str | None, small: bool = False) -> Markup:
    """A picture of the sprite, for the eyes only; words say the same beside it."""
    return _icon(build(), name, small)


@lru_cache(maxsize=ICONS_AT_MOST)
def _icon(build: int, name: str | None, small: bool) -> Markup:
    built = _read(build)["icons.svg"]
    size = " icon-small" if small else ""
    known = name if name in _names(built) else "file"
    return Markup('<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        size, f"{ADDRESS}dist/{built}", known
    )


@cache
def _names(file: str) -> frozenset[str]:
    """The pictures that the sprite holds; a definition may name one that it does not."""
    return frozenset(
        re.findall(r'<symbol id="([^"]+)"', (STATIC / "dist" / file).read_text(encoding="utf-8"))
    )
