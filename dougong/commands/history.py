"""`dougong releases`, `diff`, `rollback`, `pull`, `upgrade`: what was published, and the way back to it."""

from pathlib import Path

import click

from dougong.commands.options import as_json, locale, print_json, spoken, tell, with_settings
from dougong.commands.publishing import (
    files_argument,
    given_texts,
    mark_pulled,
    move_stage_option,
    publish,
    publishing_options,
)
from dougong.settings import Settings, field_keys
from engine.definition.files import read_files
from engine.problems import Refused
from engine.releases.comparison import Difference, compare
from engine.releases.history import Release, all_releases, current_release, find_release, plan_of
from engine.releases.history import as_json as release_as_json
from engine.releases.proposal import proposed
from engine.releases.rollback import earlier_release
from engine.releases.upgrade import touched
from engine.schema.database import open_database
from engine.text import say

number_argument = click.argument("number", type=click.IntRange(min=1))


@click.command()
@click.argument("number", required=False, type=click.IntRange(min=1))
@as_json
@with_settings
def releases(settings: Settings, number: int | None, as_json: bool) -> None:
    """List what was published: number, when, by whom, what about. With NUMBER, that release and its plan."""
    database = open_database(settings.database, field_keys(settings))
    try:
        with database.reading() as connection:
            found = [find_release(connection, number)] if number else all_releases(connection)
            steps = plan_of(connection, number) if number else []
    finally:
        database.close()
    if as_json:
        shown = [release_as_json(each) for each in found]
        print_json({**shown[0], "steps": steps, "files": _files(found[0])} if number else shown)
        return
    if not found:
        tell("Nothing was published yet.")
    for each in found:
        apps = ", ".join(sorted(each.apps))
        click.echo(
            f"{each.number}  {each.published_at:%Y-%m-%d %H:%M}  {each.published_by}  {apps}  {each.message}"
        )
    for step in steps:
        click.echo(f"- {step['sentence'][locale()]}")


def _files(release: Release) -> dict[str, list[str]]:
    return {app: list(texts) for app, texts in release.apps.items()}


@click.command()
@click.argument("before", type=click.IntRange(min=1))
@click.argument("after", type=click.IntRange(min=1))
@as_json
@with_settings
def diff(settings: Settings, before: int, after: int, as_json: bool) -> None:
    """Tell in sentences what release AFTER says otherwise than release BEFORE."""
    database = open_database(settings.database, field_keys(settings))
    try:
        with database.reading() as connection:
            old, new = find_release(connection, before), find_release(connection, after)
    finally:
        database.close()
    found = compare(old.apps, new.apps)
    if as_json:
        print_json({"differences": [each.to_json(locale()) for each in found]})
        return
    _print(found)
    if not found:
        tell("They mean the same." if old.apps != new.apps else "They are the same, byte for byte.")


def _print(found: list[Difference]) -> None:
    for each in found:
        click.echo(f"- {spoken(each.sentence)}")


@click.command()
@number_argument
@publishing_options
@move_stage_option
@as_json
@with_settings
def rollback(
    settings: Settings,
    number: int,
    yes: bool,
    allow_destructive: bool,
    message: str,
    moved: dict[str, str],
    as_json: bool,
) -> None:
    """Publish the texts of release NUMBER again, through a plan, as a new release."""
    database = open_database(settings.database, field_keys(settings))
    about = message or spoken(say("Back to release {number}", number=number))
    try:
        with database.reading() as connection:
            earlier = earlier_release(connection, number)
        publish(
            settings,
            database,
            earlier.checked,
            about,
            yes=yes,
            allow_destructive=allow_destructive,
            as_json=as_json,
            removed=earlier.removed,
            moved=moved,
        )
    finally:
        database.close()


@click.command()
@files_argument
@publishing_options
@move_stage_option
@as_json
@with_settings
def upgrade(
    settings: Settings,
    paths: tuple[Path, ...],
    yes: bool,
    allow_destructive: bool,
    message: str,
    moved: dict[str, str],
    as_json: bool,
) -> None:
    """Publish a new version of an app, after telling what it changes for you and your overlays."""
    database = open_database(settings.database, field_keys(settings))
    try:
        files = read_files(paths)
        with database.reading() as connection:
            published = current_release(connection)
        before = published.apps if published else {}
        checked = proposed(published, files.values())
        after = {**before, **given_texts(files)}
        found, both = compare(before, after), touched(before, after)
        if not as_json:
            tell("What changes for you:")
            _print(found)
            if not found:
                tell("Nothing: your applications mean the same.")
            for each in both:
                click.echo(f"! {each.place}: {spoken(each.sentence)}")
            tell("What is done to the data:")
        publish(
            settings,
            database,
            checked,
            message,
            yes=yes,
            allow_destructive=allow_destructive,
            as_json=as_json,
            moved=moved,
            told={
                "differences": [each.to_json(locale()) for each in found],
                "touched": [
                    {"place": str(each.place), "overlay": each.overlay, "sentence": spoken(each.sentence)}
                    for each in both
                ],
            },
        )
    finally:
        database.close()


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@with_settings
def pull(settings: Settings, directory: Path) -> None:
    """Write the files of all published apps to DIRECTORY, byte for byte."""
    database = open_database(settings.database, field_keys(settings))
    try:
        with database.reading() as connection:
            published = current_release(connection)
    finally:
        database.close()
    if published is None:
        raise Refused(say("Nothing was published yet."))
    directory.mkdir(parents=True, exist_ok=True)
    for target, text in _targets(published, directory).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
        click.echo(target)
    folders = {target.parent for target in _targets(published, directory)}
    mark_pulled(settings, folders, published.number)


def _targets(published: Release, directory: Path) -> dict[Path, str]:
    """Where each text goes: side by side, or in a folder for each app when two have files of one name."""
    names = [path for texts in published.apps.values() for path in texts]
    apart = len(names) != len(set(names))
    return {
        (directory / app / path if apart else directory / path): text
        for app, texts in published.apps.items()
        for path, text in texts.items()
    }
