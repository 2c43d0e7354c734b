"""Long steps: run with their title and time, and only when what they are made from has changed.

Standard library only, like all of this folder: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
FINGERPRINTS = VENV / "fingerprints.json"


class Refusal(Exception):
    """Something a person has to mend first; its text says what and how."""


def run(
    title: str, command: Sequence[str | Path], *, advice: str = "", environment: dict[str, str] | None = None
) -> None:
    """Runs one long step quietly, with its title and the seconds it took; shows the output if it fails."""
    started = time.monotonic()
    print(f"{title} … ", end="", flush=True)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        while process.poll() is None:
            time.sleep(0.1)
            if sys.stdout.isatty():
                print(f"\r{title} … {time.monotonic() - started:.0f} s", end="", flush=True)
        seconds = f"{time.monotonic() - started:.1f} s"
        print(f"\r{title} … {seconds}" if sys.stdout.isatty() else seconds, flush=True)
        if process.returncode == 0:
            return
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    told = "\n".join(f"    {line}" for line in lines[-40:])
    raise Refusal(f"{told}\n“{title}” failed with exit code {process.returncode}. {advice}".rstrip())


def fingerprint(inputs: Iterable[Path], *words: str) -> str:
    """A hash of some words and of the names and contents of files; of a folder, all files in it count."""
    files = sorted(
        file
        for path in inputs
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.is_file() and not {"__pycache__", "dist"} & {*file.relative_to(ROOT).parts}
    )
    digest = hashlib.sha256("\n".join(words).encode())
    for file in files:
        digest.update(f"\n{file.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def remembered() -> dict[str, str]:
    """The fingerprint of each step as it was when the step last ran; empty in a new environment."""
    if not FINGERPRINTS.exists():
        return {}
    known: dict[str, str] = json.loads(FINGERPRINTS.read_text(encoding="utf-8"))
    return known


def remember(step: str, current: str) -> None:
    """Notes what a step was made from."""
    FINGERPRINTS.write_text(json.dumps({**remembered(), step: current}, indent=2) + "\n", encoding="utf-8")


def when_changed(step: str, current: str, product: Path, action: Callable[[], None]) -> None:
    """Runs the action unless its product is there and was made from the same inputs."""
    if product.exists() and remembered().get(step) == current:
        return
    # An action that is interrupted leaves half a product, which must not pass for a whole one.
    remember(step, "started")
    action()
    remember(step, current)
