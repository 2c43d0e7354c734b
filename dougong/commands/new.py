"""`dougong new app NAME`: a small definition that works, to start from."""

import re
from importlib.resources import files
from pathlib import Path

import click

from dougong.commands.options import tell
from engine.problems import Refused
from engine.text import say

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@click.group()
def new() -> None:
    """Make something to start from."""


@new.command("app")
@click.argument("name")
@click.option("--directory", default=".", type=click.Path(path_type=Path), help="Where to write the file.")
def new_app(name: str, directory: Path) -> None:
    """Write NAME_app.yaml: one entity with fields, stages, a list and rights."""
    if not NAME.fullmatch(name):
        sentence = "“{name}” is no name for an app: small letters, digits and _, such as {example}."
        raise Refused(say(sentence, name=name, example="field_service"))
    template = files("dougong").joinpath("new_app.yaml").read_text(encoding="utf-8")
    path = directory / f"{name}_app.yaml"
    text = template.replace("app_name", name).replace("App name", name.replace("_", " ").capitalize())
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Refused(say("“{path}” is there already; it was left as it is.", path=path)) from error
    except OSError as error:
        sentence = "“{path}” cannot be written: {reason}."
        raise Refused(say(sentence, path=path, reason=error.strerror or error)) from error
    tell("Wrote {path}. Publish it with: dougong apply {path}", path=path)
