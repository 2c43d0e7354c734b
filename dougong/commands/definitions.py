"""`dougong check`, `plan`, `apply`, `releases`, `pull`: from YAML files to a release, and back."""

import sys
from collections.abc import Callable, Collection, Sequence
from getpass import getuser
from pathlib import Path
from typing import Any

import click

from dougong.commands.options import as_json, locale, print_json, spoken, tell, with_settings
from dougong.settings import Settings
from engine.definition.check import Checked, check_texts
from engine.definition.files import read_files
from engine.definition.layers import name_of
from engine.definition.load import SYSTEM, read_app
from engine.problems import DefinitionRefused, Refused, unknown
from engine.releases.apply import apply_plan
from engine.releases.history import Release, all_releases, current_release
from engine.releases.plan import make_plan
from engine.releases.step import Plan, Risk, Step
from engine.schema.address import read_address
from engine.schema.database import open_database
from engine.text import say

NOTICEABLE = 10_000
"""Of so many records a step takes long enough to be told of."""

RISKS = {
    Risk.SAFE: say("safe"),
    Risk.CONFIRM: say("to confirm"),
    Risk.DESTRUCTIVE: say("destructive"),
}

files_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path)
)


@click.command()
@files_argument
@as_json
@with_settings
def check(settings: Settings, paths: tuple[Path, ...], as_json: bool) -> None:
    """Print every problem of the definitions, one a line: file:line:column: sentence.

    Apps that are published and not named here are part of what is checked against.
    """
    try:
        load_and_check(paths, _published_if_there(settings))
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


remove_option = click.option(
    "--remove", "removed", multiple=True, metavar="APP", help="Take a published app out of use."
)


@click.command()
@files_argument
@click.option("--sql", is_flag=True, help="Show the SQL statements too.")
@remove_option
@as_json
@with_settings
def plan(
    settings: Settings, paths: tuple[Path, ...], sql: bool, removed: tuple[str, ...], as_json: bool
) -> None:
    """Show what publishing the files would do to this database. Nothing is changed."""
    database = open_database(settings.database)
    try:
        with database.reading() as connection:
            published = current_release(connection)
        refuse_unknown(removed, published)
        found = make_plan(database, load_and_check(paths, published, removed), removed)
    finally:
        database.close()
    if as_json:
        print_json(plan_as_json(found))
    else:
        _print_plan(found, sql)


@click.command()
@files_argument
@click.option("--yes", is_flag=True, help="Accept the steps that have to be confirmed.")
@click.option("--allow-destructive", is_flag=True, help="Accept the steps that destroy data, too.")
@click.option("--message", default="", help="What this release is about.")
@remove_option
@as_json
@with_settings
def apply(
    settings: Settings,
    paths: tuple[Path, ...],
    yes: bool,
    allow_destructive: bool,
    message: str,
    removed: tuple[str, ...],
    as_json: bool,
) -> None:
    """Publish the files as one release. A second time there is nothing to do."""
    database = open_database(settings.database)
    try:
        with database.reading() as connection:
            published = current_release(connection)
        refuse_unknown(removed, published)
        checked = load_and_check(paths, published, removed)
        planned = make_plan(database, checked, removed)
        if not as_json:
            _print_plan(planned, sql=False)
        if planned.nothing_to_do:
            if as_json:
                print_json(plan_as_json(planned))
            return
        allowed = _allowed(planned, yes=yes, allow_destructive=allow_destructive)
        release = apply_plan(
            database,
            checked,
            message=message,
            by=getuser(),
            allow=allowed,
            removed=removed,
            progress=None if as_json else shown_progress(),
        )
    finally:
        database.close()
    if as_json:
        print_json({**plan_as_json(planned), "release": release.number})
    else:
        tell("Published release {number}.", number=release.number)


def _allowed(planned: Plan, *, yes: bool, allow_destructive: bool) -> frozenset[Risk]:
    """The risks that are accepted; refuses when a step has one that is not."""
    if Risk.DESTRUCTIVE in planned.risks and not allow_destructive:
        sentence = (
            "This would destroy data. Say so with --allow-destructive if that is meant. Nothing was done."
        )
        raise Refused(say(sentence))
    if planned.risks - {Risk.SAFE} and not yes:
        if not sys.stdin.isatty():
            raise Refused(say("There are steps to confirm: give --yes to accept them. Nothing was done."))
        if not click.confirm(spoken(say("Publish this?"))):
            raise Refused(say("Nothing was done."))
    return planned.risks


