#!/usr/bin/env python3
"""Makes the environment of this checkout from its lock files, and runs Dougong and its tests in it.

Needs Python 3.11 with venv and nothing else: uv, node and every package come from the hash-locked files in
requirements/ and from package-lock.json. A step runs again only when what it is made from has changed.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tooling.environment import (
    APPLICATIONS,
    PROGRAMS,
    PYTHON,
    install_packages,
    make_environment,
    npm,
    set_up,
    uv,
)
from tooling.steps import ROOT, Refusal, fingerprint, remember, remembered

# What each lock file is made from. The last two agree, since both are installed into the same environment.
LOCKS: dict[str, list[str]] = {
    "uv": ["--group", "pyproject.toml:uv"],
    "run": ["pyproject.toml", "--group", "build"],
    "test": [
        "pyproject.toml",
        "--group",
        "build",
        "--group",
        "test",
        "--constraints",
        "requirements/run.txt",
    ],
}
LOCK_FORM = ["--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11", "--quiet"]
LOCK_AUTHOR = ["--custom-compile-command", "python3 manage.py lock"]
# One more than there are cores: many tests wait for other processes.
TESTS_AT_ONCE = str((os.cpu_count() or 1) + 1)
# The kinds of checks, in the order in which they run.
CHECKS: dict[str, list[list[str]]] = {
    "lint": [["ruff", "check"], ["ruff", "format", "--check"]],
    "types": [["mypy"]],
    "imports": [["lint-imports"]],
    "tests": [["pytest", "-n", TESTS_AT_ONCE, "--dist", "worksteal"]],
}


def check_port(host: str, port: int) -> None:
    """Refuses an address that another program holds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop the program that holds it, "
                f"or choose another port: python3 manage.py start --port {port + 1}"
            ) from error


