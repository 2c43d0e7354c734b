"""`dougong check`, `plan`, `apply`: from YAML files to a release."""

import sys
from pathlib import Path

import click

from dougong.commands.options import as_json, print_json, spoken, tell, with_settings
from dougong.commands.publishing import (
    files_argument,
    given_texts,
    mark_published,
    move_stage_option,
    plan_as_json,
    plan_or_ask,
    print_plan,
    publish,
    publishing_options,
    pulled_release,
    refuse_unknown,
    remove_option,
)
from dougong.settings import Settings, field_keys
from engine.definition.files import read_files
from engine.problems import DefinitionRefused
from engine.releases.drift import drift
from engine.releases.history import Release, current_release
from engine.releases.proposal import proposed
from engine.schema.address import read_address
from engine.schema.database import open_database


@click.command()
@files_argument
@as_json
@with_settings
def check(settings: Settings, paths: tuple[Path, ...], as_json: bool) -> None:
    """Print every problem of the definitions, one a line: file:line:column: sentence.

    Apps that are published and not named here are part of what is checked against.
    """
    try:
        proposed(_published_if_there(settings), read_files(paths).values())
    except DefinitionRefused as refused:
        if as_json:
            print_json(
                {
                    "problems": [
                        {"place": str(each.where), "message": spoken(each.message)}
                        for each in refused.problems
                    ]
                }
            )
        else:
            for problem in refused.problems:
                place = f"{problem.where}: " if problem.where else ""
                click.echo(f"{place}{spoken(problem.message)}")
        sys.exit(1)
    if as_json:
        print_json({"problems": []})
    else:
        tell("No problems.")


@click.command()
@files_argument
@click.option("--sql", is_flag=True, help="Show the SQL statements too.")
@remove_option
@move_stage_option
@as_json
@with_settings
def plan(
    settings: Settings,
    paths: tuple[Path, ...],
    sql: bool,
    removed: tuple[str, ...],
    moved: dict[str, str],
    as_json: bool,
) -> None:
    """Show what publishing the files would do to this database. Nothing is changed.

    Where the files and what is published went apart is told first.
    """
    database = open_database(settings.database, field_keys(settings))
    files = read_files(paths)
    try:
        with database.reading() as connection:
            published = current_release(connection)
            apart = drift(connection, given_texts(files), pulled_release(settings, paths))
        refuse_unknown(removed, published)
        found = plan_or_ask(database, proposed(published, files.values(), removed), removed, moved)
    finally:
        database.close()
    if as_json:
        print_json({**plan_as_json(found), "drift": [spoken(each) for each in apart]})
        return
    for sentence in apart:
        click.echo(f"! {spoken(sentence)}")
    print_plan(found, sql)


@click.command()
@files_argument
@publishing_options
@remove_option
@move_stage_option
@as_json
@with_settings
def apply(
    settings: Settings,
    paths: tuple[Path, ...],
    yes: bool,
    allow_destructive: bool,
    message: str,
    removed: tuple[str, ...],
    moved: dict[str, str],
    as_json: bool,
) -> None:
    """Publish the files as one release. A second time there is nothing to do."""
    database = open_database(settings.database, field_keys(settings))
    try:
        with database.reading() as connection:
            published = current_release(connection)
        refuse_unknown(removed, published)
        checked = proposed(published, read_files(paths).values(), removed)
        publish(
            settings,
            database,
            checked,
            message,
            yes=yes,
            allow_destructive=allow_destructive,
            as_json=as_json,
            removed=removed,
            moved=moved,
        )
        mark_published(settings, database, paths)
    finally:
        database.close()


def _published_if_there(settings: Settings) -> Release | None:
    """The current release, without making a database that is not there yet."""
    url = read_address(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return None
    database = open_database(settings.database, field_keys(settings))
    try:
        with database.reading() as connection:
            return current_release(connection)
    finally:
        database.close()
