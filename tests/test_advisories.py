"""The locked packages beside published advisories: none is locked in a version that one of them names.

No list of advisories comes with the program, and none is fetched: these are those of the packages that are
locked here, as they were known when the lock files were last read (docs/dependencies.md tells how).
Whoever learns of a new one adds a line; whoever locks an older version is told.
"""

import re
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements/run.txt", "requirements/test.txt")
PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)

MENDED: tuple[tuple[str, str, str], ...] = (
    ("authlib", "1.6.5", "CVE-2025-59420, CVE-2025-61920: critical headers of JWS, large tokens"),
    ("certifi", "2024.7.4", "CVE-2024-39689: roots that are no longer trusted"),
    ("cryptography", "44.0.1", "CVE-2024-12797: OpenSSL in the wheel, raw public keys"),
    ("flask", "3.1.1", "CVE-2025-47278: the order of fallback keys"),
    ("idna", "3.7", "CVE-2024-3651: quadratic time"),
    ("jinja2", "3.1.6", "CVE-2024-56326, CVE-2025-27516: ways out of the sandbox"),
    ("mako", "1.2.2", "CVE-2022-40023: quadratic time of a pattern"),
    ("pillow", "11.3.0", "CVE-2025-48379: writing past a buffer, DDS"),
    ("pyyaml", "5.4", "CVE-2020-14343: code from tags with the full loader, which is not used here"),
    ("requests", "2.32.4", "CVE-2024-47081: credentials of .netrc to other hosts"),
    ("setuptools", "78.1.1", "CVE-2025-47273: writing outside of the folder"),
    ("simpleeval", "1.0.8", "CVE-2026-32640: reaching modules through attributes"),
    ("urllib3", "2.5.0", "CVE-2025-50181, CVE-2025-50182: redirects that were switched off"),
    ("werkzeug", "3.0.6", "CVE-2024-49766, CVE-2024-49767: paths on Windows, forms without bound"),
)
"""Package, the first version that is mended, and what it was."""


def pinned() -> dict[str, list[Version]]:
    """Package → the versions in which it is locked."""
    found: dict[str, list[Version]] = {}
    for path in LOCKS:
        for name, version in PINNED.findall((ROOT / path).read_text(encoding="utf-8")):
            found.setdefault(name, []).append(Version(version))
    return found


@pytest.mark.parametrize(("name", "mended", "what"), MENDED)
def test_no_version_with_a_known_weakness_is_locked(name: str, mended: str, what: str) -> None:
    versions = pinned()[name]
    assert all(each >= Version(mended) for each in versions), f"{name} {versions}: {what}"


def test_everything_that_is_locked_has_its_hash() -> None:
    for path in LOCKS:
        text = (ROOT / path).read_text(encoding="utf-8")
        parts = re.split(r"\n(?=[a-z0-9._-]+(?:\[[^\]]*\])?==)", text)[1:]
        assert parts
        assert [part.splitlines()[0] for part in parts if "--hash=sha256:" not in part] == []