def dougong(*arguments: str) -> None:
    """Runs Dougong's own command line, in the open."""
    done = subprocess.run([PROGRAMS / "dougong", *arguments], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise Refusal(f"`dougong {' '.join(arguments)}` ended with exit code {done.returncode}; see above.")


def setup_command(options: argparse.Namespace) -> int:
    """Make the environment: afterwards .venv/bin/dougong works."""
    set_up("test" if options.test else "run")
    print(f"Ready: {(PROGRAMS / 'dougong').relative_to(ROOT)} --help")
    return 0


def publish() -> None:
    """Publishes the applications and loads the demo data, unless this database has them from these files."""
    database = os.environ.get("DOUGONG_DATABASE", "")
    file = Path(os.environ.get("DOUGONG_DATA", ROOT / "data")) / "dougong.db"
    sources = [*(ROOT / name for name in APPLICATIONS), ROOT / "apps", ROOT / "engine"]

    def made_from() -> str:
        # A file that was deleted and made again is another one.
        identity = f"{file} {file.stat().st_ino}" if file.exists() else ""
        return fingerprint(sources, identity)

    if not database and file.exists() and remembered().get("published") == made_from():
        return
    dougong("apply", *APPLICATIONS, "--yes")
    dougong("demo")
    remember("published", made_from())


def start_command(options: argparse.Namespace) -> int:
    """Set up, publish HRM and CRM, load the demo data on the first start, and serve the site."""
    check_port(options.host, options.port)
    set_up("run")
    publish()
    print(f"Dougong is at http://{options.host}:{options.port} (stop it with Ctrl-C)", flush=True)
    os.chdir(ROOT)
    serve = [str(PROGRAMS / "dougong"), "serve", "--host", options.host, "--port", str(options.port)]
    os.execv(serve[0], serve)


def test_command(options: argparse.Namespace) -> int:
    """Set up with everything that tests need, then lint, types, imports and tests."""
    # Tests start hundreds of processes: where bytecode is not kept, each compiles every module anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    set_up("test")
    failed: dict[str, bool] = {}
    started = time.monotonic()
    for kind in options.only or CHECKS:
        for command in CHECKS[kind]:
            more = options.pytest if kind == "tests" else []
            print(f"\n== {kind}: {' '.join([*command, *more])}", flush=True)
            done = subprocess.run([PROGRAMS / command[0], *command[1:], *more], cwd=ROOT, check=False)
            failed[kind] = failed.get(kind, False) or done.returncode != 0
    print(f"\nAfter {time.monotonic() - started:.0f} s:")
    for kind, is_failed in failed.items():
        print(f"  {kind:8} {'FAILED' if is_failed else 'ok'}")
    return int(any(failed.values()))


def lock_command(options: argparse.Namespace) -> int:
    """Write the lock files anew after pyproject.toml or package.json has changed."""
    make_environment()
    upgrade = ["--upgrade"] if options.upgrade else []
    for name, source in LOCKS.items():
        target = f"requirements/{name}.txt"
        arguments = [*source, *LOCK_FORM, *LOCK_AUTHOR, *upgrade, "--output-file", target]
        uv(f"Locking {target}", "pip", "compile", *arguments)
    install_packages("run")
    npm("Locking package-lock.json", "update" if options.upgrade else "install", "--package-lock-only")
    return 0


def build_command(options: argparse.Namespace) -> int:
    """Build the wheel in dist/; it carries the built front end, so that who installs it needs no node."""
    set_up("run")
    # setuptools would pack what an earlier build left here, old scripts and styles among it.
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    form = ["--wheel", "--no-build-isolation", "--python", str(PYTHON)]
    uv("Building the wheel", "build", *form, "--out-dir", options.out_dir)
    for wheel in sorted((ROOT / options.out_dir).glob("*.whl")):
        print(wheel)
    return 0


def bench_command(options: argparse.Namespace) -> int:
    """Run benchmarks by name; without a name, list them. --soak tries random formulas for some minutes."""
    if options.soak is not None:
        options.name, options.arguments = "soak", ["--minutes", str(options.soak)]
    scripts = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("*.py"))}
    if options.name is None:
        for name, path in scripts.items():
            first_line = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition(
                "\n"
            )[0]
            print(f"{name:12} {first_line}")
        return 0
    if options.name not in scripts:
        raise Refusal(
            f"There is no benchmark '{options.name}'. There are: {', '.join(scripts) or 'none yet'}."
        )
    set_up("test")
    return subprocess.run(
        [PYTHON, scripts[options.name], *options.arguments], cwd=ROOT, check=False
    ).returncode


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="manage.py", description=(__doc__ or "").partition("\n")[0])
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, action: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=action.__doc__, description=action.__doc__)
        command.set_defaults(action=action)
        return command

    setup = add("setup", setup_command)
    setup.add_argument("--test", action="store_true", help="with everything that tests need")
    start = add("start", start_command)
    start.add_argument("--host", default="127.0.0.1", help="the address to serve on (127.0.0.1)")
    start.add_argument("--port", type=int, default=8000, help="the port to serve on (8000)")
    test = add("test", test_command)
    test.epilog = "Everything else is passed on to pytest: manage.py test --only tests -k payslip"
    test.add_argument("--only", action="append", choices=CHECKS, help="this kind of check; may be repeated")
    lock = add("lock", lock_command)
    lock.add_argument("--upgrade", action="store_true", help="take the newest releases that are allowed")
    build = add("build", build_command)
    build.add_argument("--out-dir", default="dist", help="the folder to write it to (dist)")
    bench = add("bench", bench_command)
    bench.add_argument(
        "--soak",
        nargs="?",
        type=float,
        const=10.0,
        metavar="MINUTES",
        help="compare random formulas in memory and in each database for so long (10)",
    )
    bench.add_argument("name", nargs="?", help="one of benchmarks/")
    bench.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the benchmark")
    return whole


def main(arguments: list[str]) -> int:
    """Runs one command; answers the exit code."""
    options, more = parser().parse_known_args(arguments)
    if more and options.command != "test":
        parser().error(f"unrecognized arguments: {' '.join(more)}")
    options.pytest = more
    try:
        code: int = options.action(options)
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
