"""manage.py: what it refuses and how it says so, what it repeats and what it skips."""

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import manage
from tooling import environment, steps

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ["setup", "start", "test", "lock", "build", "bench"]


def run_manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py of a folder as a machine does that has Python's own library and nothing else."""
    return subprocess.run(
        [sys.executable, "-S", "manage.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the checkout, with fingerprints of its own."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "FINGERPRINTS", tmp_path / "fingerprints.json")
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        manage.main([command, "--help"])
    assert stopped.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith(f"usage: manage.py {command}")
    assert (getattr(manage, f"{command}_command").__doc__ or "no explanation") in printed


def test_the_overview_needs_only_the_standard_library() -> None:
    done = run_manage(ROOT, "--help")
    assert done.returncode == 0, done.stderr
    assert all(f"    {command} " in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("arguments", [["serve"], ["setup", "--fast"], []])
def test_an_unknown_word_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        manage.main(arguments)
    assert stopped.value.code == 2
    assert "usage: manage.py" in capsys.readouterr().err


def test_start_on_a_taken_port_says_how_to_choose_another(taken_port: int) -> None:
    done = run_manage(ROOT, "start", "--port", str(taken_port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"Port {taken_port} on 127.0.0.1 cannot be used" in done.stderr
    assert f"python3 manage.py start --port {taken_port + 1}" in done.stderr


def test_a_free_port_is_accepted(taken_port: int) -> None:
    manage.check_port("127.0.0.1", 0)
    with pytest.raises(steps.Refusal):
        manage.check_port("127.0.0.1", taken_port)


def test_an_old_python_is_named_with_the_one_that_is_needed() -> None:
    with pytest.raises(steps.Refusal, match=r"This is Python 3\.9; Dougong needs Python 3\.11 or later\."):
        environment.check_python((3, 9, 18), lambda _: object())


@pytest.mark.parametrize(
    "path", [ROOT / "manage.py", *(ROOT / "tooling").glob("*.py")], ids=lambda path: path.stem
)
def test_an_old_python_can_read_far_enough_to_be_told(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    # Annotations such as `str | None` are not evaluated then.
    assert path.name == "__init__.py" or "from __future__ import annotations" in ast.unparse(tree)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (4, 0, 0)])
def test_a_newer_python_is_accepted(version: tuple[int, ...]) -> None:
    environment.check_python(version, lambda _: object())


def test_a_python_without_venv_is_told_the_package_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copytree(ROOT / "tooling", tmp_path / "tooling")
    # Debian leaves this module out of its python3; here it is hidden before the program starts.
    script = (
        "import runpy, sys; sys.modules['ensurepip'] = None; runpy.run_path('manage.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "setup"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "apt install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_step_tells_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    steps.run("Counting", [sys.executable, "-c", "print('one')"])
    printed = capsys.readouterr().out
    assert printed.startswith("Counting … ")
    assert printed.endswith(" s\n")
    assert "one" not in printed


def test_a_failed_step_shows_its_output_and_what_to_do() -> None:
    command = [sys.executable, "-c", "print('the disk is full'); raise SystemExit(3)"]
    with pytest.raises(steps.Refusal) as refused:
        steps.run("Installing", command, advice="Make room.")
    assert str(refused.value) == "    the disk is full\n“Installing” failed with exit code 3. Make room."


def test_an_unreachable_registry_is_explained(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A package that is not there already, so that pip has to ask for it.
    lock = f"dougong-never-published==1.0 --hash=sha256:{'0' * 64}\n"
    (memory / "uv.txt").write_text(lock, encoding="utf-8")
    for name, value in {"PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)
    # Nothing listens on port 9 of this machine.
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr(environment, "REQUIREMENTS", memory)
    monkeypatch.setattr(environment, "PROGRAMS", memory)
    with pytest.raises(steps.Refusal, match="the package registry cannot be reached from here"):
        environment.make_environment()
    assert steps.remembered() == {"uv": "started"}


def test_a_fingerprint_follows_names_contents_and_words(memory: Path) -> None:
    folder = memory / "ui"
    folder.mkdir()
    (folder / "main.js").write_text("let a = 1", encoding="utf-8")
    first = steps.fingerprint([folder])
    assert steps.fingerprint([folder]) == first
    assert steps.fingerprint([folder], "designer") != first
    (folder / "main.js").rename(folder / "other.js")
    renamed = steps.fingerprint([folder])
    assert renamed != first
    (folder / "other.js").write_text("let a = 2", encoding="utf-8")
    assert steps.fingerprint([folder]) != renamed


@pytest.mark.parametrize("name", ["__pycache__", "dist"])
def test_a_fingerprint_overlooks_what_is_made(memory: Path, name: str) -> None:
    made = memory / "blueprints" / name
    made.mkdir(parents=True)
    before = steps.fingerprint([memory / "blueprints"])
    (made / "made").write_text("anew", encoding="utf-8")
    assert steps.fingerprint([memory / "blueprints"]) == before


def test_a_step_runs_again_only_when_it_has_to(memory: Path) -> None:
    product, runs = memory / "product", []

    def make() -> None:
        runs.append(1)
        product.touch()

    for current, expected in [("a", 1), ("a", 1), ("b", 2), ("b", 2)]:
        steps.when_changed("make", current, product, make)
        assert len(runs) == expected
    product.unlink()
    steps.when_changed("make", "b", product, make)
    assert len(runs) == 3


def test_an_interrupted_step_runs_again(memory: Path) -> None:
    product = memory / "product"
    steps.when_changed("make", "a", product, product.touch)

    def break_off() -> None:
        raise KeyboardInterrupt

    product.unlink()
    with pytest.raises(KeyboardInterrupt):
        steps.when_changed("make", "a", product, break_off)
    product.touch()
    runs: list[int] = []
    steps.when_changed("make", "a", product, lambda: runs.append(1))
    assert runs == [1]


@pytest.fixture
def small_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds of checks in place of the real ones: the first fails."""
    checks = {
        "lint": [["python", "-c", "raise SystemExit(1)"], ["python", "-c", "print('second of lint')"]],
        "tests": [["python", "-c", "import sys; print(sys.argv[1:])"]],
    }
    monkeypatch.setattr(manage, "CHECKS", checks)
    monkeypatch.setattr(manage, "set_up", lambda purpose: sys.stdout.write(f"set up to {purpose}\n"))


@pytest.mark.usefixtures("small_checks")
def test_every_check_runs_and_one_failure_is_enough(capfd: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["test", "-k", "payslip"]) == 1
    printed = capfd.readouterr().out
    assert "set up to test" in printed
    assert "second of lint" in printed
    assert "['-k', 'payslip']" in printed
    assert "  lint     FAILED\n  tests    ok\n" in printed


@pytest.mark.usefixtures("small_checks")
def test_one_kind_of_check_can_be_chosen(capfd: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["test", "--only", "tests"]) == 0
    assert "lint" not in capfd.readouterr().out


def test_an_unknown_benchmark_is_answered_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["bench", "no_such"]) == 1
    assert "There is no benchmark 'no_such'. There are: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "ran"),
    [
        (["--soak"], ["soak.py", "--minutes", "10.0"]),
        (["--soak", "0.5"], ["soak.py", "--minutes", "0.5"]),
        (["soak", "--seed", "3"], ["soak.py", "--seed", "3"]),
    ],
)
def test_benchmarks_run_with_their_arguments(
    given: list[str], ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def run(command: list[Any], **_options: Any) -> Any:
        started.append([Path(command[1]).name, *command[2:]])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(manage, "set_up", lambda _purpose: None)
    monkeypatch.setattr(manage.subprocess, "run", run)
    assert manage.main(["bench", *given]) == 0
    assert started == [ran]


def test_benchmarks_are_listed_with_what_they_measure(capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["bench"]) == 0
    printed = capsys.readouterr().out.splitlines()
    scripts = sorted((ROOT / "benchmarks").glob("*.py"))
    assert [line.split()[0] for line in printed] == [script.stem for script in scripts]
    assert all(len(line.split()) > 1 for line in printed)


def test_a_wheel_carries_the_built_front_end_and_the_applications(tmp_path: Path) -> None:
    assert manage.main(["build", "--out-dir", str(tmp_path)]) == 0
    [wheel] = tmp_path.glob("dougong-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        built = json.loads(opened.read("blueprints/static/dist/manifest.json"))
    assert {"main.js", "main.css", "icons.svg"} <= built.keys()
    assert {f"blueprints/static/dist/{name}" for name in built.values()} <= set(names)
    folders = ("dougong", "engine", "blueprints", "designer")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    written = {path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"}
    assert written - set(names) == set()
    for app in ("hrm_app.yaml", "crm_app.yaml"):
        assert any(name.endswith(f"/share/dougong/{app}") for name in names), app
    assert not any(name.startswith(("tests/", "tooling/", "benchmarks/")) for name in names)


def test_continuous_integration_runs_the_same_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "exec python3 manage.py test"
