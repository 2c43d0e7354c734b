"""Rules of the house that no linter knows."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Folders whose contents are made, not written.
MADE = {
    *(".git", ".venv", ".cache", ".hypothesis", ".import_linter_cache", "node_modules", "__pycache__"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", "artefacts", "build", "data", "dist"),
}
# In pieces, since this file is among those that are searched.
REGISTRIES = ["registry.npm" + "js.org", "py" + "pi.org", "files.python" + "hosted.org", "npm" + "mirror.com"]
MACHINE_PATHS = ["/" + folder + "/" for folder in ("work", "tmp", "root", "home", "farm")]

IMPORT_ENGINE_WITHOUT_FLASK = """
import importlib, pkgutil, sys
for name in ("flask", "werkzeug", "jinja2", "flask_wtf", "flask_login"):
    sys.modules[name] = None
import engine
names = [module.name for module in pkgutil.walk_packages(engine.__path__, "engine.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def written_texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the checkout that a person, or `manage.py lock`, has written."""
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in MADE and not name.endswith(".egg-info")]
        # In a further worktree `.git` is a file, which names the place of the first one.
        for path in (Path(folder) / name for name in names if name not in MADE):
            # What another test writes for a moment may be gone by now.
            content = path.read_bytes() if path.exists() else b""
            if b"\0" not in content[:1024]:
                yield path, content.decode("utf-8")


def places(words: list[str]) -> list[str]:
    """`file:line` of every line that holds one of some words."""
    pattern = re.compile("|".join(rf"(?<![\w.<]){re.escape(word)}" for word in words))
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in written_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_the_engine_runs_without_flask() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ENGINE_WITHOUT_FLASK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


def test_no_file_names_a_registry() -> None:
    assert places(REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert places(MACHINE_PATHS) == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_locked_package_has_its_hashes_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "http" not in text
    packages = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    assert packages
    assert [line for line in packages if not re.match(r"[a-z0-9.-]+(\[\w+\])?==\S+.* \\$", line)] == []
    assert text.count("--hash=sha256:") >= len(packages)


def test_the_lock_of_the_front_end_holds_no_address_to_fetch_from() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity": "sha512-') > 10


def test_both_locks_of_python_packages_agree() -> None:
    def pinned(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z][\w.-]*==\S+)", text, flags=re.MULTILINE))

    assert pinned("run.txt") - pinned("test.txt") == set()
