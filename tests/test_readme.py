"""The commands that README.md tells a person to type are the ones that exist."""

import re
import shlex
from pathlib import Path

import click

import manage
from dougong.cli import main

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
        command: click.Command = main
        rest = list(words)
        while isinstance(command, click.Group) and rest != ["--help"]:
            assert rest, f"`dougong {' '.join(words)}` lacks a command"
            name = rest.pop(0)
            assert name in command.commands, f"`dougong {' '.join(words)}`: there is no '{name}'"
            command = command.commands[name]
        known = {option for parameter in command.params for option in parameter.opts}
        options = {word.partition("=")[0] for word in rest if word.startswith("-")}
        assert options - known - {"--help"} == set(), f"`dougong {' '.join(words)}`"
