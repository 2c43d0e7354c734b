"""What the commands that publish share: the plan as text or JSON, the agreement to it, and the release."""

import re
import sys
from collections.abc import Collection, Mapping
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from dougong.commands.options import locale, print_json, spoken, tell
from dougong.commands.progress import shown_in_terminal
from dougong.settings import Settings
from engine.definition.check import Checked
from engine.definition.layers import name_of
from engine.fields.encrypted_column import keys_of
from engine.problems import DefinitionRefused, Problem, Refused, unknown
from engine.releases.apply import apply_plan
from engine.releases.history import Release, current_number
from engine.releases.plan import NOTHING_MOVED, StagesHeld, make_plan
from engine.releases.progress import watched
from engine.releases.running_file import running_file, writes_to
from engine.releases.step import Plan, Risk, Step
from engine.schema.database import Database
from engine.text import Message, say

MOVE = re.compile(r"\w+\.\w+\.\w+=\w+")
"""How --move-stage is written."""

Command = TypeVar("Command", bound=Any)

RISKS = {
    Risk.SAFE: say("safe"),
    Risk.CONFIRM: say("to confirm"),
    Risk.DESTRUCTIVE: say("destructive"),
}

NOTHING_TOLD: Mapping[str, Any] = {}

MARKS = "pulled.json"
"""In the folder of data: which files were pulled from which release."""

files_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path)
)


remove_option = click.option(
    "--remove", "removed", multiple=True, metavar="APP", help="Take a published app out of use."
)


def _moves(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    for each in given:
        if not MOVE.fullmatch(each):
            raise click.BadParameter(
                spoken(say("'{given}' is not of the form APP.ENTITY.STAGE=STAGE.", given=each))
            )
    return dict(each.split("=") for each in given)


move_stage_option = click.option(
    "--move-stage",
    "moved",
    multiple=True,
    metavar="APP.ENTITY.STAGE=STAGE",
    callback=_moves,
    help="Where the records of a stage go that is no longer there.",
)


def publishing_options(command: Command) -> Command:
    """Gives a command `--yes`, `--allow-destructive` and `--message`."""
    for option in (
        click.option("--message", default="", help="What this release is about."),
        click.option("--allow-destructive", is_flag=True, help="Accept the steps that destroy data, too."),
        click.option("--yes", is_flag=True, help="Accept the steps that have to be confirmed."),
    ):
        command = option(command)
    return command


def given_texts(files: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """App or overlay → its texts, of files as they were read."""
    return {name: texts for texts in files.values() if (name := name_of(texts))}


def pulled_release(settings: Settings, paths: Collection[Path]) -> int | None:
    """The oldest release that these files were pulled from; None for files that nobody pulled here."""
    known = _pulled(settings)
    found = [known[folder] for path in paths if (folder := _folder(settings, path.parent)) in known]
    return min(found, default=None)


def mark_pulled(settings: Settings, folders: Collection[Path], number: int) -> None:
    """Remembers that the files of these folders are those of a release."""
    marks = {**_pulled(settings), **dict.fromkeys((_folder(settings, each) for each in folders), number)}
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / MARKS).write_bytes(orjson.dumps(marks))


def mark_published(settings: Settings, database: Database, paths: Collection[Path]) -> None:
    """Files that were pulled once and are published now are those of the current release."""
    known = _pulled(settings)
    folders = {path.parent for path in paths if _folder(settings, path.parent) in known}
    if folders:
        with database.reading() as connection:
            mark_pulled(settings, folders, current_number(connection))


def _pulled(settings: Settings) -> dict[str, int]:
    marks = settings.data / MARKS
    found: dict[str, int] = orjson.loads(marks.read_bytes()) if marks.is_file() else {}
    return found


def _folder(settings: Settings, folder: Path) -> str:
    """A folder together with the database from which it was filled, whose address is nobody's business."""
    return f"{sha256(settings.database.encode()).hexdigest()[:16]} {folder.resolve()}"


def publish(
    settings: Settings,
    database: Database,
    checked: Checked,
    message: str,
    *,
    yes: bool,
    allow_destructive: bool,
    as_json: bool,
    removed: Collection[str] = (),
    moved: Mapping[str, str] = NOTHING_MOVED,
    told: Mapping[str, Any] = NOTHING_TOLD,
) -> None:
    """Shows the plan, asks, publishes, tells; `removed` are apps to take out of use.

    `moved` says where the records of removed stages go; `told` is what else is printed for programs.
    """
    planned = plan_or_ask(database, checked, removed, moved)
    if not as_json:
        print_plan(planned, sql=False)
    if planned.nothing_to_do:
        if as_json:
            print_json({**plan_as_json(planned), **told})
        return
    allowed = _allowed(planned, yes=yes, allow_destructive=allow_destructive)
    shows = [writes_to(running_file(settings.data, database)), *([] if as_json else [shown_in_terminal()])]
    keys = keys_of(database.engine.dialect)
    had_none = not keys.ids
    with watched(getuser(), shows) as progress:
        release = apply_plan(
            database,
            checked,
            message=message,
            by=getuser(),
            allow=allowed,
            removed=removed,
            progress=progress,
            moved=moved,
        )
    if as_json:
        print_json({**plan_as_json(planned), **told, "release": release.number})
    elif release.number == planned.release:
        tell("Release {number} stands as it was; its indexes are there again.", number=release.number)
    else:
        tell("Published release {number}.", number=release.number)
    if had_none and keys.ids:
        # On the side, so that programs read what they always did.
        click.echo(spoken(_key_made(keys.where)), err=True)


def _key_made(where: str) -> Message:
    return say(
        "The first key of encrypted fields was made: {where}. Keep a copy of it, apart from backups of the "
        "database: without it those values are lost, with both anybody reads them. Every machine of the site "
        "needs it.",
        where=where,
    )


def plan_or_ask(
    database: Database, checked: Checked, removed: Collection[str], moved: Mapping[str, str]
) -> Plan:
    """The plan; where only the way of records out of removed stages is open, the option that says it."""
    try:
        return make_plan(database, checked, removed, moved)
    except StagesHeld as refused:
        options = " ".join(
            f"--move-stage {each.key}={each.entity.workflow.initial.name}"
            for each in refused.held
            if each.entity.workflow
        )
        hint = say("Or say it here, such as: {options}", options=options)
        raise DefinitionRefused([*refused.problems, Problem("", hint)]) from refused


def refuse_unknown(removed: Collection[str], published: Release | None) -> None:
    """Refuses to take an app out of use that is not published."""
    for name in removed:
        if published is None or name not in published.apps:
            sentence = say("No app '{name}' is published.", name=name)
            raise Refused(unknown(sentence, name, published.apps if published else ()))


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
        "sql": list(step.statements),
        "records": step.records,
        "blocks_writers": step.blocks_writers,
        "affected": [each.to(locale()) for each in step.affected],
    }


def print_plan(plan: Plan, sql: bool) -> None:
    """Prints the steps with their risks, and with `sql` their statements."""
    if plan.nothing_to_do:
        tell("Nothing to do: this is what is published.")
        return
    for step in plan.steps:
        risk = "" if step.risk is Risk.SAFE else f" [{spoken(RISKS[step.risk])}]"
        click.echo(f"- {spoken(step.sentence)}{risk}")
        for each in step.affected:
            click.echo(f"    → {spoken(each)}")
        if sql:
            for statement in step.statements:
                click.echo(f"    {statement}")
