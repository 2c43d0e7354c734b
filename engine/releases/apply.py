"""Publishing: a plan carried out in one transaction, together with the row of its release."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import sleep

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engine.definition.check import Checked
from engine.problems import NotPossible
from engine.releases.conversion import Conversion, Rows, Write, execute_text
from engine.releases.encryption import (
    forget_explanations_with,
    hide_what_was_kept,
    make_first_key,
    overwrite_what_goes,
)
from engine.releases.history import Release, checked_release, current_release, fingerprint
from engine.releases.index_builds import IndexBuild, build_indexes
from engine.releases.plan import NOTHING_MOVED, plan_changes
from engine.releases.progress import Doing, Progress
from engine.releases.recompute_values import Recompute, stored_formulas
from engine.releases.search_steps import reindex, settle_search
from engine.releases.step import Plan, Risk, Step
from engine.schema.database import Database
from engine.schema.locks import hold_writers, lock_structure
from engine.schema.system_tables import release as release_table
from engine.text import say

LOCK_TIMEOUT = "2s"
"""How long others who use a table may keep a publish waiting, and with it everybody behind it."""

TRIES = 10
"""How often a publish begins again when others kept it waiting; in between they go on."""

SAFE_ONLY = frozenset({Risk.SAFE})


class NotAgreed(NotPossible):
    """The plan has steps that nobody agreed to; `steps` are those."""

    def __init__(self, steps: Collection[Step]) -> None:
        self.steps = tuple(steps)
        super().__init__(
            say(
                "Nothing was published. Agree to this first: {sentence}",
                sentence=self.steps[0].sentence,
            )
        )


def apply_plan(
    database: Database,
    checked: Checked,
    message: str,
    by: str,
    allow: Collection[Risk] = SAFE_ONLY,
    recompute: Recompute | None = None,
    removed: Collection[str] = (),
    progress: Progress | None = None,
    moved: Mapping[str, str] = NOTHING_MOVED,
) -> Release:
    """Publishes `checked` and returns the release; the current one when there is nothing to do.

    The plan is made again inside the transaction, against the release and the data as they are then, so
    of two people who publish at once the second continues from what the first left. Steps of a risk that
    `allow` does not hold make it refuse (NotAgreed), as does whatever make_plan refuses. Either all of it
    happens or nothing; only indexes of large tables on PostgreSQL are made after it. `removed` are apps to
    take out of use, `moved` says where the records of stages go that are removed (as make_plan has it);
    `recompute` stands in for the computing of stored formulas; `progress` is told what is being done.
    """
    recompute = recompute or stored_formulas(checked)
    progress = progress or _silent
    # What takes long and asks no data is done before anybody has to wait.
    with database.reading() as connection:
        current = current_release(connection)
    previous = (current.number, checked_release(current)) if current else None
    for attempt in range(1, TRIES + 1):
        try:
            release, builds = _publish(
                database,
                checked,
                message,
                by,
                allow,
                recompute,
                removed,
                progress,
                previous,
                moved,
            )
        except OperationalError as error:
            if not isinstance(error.orig, (LockNotAvailable, DeadlockDetected)):
                raise
            if attempt == TRIES:
                sentence = say(
                    "Others are using the tables that change. Nothing was published; please try again."
                )
                raise NotPossible(sentence) from error
            progress(Doing(say("Waits until others have saved")))
            sleep(attempt / 10)
        else:
            build_indexes(database, list(builds), partial(_begin_build, progress, builds))
            return release
    raise AssertionError


def _publish(
    database: Database,
    checked: Checked,
    message: str,
    by: str,
    allow: Collection[Risk],
    recompute: Recompute,
    removed: Collection[str],
    progress: Progress,
    previous: tuple[int, Checked] | None,
    moved: Mapping[str, str],
) -> tuple[Release, Mapping[IndexBuild, Doing]]:
    """The release, and the indexes that are to be made now that it stands, with the steps that they are."""
    with database.restructuring() as connection:
        _take_locks(connection)
        progress(Doing(say("Compares the definitions with the data")))
        current = current_release(connection)
        known = previous[1] if current and previous and previous[0] == current.number else None
        make_first_key(connection, checked, known)
        begin = partial(_begin_conversion, connection, progress)
        plan = plan_changes(connection, checked, current, removed, known, begin, moved)
        doing = [
            Doing(step.sentence, number, len(plan.steps)) for number, step in enumerate(plan.steps, start=1)
        ]
        builds = {step.build: each for step, each in zip(plan.steps, doing, strict=True) if step.build}
        same = plan.only_builds and current and fingerprint(plan.apps) == current.sha
        if current and (plan.nothing_to_do or same):
            return current, builds
        unwanted = [step for step in plan.steps if step.risk not in allow]
        if unwanted:
            raise NotAgreed(unwanted)
        for step, each in zip(plan.steps, doing, strict=True):
            progress(each)
            _carry_out(connection, step, recompute)
            if step.secret and step.entity and step.field:
                hide_what_was_kept(connection, checked, step.entity, step.field)
                forget_explanations_with(
                    connection, known or checked_release(current), step.entity, step.field
                )
            if step.words and step.entity:
                reindex(connection, checked, step.entity, partial(_indexing, progress, each, step.records))
        settle_search(connection, checked)
        for step in plan.steps:
            if step.conversion:
                execute_text(connection, f"DROP TABLE {step.conversion.name}")
        return _record(connection, plan, message, by), builds


def _take_locks(connection: Connection) -> None:
    lock_structure(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    hold_writers(connection)


def _begin_conversion(connection: Connection, progress: Progress, conversion: Conversion) -> Write:
    """Begins to convert values, which is told lot by lot."""
    write, done = conversion.begin(connection), 0
    if progress is _silent:
        return write
    sentence = say("Reads the values of {field} one by one", field=conversion.after.label)
    records = conversion.one_by_one(connection)

    def write_and_tell(rows: Rows, read: int) -> None:
        nonlocal done
        write(rows, read)
        done += read
        progress(Doing(sentence, done=done, records=records))

    return write_and_tell


def _begin_build(progress: Progress, builds: Mapping[IndexBuild, Doing], build: IndexBuild) -> None:
    progress(builds[build])


def _indexing(progress: Progress, doing: Doing, records: int | None, done: int) -> None:
    progress(replace(doing, done=done, records=records))


def _carry_out(connection: Connection, step: Step, recompute: Recompute) -> None:
    if step.secret:
        overwrite_what_goes(connection)
    for statement in step.sql:
        if not statement.startswith("--"):
            execute_text(connection, statement)
    if step.fields:
        assert step.entity
        recompute(connection, step.entity, step.fields)


def _silent(_doing: Doing) -> None:
    """Nobody is told."""


def _record(connection: Connection, plan: Plan, message: str, by: str) -> Release:
    release = Release(
        number=plan.release + 1,
        published_at=datetime.now(UTC),
        published_by=by,
        message=message,
        sha=fingerprint(plan.apps),
        apps=plan.apps,
    )
    connection.execute(
        release_table.insert().values(
            number=release.number,
            published_at=release.published_at,
            published_by=release.published_by,
            message=release.message,
            sha=release.sha,
            apps={app: dict(texts) for app, texts in release.apps.items()},
            plan=plan.to_json(),
        )
    )
    return release
