"""When a timer is due: it acts through the same door as a person, and a stale one does nothing (rule 12)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine.access.people import Naming, People, expand
from engine.catalog import CompiledEntity
from engine.definition.approval import Ask, Collect, Overdue
from engine.notifications import notify
from engine.problems import InputRefused, NotFound, Refused
from engine.records.due import due_at
from engine.records.lock import Held, hold
from engine.records.read import titles
from engine.records.subject import Subject
from engine.schema.workflow_tables import workflow_timer
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.events import event_row, write_event
from engine.workflow.firing import fire_by_itself
from engine.workflow.gate import open_gate, settle
from engine.workflow.overdue import overdue
from engine.workflow.work import Work
from engine.working_time import Wait

A_DAY = Wait(days=1, length=timedelta(), working=False)
STALE = "stale"
DONE = "done"
Outcome = str | Message | Text
"""What came of a timer: done, stale, or the sentence of a refusal."""


def fire_timer(transaction: Transaction, identity: int) -> Outcome:
    """Does what a due timer is for; gives what came of it: done, stale, or the sentence of a refusal."""
    row = transaction.connection.execute(
        select(workflow_timer).where(workflow_timer.c.id == identity)
    ).first()
    if row is None:
        raise NotFound(say("There is no timer {id}.", id=identity))
    if row.fired_at is not None or row.due_at > transaction.now:
        return STALE
    return KINDS[row.kind](Work(transaction, fire_by_itself), row)


def _overdue(work: Work, row: Any) -> Outcome:
    """A step is not decided in time: reminders, then somebody else is asked."""
    transaction = work.transaction
    instance = store.instance_of(transaction, row.instance_id)
    if instance.status != "open":
        return _close(transaction, row, STALE)
    gate = open_gate(work, instance)
    state = gate.running.steps.get(row.step_id)
    step = gate.flow.steps.get(state.name) if state else None
    gone = gate.instance.status != "open" or state is None or not state.counts or state.status != "active"
    if gone or state is None or not isinstance(step, (Ask, Collect)) or not _take(transaction, row):
        return _close(transaction, row, STALE)
    overdue(gate.running, gate.around, step, state, row.number)
    settle(gate)
    return _close(transaction, row, DONE)


def _stage(work: Work, row: Any) -> Outcome:
    """A record stays too long in a stage: people are reminded, again after a while."""
    transaction = work.transaction
    entity, held = _record(work, row)
    if entity is None or held is None or held.stage != row.name or not _take(transaction, row):
        return _close(transaction, row, STALE)
    workflow = entity.definition.workflow
    stage = workflow.stages.get(row.name) if workflow else None
    rule = (stage.overdue if stage else None) or Overdue()
    subject = Subject(transaction, transaction.catalog, row.entity, row.record_id, held.values)
    people = expand(Naming(People(transaction), subject, None), rule.remind)
    title = titles(transaction, row.entity, [row.record_id]).get(row.record_id, "")
    label = stage.label if stage else row.name
    message = say("{title} has been in the stage {stage} too long.", title=title, stage=label)
    notify(transaction, people, message, (row.entity, row.record_id), "workflow_overdue", row.key)
    events = event_row(transaction, row.entity, row.record_id, "stage_overdue")
    write_event(transaction, events | {"detail": {"stage": row.name, "number": row.number}})
    if row.number < rule.at_most:
        again = due_at(transaction, rule.every or A_DAY, row.entity.partition(".")[0])
        key = f"{row.key.rpartition(':')[0]}:{row.number + 1}"
        values = {name: getattr(row, name) for name in ("kind", "entity", "record_id", "name")}
        transaction.connection.execute(
            insert(workflow_timer).values(**values, key=key, due_at=again, number=row.number + 1)
        )
    return _close(transaction, row, DONE)


def _transition(work: Work, row: Any) -> Outcome:
    """Of several timed transitions that are due the first written wins (rule 3)."""
    transaction = work.transaction
    entity, held = _record(work, row)
    workflow = entity.definition.workflow if entity else None
    if entity is None or held is None or workflow is None or not _is_open(transaction, row):
        return _close(transaction, row, STALE)
    due = {
        each.name: each
        for each in transaction.connection.execute(
            select(workflow_timer).where(
                workflow_timer.c.entity == row.entity,
                workflow_timer.c.record_id == row.record_id,
                workflow_timer.c.kind == "transition",
                workflow_timer.c.fired_at.is_(None),
                workflow_timer.c.due_at <= transaction.now,
            )
        )
    }
    outcome: Outcome = STALE
    for name in [each for each in workflow.transitions if each in due]:
        timer = due[name]
        fits = (held.stage or "") in workflow.transitions[name].sources
        outcome = _fire(work, timer) if fits else STALE
        _close(transaction, timer, outcome)
        if outcome == DONE:
            break
    return outcome if row.name in due else _close(transaction, row, STALE)


def _fire(work: Work, timer: Any) -> Outcome:
    """Fires a transition; a refusal undoes what it began and is what came of it.

    The timer is closed first: when the record leaves its stage, those that are still open end as stale.
    """
    try:
        with work.transaction.connection.begin_nested():
            _close(work.transaction, timer, DONE)
            fire_by_itself(work, timer.entity, timer.record_id, timer.name, None)
    except Refused as refused:
        return refused.message
    except InputRefused as refused:
        return refused.problems[0].message
    return DONE


KINDS: Mapping[str, Callable[[Work, Any], Outcome]] = {
    "overdue": _overdue,
    "stage": _stage,
    "transition": _transition,
}


def _record(work: Work, row: Any) -> tuple[CompiledEntity | None, Held | None]:
    """The record of a timer, locked; nothing when it is gone."""
    entity = work.transaction.catalog.entities.get(row.entity)
    if entity is None:
        return None, None
    try:
        return entity, hold(work.whole, entity, row.record_id)
    except NotFound:
        return entity, None


def _is_open(transaction: Transaction, row: Any) -> bool:
    """Whether nobody has fired the timer; looked at behind the lock of the record."""
    table = workflow_timer
    found = transaction.connection.execute(
        select(table.c.id).where(table.c.id == row.id, table.c.fired_at.is_(None))
    )
    return found.first() is not None


def _take(transaction: Transaction, row: Any) -> bool:
    """Compare and swap: a timer fires once."""
    table = workflow_timer
    taken = transaction.connection.execute(
        update(table).where(table.c.id == row.id, table.c.fired_at.is_(None)).values(fired_at=transaction.now)
    )
    return taken.rowcount == 1


def _close(transaction: Transaction, row: Any, outcome: Outcome) -> Outcome:
    """Notes what came of a timer, unless that is known already."""
    table = workflow_timer
    transaction.connection.execute(
        update(table)
        .where(table.c.id == row.id, table.c.outcome.is_(None))
        .values(fired_at=transaction.now, outcome=str(outcome))
    )
    return outcome