def refuse_unknown(removed: Collection[str], published: Release | None) -> None:
    """Refuses to take an app out of use that is not published."""
    for name in removed:
        if published is None or name not in published.apps:
            sentence = say("No app '{name}' is published.", name=name)
            raise Refused(unknown(sentence, name, published.apps if published else ()))


def shown_progress() -> Callable[[Step, int], None]:
    """Tells on standard error how far the long steps are, while a person looks on."""
    done: dict[int, int] = {}

    def show(step: Step, records: int) -> None:
        if not sys.stderr.isatty():
            return
        if records == 0 and step.blocks_writers and (step.records or 0) > NOTICEABLE:
            click.echo(f"… {spoken(step.sentence)}", err=True)
        elif records:
            done[id(step)] = done.get(id(step), 0) + records
            of = f" / {step.records:,}" if step.records else ""
            click.echo(f"\r  {done[id(step)]:,}{of}", err=True, nl=False)

    return show


@click.command()
@as_json
@with_settings
def releases(settings: Settings, as_json: bool) -> None:
    """List what was published: number, when, by whom, what about."""
    database = open_database(settings.database)
    try:
        with database.reading() as connection:
            found = all_releases(connection)
    finally:
        database.close()
    if as_json:
        print_json([_release_as_json(each) for each in found])
        return
    if not found:
        tell("Nothing was published yet.")
    for each in found:
        apps = ", ".join(sorted(each.apps))
        click.echo(
            f"{each.number}  {each.published_at:%Y-%m-%d %H:%M}  {each.published_by}  {apps}  {each.message}"
        )


def _release_as_json(release: Release) -> dict[str, Any]:
    return {
        "release": release.number,
        "published_at": release.published_at.isoformat(),
        "published_by": release.published_by,
        "message": release.message,
        "apps": sorted(release.apps),
    }


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@with_settings
def pull(settings: Settings, directory: Path) -> None:
    """Write the files of all published apps to DIRECTORY, byte for byte."""
    database = open_database(settings.database)
    try:
        with database.reading() as connection:
            published = current_release(connection)
    finally:
        database.close()
    if published is None:
        raise Refused(say("Nothing was published yet."))
    for target, text in _targets(published, directory).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
        click.echo(target)


def _targets(published: Release, directory: Path) -> dict[Path, str]:
    """Where each text goes: side by side, or in a folder for each app when two have files of one name."""
    names = [path for texts in published.apps.values() for path in texts]
    apart = len(names) != len(set(names))
    return {
        (directory / app / path if apart else directory / path): text
        for app, texts in published.apps.items()
        for path, text in texts.items()
    }


def load_and_check(
    paths: Sequence[Path], published: Release | None, removed: Collection[str] = ()
) -> Checked:
    """The apps of the files with those that are published and neither named nor removed, all checked.

    Raises DefinitionRefused with every problem of every file.
    """
    files = read_files(paths)
    # An app that is renamed is not there under its former name.
    former = {loaded.app.was for texts in files.values() if (loaded := read_app(texts)).app}
    named = {name_of(texts) for texts in files.values()} | former | set(removed)
    kept = published.apps if published else {}
    others = [texts for name, texts in kept.items() if name not in named and name != SYSTEM]
    return check_texts([*files.values(), *others])


def _published_if_there(settings: Settings) -> Release | None:
    """The current release, without making a database that is not there yet."""
    url = read_address(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return None
    database = open_database(settings.database)
    try:
        with database.reading() as connection:
            return current_release(connection)
    finally:
        database.close()


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """The plan for programs."""
    return {"release": plan.release, "steps": [_step_as_json(step) for step in plan.steps]}


def _step_as_json(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "risk": step.risk.value,
        "entity": step.entity,
        "field": step.field,
        "sentence": step.sentence.to(locale()),
        "sql": list(step.sql),
        "records": step.records,
        "blocks_writers": step.blocks_writers,
        "affected": [each.to(locale()) for each in step.affected],
    }


def _print_plan(plan: Plan, sql: bool) -> None:
    if plan.nothing_to_do:
        tell("Nothing to do: this is what is published.")
        return
    for step in plan.steps:
        risk = "" if step.risk is Risk.SAFE else f" [{spoken(RISKS[step.risk])}]"
        click.echo(f"- {spoken(step.sentence)}{risk}")
        for each in step.affected:
            click.echo(f"    → {spoken(each)}")
        if sql:
            for statement in step.sql:
                click.echo(f"    {statement}")
