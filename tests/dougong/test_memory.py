"""How often Python looks for garbage: rarely, whoever starts the program."""

import subprocess
import sys

from dougong.memory import NEW_OBJECTS

ASKED = """
import gc
from click.testing import CliRunner
from dougong.cli import main
CliRunner().invoke(main, ["check", "--help"])
CliRunner().invoke(main, ["new"])
print(gc.get_threshold()[0])
"""
SERVED = """
import gc
from dougong.app import from_environment
from_environment()
print(gc.get_threshold()[0], gc.get_freeze_count() > 100_000)
"""


def said(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


def test_commands_look_for_garbage_rarely() -> None:
    assert said(ASKED) == str(NEW_OBJECTS)


def test_a_server_never_looks_through_what_it_began_with(database_url: str, tmp_path: object) -> None:
    found = said(SERVED, DOUGONG_DATABASE=database_url, DOUGONG_DATA=str(tmp_path))
    assert found == f"{NEW_OBJECTS} True"
