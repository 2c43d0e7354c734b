"""The one place that reads and writes instances: loaded whole and locked, written as the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, Table, bindparam, insert, select, update

from engine.notifications import notify
from engine.problems import NotFound
from engine.schema.workflow_tables import (
    workflow_event,
    workflow_instance,
    workflow_step,
    workflow_task,
    workflow_timer,
)
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.running import Running
from engine.workflow.state import Happening, Instance, StepState, Task

ONGOING = ("open", "returned")


def begin(transaction: Transaction, values: Mapping[str, Any]) -> Running:
    """A new instance, written at once so that it has its id."""
    row = {"status": "open", "started_at": transaction.now, "ended_at": None, "reminded_at": None, **values}
    made = transaction.connection.execute(insert(workflow_instance).values(row))
    identity = int(made.inserted_primary_key[0])  # type: ignore[index]
    instance = Instance(id=identity, **{"parent": None, "parent_step": None, **row})
    return Running(instance, transaction.now, transaction.actor.id)


def load(transaction: Transaction, identity: int) -> Running:
    """The instance, locked until the transaction ends, with its steps and tasks."""
    connection = transaction.connection
    found = connection.execute(
        select(workflow_instance).where(workflow_instance.c.id == identity).with_for_update()
    ).first()
    if found is None:
        raise NotFound(say("There is no approval {id}.", id=identity))
    return read(transaction, _instance(found))


def read(transaction: Transaction, instance: Instance) -> Running:
    """The steps and tasks of an instance, as a working copy."""
    connection = transaction.connection
    running = Running(instance, transaction.now, transaction.actor.id)
    steps = select(workflow_step).where(workflow_step.c.instance_id == instance.id)
    tasks = select(workflow_task).where(workflow_task.c.instance_id == instance.id)
    for row in connection.execute(steps.order_by(workflow_step.c.id)):
        running.steps[row.id] = _made(StepState, row)
    for row in connection.execute(tasks.order_by(workflow_task.c.id)):
        running.tasks[row.id] = _task(row)
    return running


def ongoing(transaction: Transaction, entity: str, record_id: int) -> list[Instance]:
    """The instances of a record that are open or returned."""
    table = workflow_instance
    rows = transaction.connection.execute(
        select(table)
        .where(table.c.entity == entity, table.c.record_id == record_id, table.c.status.in_(ONGOING))
        .order_by(table.c.id)
    )
    return [_instance(row) for row in rows]


def instances(transaction: Transaction, entity: str, record_id: int) -> list[Instance]:
    """All instances of a record, the latest first."""
    table = workflow_instance
    mine = select(table).where(table.c.entity == entity, table.c.record_id == record_id)
    return [_instance(row) for row in transaction.connection.execute(mine.order_by(table.c.id.desc()))]


def reminded(instance: Instance, at: datetime) -> Instance:
    """The instance with the time of the last reminder."""
    return replace(instance, reminded_at=at)


def instance_of(transaction: Transaction, identity: int) -> Instance | None:
    """An instance as it is, not locked."""
    found = transaction.connection.execute(
        select(workflow_instance).where(workflow_instance.c.id == identity)
    ).first()
    return None if found is None else _instance(found)


def place_of_task(transaction: Transaction, identity: int) -> Any:
    """The instance and record of a task and whose it is, not locked; None when there is no such task."""
    table = workflow_task
    return transaction.connection.execute(
        select(table.c.id, table.c.instance_id, table.c.entity, table.c.record_id, table.c.person).where(
            table.c.id == identity
        )
    ).first()


def save(transaction: Transaction, running: Running, before: Running) -> dict[int, int]:
    """Writes what an event changed; `before` is the instance as it was loaded or begun.

    Gives the ids of what is new: the one it had below 0 → the one it has.
    """
    known, instance = before, running.instance
    if before.instance != instance:
        _change(transaction, workflow_instance, [_row_of(instance)])
    steps = _write(transaction, workflow_step, running.steps.values(), known.steps, _step_row(running, {}))
    tasks = _write_tasks(transaction, running, known, steps)
    identities = {**steps, **tasks}
    record_happenings(transaction, instance, running.happenings, identities)
    _write_timers(transaction, running, steps)
    for notice in running.notices:
        key = notice.key.format(task=identities.get(notice.task or 0, notice.task), instance=instance.id)
        about = (instance.entity, instance.record_id)
        notify(transaction, notice.people, notice.message, about, f"workflow_{notice.kind}", key)
    return identities


def _write(
    transaction: Transaction,
    table: Table,
    states: Iterable[Any],
    known: Mapping[int, Any],
    row: Any,
) -> dict[int, int]:
    """Inserts what is new and updates what differs; gives the new ids."""
    states = list(states)
    new = [each for each in states if each.id < 0]
    changed = [each for each in states if each.id > 0 and known.get(each.id) != each]
    _change(transaction, table, [{**row(each), "id": each.id} for each in changed])
    if not new:
        return {}
    if len(new) == 1:
        made = transaction.connection.execute(insert(table).values(row(new[0])))
        return {new[0].id: int(made.inserted_primary_key[0])}  # type: ignore[index]
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    made_ids = transaction.connection.execute(statement, [row(each) for each in new]).scalars()
    return {each.id: int(identity) for each, identity in zip(new, made_ids, strict=True)}


def _write_tasks(
    transaction: Transaction, running: Running, known: Running, steps: Mapping[int, int]
) -> dict[int, int]:
    """Writes tasks; one that came from another new one is written after it."""
    written: dict[int, int] = {}
    left = list(running.tasks.values())
    while left:
        ready = [each for each in left if each.origin is None or each.origin > 0 or each.origin in written]
        row = _task_row(running, {**steps, **written})
        written |= _write(transaction, workflow_task, ready, known.tasks, row)
        left = [each for each in left if each not in ready]
    return written


def _change(transaction: Transaction, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = transaction.catalog.once(
        ("change", table.name),
        lambda: update(table).where(table.c.id == bindparam("_id")),
    )
    sent = [{**{key: value for key, value in row.items() if key != "id"}, "_id": row["id"]} for row in rows]
    transaction.connection.execute(statement, sent)


def _write_timers(transaction: Transaction, running: Running, steps: Mapping[int, int]) -> None:
    instance = running.instance
    rows = []
    for timer in running.timers:
        step_id = steps.get(timer.step_id or 0, timer.step_id)
        name = next((each.name for each in running.steps.values() if each.id == timer.step_id), "")
        rows.append(
            {
                "kind": timer.kind,
                "key": timer.key or f"{timer.kind}:{step_id}:{timer.number}",
                "due_at": timer.due_at,
                "entity": instance.entity,
                "record_id": instance.record_id,
                "instance_id": instance.id,
                "step_id": step_id,
                "name": name,
                "number": timer.number,
            }
        )
    if rows:
        transaction.connection.execute(insert(workflow_timer), rows)


def record_happenings(
    transaction: Transaction,
    instance: Instance,
    happenings: Iterable[Happening],
    identities: Mapping[int, int],
) -> None:
    """One row for each event of an instance; ids below 0 in them become those that were given."""
    rows = [
        event_row(transaction, instance.entity, instance.record_id, each.kind)
        | {
            "instance_id": instance.id,
            "transition": instance.transition,
            "step": each.step,
            "task_id": identities.get(each.task or 0, each.task),
            "comment": each.comment,
            "instead_of": each.instead_of,
            "release": instance.release,
            "detail": dict(each.detail),
        }
        for each in happenings
    ]
    if rows:
        transaction.connection.execute(insert(workflow_event), rows)


def write_event(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Writes one event of a record."""
    transaction.connection.execute(insert(workflow_event).values(row))


