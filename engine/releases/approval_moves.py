"""The statements that take approvals along or end them: tasks, timers, events, notifications."""

from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    cast,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.sql.dml import Update

from engine.definition.approval import Approval, walk_places
from engine.releases.limit_steps import begun
from engine.releases.situation import Situation, entity_of
from engine.releases.under_way import ACTIVE, ONGOING
from engine.schema import ddl
from engine.schema.system_tables import notification
from engine.schema.workflow_tables import (
    workflow_event,
    workflow_instance,
    workflow_step,
    workflow_task,
    workflow_timer,
)
from engine.text import LOCALES, Message

UNDECIDED = ("open", "waiting", "delegated")

Chosen = Select[tuple[Any]]
"""The ids of instances."""


def ended(situation: Situation, chosen: Chosen, reason: Message) -> list[str]:
    """Cancels approvals: nobody is asked any more, the history says why, who submitted them is told."""
    instance, now = workflow_instance.c, _now(situation)
    words = _json({locale: reason.to(locale) for locale in LOCALES})
    key = literal("ended:") + cast(instance.id, String)
    told = select(
        instance.submitter,
        key,
        literal("workflow_cancelled"),
        now,
        words,
        instance.entity,
        instance.record_id,
    ).where(instance.id.in_(chosen), instance.submitter.is_not(None))
    columns = ["user_id", "key", "kind", "at", "words", "entity", "record_id"]
    just_now = select(instance.id).where(instance.status == "cancelled", instance.ended_at == now)
    detail = {"reason": {locale: reason.to(locale) for locale in LOCALES}}
    return [
        _text(situation, each)
        for each in (
            insert(notification).from_select(columns, told),
            _event(situation, chosen, "cancelled", detail),
            update(workflow_task)
            .where(workflow_task.c.instance_id.in_(chosen), workflow_task.c.status.in_(UNDECIDED))
            .values(status="cancelled", decided_at=now),
            _stale(situation).where(workflow_timer.c.instance_id.in_(chosen)),
            update(workflow_instance).where(instance.id.in_(chosen)).values(status="cancelled", ended_at=now),
            # The last one: where they wait says which are chosen.
            update(workflow_step)
            .where(workflow_step.c.instance_id.in_(just_now), workflow_step.c.status == ACTIVE)
            .values(status="cancelled", counts=False, ended_at=now),
        )
    ]


def taken_along(
    situation: Situation, chosen: Chosen, before: int, old: Approval | None, new: Approval, waiting: list[str]
) -> list[str]:
    """Approvals go on by the release that the plan makes: votes, people and remaining time stay.

    Steps that are gone count no longer; steps that are new and come before those that wait are passed over,
    since their turn is gone.
    """
    names = [step.name for step, _ in walk_places(new.steps)]
    gone = [step.name for step in old.walk() if step.name not in names] if old else []
    statements: list[Any] = []
    if gone:
        statements.append(
            update(workflow_step)
            .where(workflow_step.c.instance_id.in_(chosen), workflow_step.c.name.in_(gone))
            .values(counts=False)
        )
    for waits in waiting:
        before_it = _new_before(old, new, waits) if old else ()
        statements += [_passed_over(situation, chosen, waits, passed) for passed in before_it]
    detail = {"from": before, "to": situation.release, "mapping": {}}
    statements += [
        _event(situation, chosen, "migrated", detail),
        update(workflow_instance).where(workflow_instance.c.id.in_(chosen)).values(release=situation.release),
    ]
    return [_text(situation, each) for each in statements]


def parents_of(connection: Connection, those: ColumnElement[bool]) -> dict[str, list[int]]:
    """The approvals that wait for one of these as a part of their own: entity → ids."""
    table, found = workflow_instance.c, dict[str, list[int]]()
    below = those
    while True:
        above = select(table.parent).where(below, table.parent.is_not(None))
        ids = [each for (each,) in connection.execute(above)]
        rows = connection.execute(
            select(table.entity, table.id).where(table.id.in_(ids), table.status.in_(ONGOING))
        ).all()
        new = [(entity, each) for entity, each in rows if each not in found.get(entity, ())]
        if not new:
            return found
        for entity, each in new:
            found.setdefault(entity, []).append(each)
        below = table.id.in_([each for _, each in new])


