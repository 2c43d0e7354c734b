"""`dougong personal`: everything about one person, written out or erased."""

from pathlib import Path

import click
import orjson

from dougong.commands.options import locale, opened_workspace, print_json, spoken, tell, with_settings
from dougong.settings import Settings
from engine.access.accounts import user_id_of
from engine.personal.erase import Erasure, erase_person, plan_erasure
from engine.personal.export import as_text, export_person
from engine.text import say
from engine.transaction import SYSTEM, Transaction


@click.group()
def personal() -> None:
    """Personal data of one person."""


@personal.command("export")
@click.argument("username")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export_command(settings: Settings, username: str, file: Path | None) -> None:
    """Print everything about a person as JSON, or write it to FILE: as text for people if it ends in .md."""
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        data = export_person(transaction, user_id_of(transaction, username))
        text = as_text(transaction, data, locale()) if file and file.suffix == ".md" else None
    if file is None:
        print_json(data)
        return
    written = text or orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
    with click.open_file(str(file), "w", encoding="utf-8", atomic=True) as target:
        target.write(written)
    tell("Everything about {username} is in {path}.", username=username, path=file)


@personal.command("erase")
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do it. Without this, it is only told what would be done.")
@with_settings
def erase_command(settings: Settings, username: str, yes: bool) -> None:
    """Blank the personal values of a person, also in history, and end the account."""
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        user = user_id_of(transaction, username)
        done = erase_person(transaction, user) if yes else plan_erasure(transaction, user)
        for line in sentences(transaction, done):
            click.echo(line)
    if yes:
        tell("{username} is erased.", username=username)
    else:
        tell("Nothing was erased. Give --yes to do it; it cannot be undone.")


def sentences(transaction: Transaction, done: Erasure) -> list[str]:
    """What is blanked, and what stays."""
    lines = []
    for key, fields in done.blanked.items():
        entity = transaction.catalog.entity(key)
        for name, count in fields.items():
            label = entity.fields[name].definition.label
            parts = {"entity": entity.definition.label, "field": label, "count": count}
            lines.append(spoken(say("{entity}: {field}, {count} values", **parts)))
    return [*lines, *map(spoken, done.kept)]
