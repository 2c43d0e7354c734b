"""Publishing by people who are signed in: what is pending, publish, go back, purge. Administrators only.

The pages and the API come through here, so that nobody else gets past either of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.access.audit import record
from engine.definition.check import Checked
from engine.definition.files import grouped
from engine.definition.layers import name_of
from engine.definition.load import SYSTEM
from engine.problems import NotAllowed, Refused, Stale, unknown
from engine.releases.apply import SAFE_ONLY, apply_plan
from engine.releases.comparison import Apps, Difference, compare
from engine.releases.drift import drift
from engine.releases.history import Release, all_releases, current_release, find_release, plan_of
from engine.releases.plan import NOTHING_MOVED, make_plan
from engine.releases.progress import Running, watched
from engine.releases.proposal import proposed
from engine.releases.retired import Retired, list_retired, purge
from engine.releases.rollback import earlier_release
from engine.releases.running_file import find_running, running_file, writes_to
from engine.releases.step import Plan, Risk
from engine.releases.upgrade import Touched, touched
from engine.text import Message, say
from engine.transaction import Actor, require_no_scope, require_writer
from engine.workspace import Workspace

Files = Mapping[str, str]
"""Name of a file → its text, of one app or several, in any order."""


PASTED = "pasted.yaml"
"""A text that came without the name of a file: it takes that of the published file, or one after its app."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What publishing would do, and what it would change in the definitions.

    `release` is the one that the plan begins at: who publishes names it, so that nobody agrees to one plan
    and gets another.
    """

    release: int
    plan: Plan
    differences: tuple[Difference, ...]
    touched: tuple[Touched, ...] = ()
    drift: tuple[Message, ...] = ()
    files: Files = field(default_factory=dict)
    """The files that were given, each with the name that it is to have."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says beside the files: apps to take out of use, and where records of removed stages go.

    `moved`: `app.entity.stage` → stage.
    """

    removed: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)


NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class _Wanted:
    checked: Checked
    removed: frozenset[str]
    message: str
    given: Apps
    moved: Mapping[str, str]


def require_administrator(actor: Actor) -> None:
    """NotAllowed for everybody else."""
    if not actor.administrator:
        raise NotAllowed(say("Only administrators see releases, publish, roll back and purge."))
    require_no_scope(actor)


def _require_publisher(actor: Actor) -> None:
    """NotAllowed also for an administrator who looks at the product as somebody else."""
    require_administrator(actor)
    require_writer(actor)


def releases(workspace: Workspace, actor: Actor) -> list[Release]:
    """Every release, the latest first."""
    require_administrator(actor)
    with workspace.database.reading() as connection:
        return all_releases(connection)


def release_with_plan(
    workspace: Workspace, actor: Actor, number: int
) -> tuple[Release, list[dict[str, Any]]]:
    """A release and the steps that led to it, as Step.to_json gave them; NotFound when there is none."""
    require_administrator(actor)
    with workspace.database.reading() as connection:
        return find_release(connection, number), plan_of(connection, number)


def running(workspace: Workspace, actor: Actor) -> Running | None:
    """The publish that runs, by whomever and from wherever it was begun on the same folder of data."""
    require_administrator(actor)
    path = _running_file(workspace)
    return find_running(path) if path else None


def differences(workspace: Workspace, actor: Actor, before: int, after: int) -> list[Difference]:
    """What release `after` says otherwise than release `before`."""
    require_administrator(actor)
    with workspace.database.reading() as connection:
        old, new = find_release(connection, before), find_release(connection, after)
    return compare(old.apps, new.apps)


def pending(
    workspace: Workspace,
    actor: Actor,
    files: Files,
    answers: Answers = NO_ANSWERS,
) -> Pending:
    """What publishing these files would do; raises DefinitionRefused with every problem.

    When nothing but the question is open where records of stages go that are removed, that is StagesHeld.
    """
    require_administrator(actor)
    with workspace.database.reading() as connection:
        current = current_release(connection)
        wanted = _from_files(current, files, "", answers)
        apart = drift(connection, wanted.given)
    found = _pending(workspace, current, wanted)
    published = current.apps if current else {}
    return replace(found, drift=tuple(apart), files=_all_named(files, published))


def pending_rollback(
    workspace: Workspace, actor: Actor, number: int, moved: Mapping[str, str] = NOTHING_MOVED
) -> Pending:
    """What publishing an earlier release again would do; `moved` as in Answers."""
    require_administrator(actor)
    with workspace.database.reading() as connection:
        current = current_release(connection)
    return _pending(workspace, current, _from_release(workspace, number, "", moved))


def publish(
    workspace: Workspace,
    actor: Actor,
    files: Files,
    message: str = "",
    allow: Collection[Risk] = SAFE_ONLY,
    begun: int | None = None,
    answers: Answers = NO_ANSWERS,
) -> Release:
    """Publishes these files; the current release when there is nothing to do.

    `allow` are the risks that the person agreed to, `begun` the release at which the plan began that they
    saw: Stale when another one was published since. Raises NotAgreed for a step of another risk.
    """
    _require_publisher(actor)
    with workspace.database.reading() as connection:
        wanted = _from_files(current_release(connection), files, message, answers)
    return _publish(workspace, actor, wanted, allow, begun)


def roll_back(
    workspace: Workspace,
    actor: Actor,
    number: int,
    message: str = "",
    allow: Collection[Risk] = SAFE_ONLY,
    begun: int | None = None,
    moved: Mapping[str, str] = NOTHING_MOVED,
) -> Release:
    """Publishes an earlier release again, as `publish` does."""
    _require_publisher(actor)
    about = message or str(say("Back to release {number}", number=number))
    return _publish(workspace, actor, _from_release(workspace, number, about, moved), allow, begun)


def out_of_use(workspace: Workspace, actor: Actor) -> list[Retired]:
    """Data that no definition names any more, the latest first."""
    require_administrator(actor)
    return list_retired(workspace.database)


def purge_out_of_use(workspace: Workspace, actor: Actor, chosen: Collection[int]) -> list[Retired]:
    """Drops these for good and gives what was dropped."""
    _require_publisher(actor)
    dropped = purge(workspace.database, chosen)
    with workspace.writing(actor) as transaction:
        record(
            transaction,
            "purged",
            about="release",
            detail={"tables": sorted({each.table for each in dropped})},
        )
    return dropped


def _from_files(current: Release | None, files: Files, message: str, answers: Answers) -> _Wanted:
    published = current.apps if current else {}
    for each in answers.removed:
        if each not in published:
            raise Refused(unknown(say("No app '{name}' is published.", name=each), each, published))
    texts = grouped(_all_named(files, published), published)
    given = {name: each for each in texts if (name := name_of(each))}
    checked = proposed(current, texts, answers.removed)
    return _Wanted(checked, answers.removed, message, given, answers.moved)


def _all_named(files: Files, published: Apps) -> Files:
    name = name_of({PASTED: files[PASTED]}) if PASTED in files else None
    if name is None:
        return files
    own = next(iter(published.get(name, ())), f"{name}_app.yaml")
    return {**{each: text for each, text in files.items() if each != PASTED}, own: files[PASTED]}


def _from_release(workspace: Workspace, number: int, message: str, moved: Mapping[str, str]) -> _Wanted:
    with workspace.database.reading() as connection:
        found = find_release(connection, number)
        earlier = earlier_release(connection, number)
    return _Wanted(earlier.checked, earlier.removed, message, found.apps, moved)


def _pending(workspace: Workspace, current: Release | None, wanted: _Wanted) -> Pending:
    plan = make_plan(workspace.database, wanted.checked, wanted.removed, wanted.moved)
    before = current.apps if current else {}
    after = _texts(wanted.checked.apps.values())
    return Pending(
        plan.release,
        plan,
        tuple(compare(before, after)),
        tuple(touched(before, after)),
    )


def _texts(apps: Iterable[Any]) -> dict[str, Mapping[str, str]]:
    return {name: texts for app in apps if app.name != SYSTEM for name, texts in app.sources.items()}


def _publish(
    workspace: Workspace, actor: Actor, wanted: _Wanted, allow: Collection[Risk], begun: int | None
) -> Release:
    with workspace.database.reading() as connection:
        current = current_release(connection)
    if begun is not None and current and current.number != begun:
        raise Stale(
            say(
                "{who} published release {number} meanwhile. Nothing was published; look at the plan again.",
                who=current.published_by,
                number=current.number,
            )
        )
    shows = [writes_to(path)] if (path := _running_file(workspace)) else []
    with watched(actor.username, shows) as progress:
        made = apply_plan(
            workspace.database,
            wanted.checked,
            wanted.message,
            actor.username,
            {Risk.SAFE, *allow},
            removed=wanted.removed,
            moved=wanted.moved,
            progress=progress,
        )
    if current is None or made.number != current.number:
        with workspace.writing(actor) as transaction:
            record(transaction, "published", about="release", identity=made.number, subject=made.message)
    return made


def _running_file(workspace: Workspace) -> Path | None:
    return running_file(workspace.data, workspace.database) if workspace.data else None