def gone_back(situation: Situation, entity: str, chosen: Chosen, stage: str | None) -> list[str]:
    """The records of these approvals go to `stage`; without one to where they came from."""
    table = situation.target.table(entity)
    if "stage" not in table.c:
        return []
    instance = workflow_instance.c
    mine = (instance.id.in_(chosen), instance.entity == entity)
    source = select(instance.source).where(*mine, instance.record_id == table.c.id).limit(1).scalar_subquery()
    to = literal(stage) if stage else source
    records = select(instance.record_id).where(*mine)
    moving = and_(table.c.id.in_(records), table.c.stage != to)
    definition = entity_of(situation.checked, entity)
    sql = [left_stage(situation, entity, select(table.c.id).where(moving))]
    for each in definition.workflow.stages.values() if definition.workflow else ():
        sql += begun(situation, definition, table, each, and_(moving, to == each.name))
    sql.append(_text(situation, update(table).where(moving).values(stage=to, revision=table.c.revision + 1)))
    return sql


def left_stage(situation: Situation, entity: str, records: Chosen) -> str:
    """Closes the timers of the stage in which these records were."""
    table = workflow_timer.c
    mine = (table.entity == entity, table.kind.in_(("stage", "transition")), table.record_id.in_(records))
    return _text(situation, _stale(situation).where(*mine))


def _stale(situation: Situation) -> Update:
    return (
        update(workflow_timer)
        .where(workflow_timer.c.fired_at.is_(None))
        .values(fired_at=_now(situation), outcome="stale")
    )


def _new_before(old: Approval, new: Approval, waits: str) -> list[str]:
    """Steps that only the new approval has, in the same list as `waits` and before it."""
    known = {step.name for step in old.walk()}
    places = {step.name: place for step, place in walk_places(new.steps)}
    order = list(places)
    before = order[: order.index(waits)] if waits in places else []
    return [name for name in before if places[name] == places[waits] and name not in known]


def _passed_over(situation: Situation, chosen: Chosen, waits: str, name: str) -> Any:
    step, now = workflow_step.c, _now(situation)
    already = workflow_step.alias("already")
    because = _json({"because": "migrated"})
    rows = select(
        step.instance_id, literal(name), literal("skipped"), literal(True), now, now, because
    ).where(
        step.instance_id.in_(chosen),
        step.name == waits,
        step.status == ACTIVE,
        ~select(already.c.id)
        .where(already.c.instance_id == step.instance_id, already.c.name == name)
        .exists(),
    )
    columns = ["instance_id", "name", "status", "counts", "started_at", "ended_at", "detail"]
    return insert(workflow_step).from_select(columns, rows)


def _event(situation: Situation, chosen: Chosen, kind: str, detail: dict[str, Any]) -> Any:
    table = workflow_instance.c
    rows = select(
        table.entity,
        table.record_id,
        table.id,
        _now(situation),
        literal(kind),
        table.transition,
        literal(""),
        literal(situation.release, Integer),
        _json(detail),
    ).where(table.id.in_(chosen))
    columns = [
        "entity", "record_id", "instance_id", "at", "kind", "transition", "comment", "release", "detail",
    ]  # fmt: skip
    return insert(workflow_event).from_select(columns, rows)


def _json(value: Any) -> Any:
    """A value of a column of JSON, as its text."""
    return literal(orjson.dumps(value).decode(), String)


def _now(situation: Situation) -> Any:
    return literal(situation.at, workflow_instance.c.started_at.type)


def _text(situation: Situation, statement: Any) -> str:
    return ddl.statement_text(statement, situation.dialect)
