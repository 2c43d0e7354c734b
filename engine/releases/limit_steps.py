"""Time limits of stages that a release brings to records: they count from the release on."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    String,
    TableClause,
    cast,
    column,
    insert,
    literal,
    select,
    table,
)

from engine.definition.model import Entity, Stage
from engine.definition.working_calendar import working_calendar
from engine.fields.field_type import TIME_ZONE
from engine.releases.situation import Situation
from engine.releases.step import Step
from engine.releases.table_work import TableWork
from engine.releases.wording import counted
from engine.schema import ddl
from engine.schema.workflow_tables import workflow_timer
from engine.text import say
from engine.working_time import wait_until


def new_limits(work: TableWork) -> Iterator[Step]:
    """The records in a stage that had no such limit so far are under it from now on."""
    before, workflow = work.before and work.before.workflow, work.entity.workflow
    if not (before and workflow and "stage" in work.kept):
        return
    for stage in workflow.stages.values():
        old = before.stages.get(stage.was or stage.name)
        if old is None:
            continue
        had = {(each.kind, stage.name if each.kind == "stage" else each.name) for each in before.limits(old)}
        names = {(each.kind, each.name) for each in workflow.limits(stage)} - had
        found = work.as_it_is()
        records = work.situation.number(found, found.c.stage == old.name) if names else 0
        if records:
            sentence = say(
                "The new time limits of the stage {stage} of {entity} count from now on for {records}.",
                stage=stage.label,
                entity=work.entity.label,
                records=counted(records, work.entity),
            )
            own = staged(work)
            sql = begun(work.situation, work.entity, own, stage, own.c.stage == stage.name, names)
            yield work.step("limit_began", sentence, sql, records=records)


def staged(work: TableWork) -> TableClause:
    """The entity's table as a statement of a step finds it, as far as stages are concerned."""
    return table(work.table.name, column("id", BigInteger), column("stage", String))


def begun(
    situation: Situation,
    entity: Entity,
    own: FromClause,
    stage: Stage,
    which: ColumnElement[bool],
    only: set[tuple[str, str]] | None = None,
) -> list[str]:
    """What sets the timers of `stage` for those records of the table `own` that come or came to it.

    `only` are the (kind, name) of the limits that count, by default all.
    """
    assert entity.workflow
    calendar = working_calendar(situation.checked.apps, entity.app)
    columns = ["kind", "key", "due_at", "entity", "record_id", "name", "number"]
    sql = []
    for limit in entity.workflow.limits(stage):
        if only is not None and (limit.kind, limit.name) not in only:
            continue
        due = wait_until(limit.wait, situation.at, calendar, ZoneInfo(TIME_ZONE))
        # A stay that began with a release is told apart from those that began with a revision.
        ending = f":{limit.name}:release {situation.release}:1"
        rows = select(
            literal(limit.kind),
            literal(f"{limit.kind}:{entity.key}:") + cast(own.c.id, String) + literal(ending),
            literal(due, workflow_timer.c.due_at.type),
            literal(entity.key),
            own.c.id,
            literal(limit.name),
            literal(1),
        ).where(which)
        sql.append(ddl.statement_text(insert(workflow_timer).from_select(columns, rows), situation.dialect))
    return sql
