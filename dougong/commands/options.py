"""What all commands share: the database they work on, the language they speak, how they end."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import orjson

from dougong.settings import Settings, field_keys, read_settings
from engine.problems import DefinitionRefused, InputRefused, Refused
from engine.text import Message, Text, say
from engine.workspace import Workspace, open_workspace

Command = TypeVar("Command", bound=Callable[..., Any])


class Sentences(click.Group):
    """A group of commands that ends a refusal with its sentences on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (DefinitionRefused, InputRefused) as refused:
            for problem in refused.problems:
                place = f"{problem.where}: " if problem.where else ""
                click.echo(f"{place}{spoken(problem.message)}", err=True)
            ctx.exit(1)
        except Refused as refused:
            click.echo(spoken(refused.message), err=True)
            ctx.exit(1)


def locale() -> str:
    """The language of the terminal: Chinese when the environment says so, else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def spoken(message: Message | Text) -> str:
    """A sentence in the language of the terminal."""
    return message.to(locale())


def tell(template: str, /, **parameters: Any) -> None:
    """Prints a sentence on standard output."""
    click.echo(spoken(say(template, **parameters)))


def warn(template: str, /, **parameters: Any) -> None:
    """Prints a sentence on standard error."""
    click.echo(spoken(say(template, **parameters)), err=True)


def print_json(value: Any) -> None:
    """Prints data for programs."""
    click.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2))


def with_settings(command: Command) -> Command:
    """Gives a command `--database` and passes the settings as its first argument."""

    def settings(_context: click.Context, _parameter: click.Parameter, database: str | None) -> Settings:
        return read_settings(os.environ, database)

    option = click.option(
        "--database",
        "settings",
        metavar="URL",
        callback=settings,
        help="The database, such as postgresql://… or sqlite:///data/dougong.db; else DOUGONG_DATABASE.",
    )
    return option(command)


@contextmanager
def opened_workspace(settings: Settings) -> Iterator[Workspace]:
    """The workspace of the database, closed at the end."""
    workspace = open_workspace(settings.database, field_keys(settings))
    try:
        yield workspace
    finally:
        workspace.close()


as_json = click.option("--json", "as_json", is_flag=True, help="Print data for programs.")
