"""The commands that README.md tells a person to type are the ones that exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import manage

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]


def commands(program: str) -> list[list[str]]:
    """The words after a program's name, of each line in a fenced block that runs it."""
    found = [shlex.split(line, comments=True) for line in LINES]
    return [
        words[index + 1 :]
        for words in found
        for index, word in enumerate(words[:2])
        if Path(word).name == program
    ]


def test_it_opens_with_the_two_commands() -> None:
    first = [shlex.split(line, comments=True) for line in BLOCKS[0].splitlines()]
    assert first[:2] == [["python3", "manage.py", "start"], ["python3", "manage.py", "test"]]


def test_every_command_of_manage_exists() -> None:
    for words in commands("manage.py"):
        assert manage.parser().parse_args(words).command == words[0]


def test_every_command_of_dougong_exists() -> None:
    for words in commands("dougong"):
        names = [word for word in words if not word.startswith("-")]
        command = [Path(sys.executable).parent / "dougong", *names[:1], "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        options = [word.partition("=")[0] for word in words if word.startswith("--")]
        assert [option for option in options if option not in done.stdout] == []