def event_row(transaction: Transaction, entity: str, record_id: int, kind: str) -> dict[str, Any]:
    """An event of a record outside an instance."""
    return {
        "entity": entity,
        "record_id": record_id,
        "instance_id": None,
        "at": transaction.now,
        "by": transaction.actor.id,
        "instead_of": None,
        "kind": kind,
        "transition": None,
        "step": None,
        "task_id": None,
        "comment": "",
        "release": transaction.catalog.release,
        "detail": {},
    }


def _row_of(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _step_row(running: Running, _: Mapping[int, int]) -> Any:
    def row(step: StepState) -> dict[str, Any]:
        values = _row_of(step)
        del values["id"]
        return {**values, "detail": dict(step.detail), "instance_id": running.instance.id}

    return row


def _task_row(running: Running, identities: Mapping[int, int]) -> Any:
    instance = running.instance

    def row(task: Task) -> dict[str, Any]:
        values = _row_of(task)
        del values["id"]
        return {
            **values,
            "step_id": identities.get(task.step_id, task.step_id),
            "origin": identities.get(task.origin or 0, task.origin),
            "weight": str(task.weight),
            "detail": dict(task.detail),
            "instance_id": instance.id,
            "entity": instance.entity,
            "record_id": instance.record_id,
        }

    return row


def _instance(row: Row[Any]) -> Instance:
    return Instance(**{each.name: getattr(row, each.name) for each in fields(Instance)})


def _made(kind: type[Any], row: Row[Any]) -> Any:
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind)})


def _task(row: Row[Any]) -> Task:
    values = {each.name: getattr(row, each.name) for each in fields(Task)}
    return Task(**{**values, "weight": Fraction(row.weight)})
