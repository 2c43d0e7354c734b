"""The one place that writes instances: the difference between what was loaded and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Table, bindparam, insert, update

from engine.notifications import News, tell_all
from engine.problems import NotPossible
from engine.schema.prepared import PreparedChange
from engine.schema.workflow_tables import workflow_instance, workflow_step, workflow_task, workflow_timer
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.events import record_happenings
from engine.workflow.running import Running
from engine.workflow.state import Instance, StepState, Task

Row = dict[str, Any]


def begin(transaction: Transaction, values: Mapping[str, Any]) -> Running:
    """A new instance, written at once so that it has its id."""
    times = {"status": "open", "started_at": transaction.now, "ended_at": None, "reminded_at": None}
    row = {"parent": None, "parent_step": None, **times, **values}
    instance = Instance(id=_inserted(transaction, workflow_instance, INSTANCE, [row])[0], **row)
    return Running(instance, transaction.now, transaction.actor.id)


def save(transaction: Transaction, running: Running, before: Running) -> dict[int, int]:
    """Writes what an event changed; `before` is the instance as it was loaded or begun.

    Gives the ids of what is new: the one it had below 0 → the one it has. Raises NotPossible when a task is
    not any more as it was seen (compare and swap, rule 14).
    """
    instance = running.instance
    if before.instance != instance:
        _changed(transaction, workflow_instance, INSTANCE, [_plain(instance)])
    steps = _write_steps(transaction, running, before)
    identities = steps | _write_tasks(transaction, running, before, steps)
    record_happenings(transaction, instance, running.happenings, identities)
    _write_timers(transaction, running, steps)
    about = (instance.entity, instance.record_id)
    news = [
        News(
            notice.people,
            notice.message,
            about,
            f"workflow_{notice.kind}",
            notice.key.format(task=identities.get(notice.task or 0, notice.task), instance=instance.id),
        )
        for notice in running.notices
    ]
    tell_all(transaction, news)
    return identities


def _write_steps(transaction: Transaction, running: Running, before: Running) -> dict[int, int]:
    """Writes the steps that differ; gives the ids of the new ones."""

    def row(step: StepState) -> Row:
        return _plain(step) | {"detail": dict(step.detail), "instance_id": running.instance.id}

    new, changed = _differing(running.steps, before.steps)
    _changed(transaction, workflow_step, STEP, [row(each) for each in changed])
    return _given(new, _inserted(transaction, workflow_step, STEP, [row(each) for each in new]))


def _write_tasks(
    transaction: Transaction, running: Running, before: Running, steps: Mapping[int, int]
) -> dict[int, int]:
    """Writes the tasks that differ; one that came from another new one is written after it."""
    instance, written = running.instance, dict[int, int]()

    def row(task: Task) -> Row:
        return _plain(task) | {
            "step_id": steps.get(task.step_id, task.step_id),
            "origin": written.get(task.origin or 0, task.origin),
            "weight": str(task.weight),
            "detail": dict(task.detail),
            "instance_id": instance.id,
            "entity": instance.entity,
            "record_id": instance.record_id,
        }

    new, changed = _differing(running.tasks, before.tasks)
    left: list[Task] = new
    while left:
        ready = [each for each in left if each.origin is None or each.origin > 0 or each.origin in written]
        written |= _given(ready, _inserted(transaction, workflow_task, TASK, [row(each) for each in ready]))
        left = [each for each in left if each not in ready]
    rows = [row(each) | {"_seen": before.tasks[each.id].status} for each in changed]
    if _changed(transaction, workflow_task, TASK, rows) != len(rows):
        raise NotPossible(say("Somebody else decided this at the same moment; look at it again."))
    return written


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


def _differing(states: Mapping[int, Any], known: Mapping[int, Any]) -> tuple[list[Any], list[Any]]:
    """What is new, and what is not as it was; what nobody touched is the same object still."""
    new = [each for each in states.values() if each.id < 0]
    changed = [each for each in states.values() if each.id > 0 and known[each.id] is not each]
    return new, [each for each in changed if known[each.id] != each]


def _given(states: Iterable[Any], identities: Iterable[int]) -> dict[int, int]:
    return {each.id: identity for each, identity in zip(states, identities, strict=True)}


def _plain(value: Any) -> Row:
    """A state as its row: its own fields."""
    return {name: getattr(value, name) for name in value.__slots__}


def _inserted(transaction: Transaction, table: Table, columns: tuple[str, ...], rows: list[Row]) -> list[int]:
    """Writes new rows, whose id the database gives."""

    def make() -> PreparedChange:
        statement = insert(table).returning(table.c.id)
        return PreparedChange(statement, transaction.connection.dialect, columns)

    found = _prepared(transaction, ("insert", table.name), make).returned(transaction.connection, rows)
    return [each for each in found if each is not None]


def _changed(transaction: Transaction, table: Table, columns: tuple[str, ...], rows: list[Row]) -> int:
    """Writes rows that are there, found by their id and, with `_seen`, by the status they had; how many."""

    def make() -> PreparedChange:
        statement = update(table).where(table.c.id == bindparam("_id"))
        if table is workflow_task:
            statement = statement.where(table.c.status == bindparam("_seen"))
        return PreparedChange(statement, transaction.connection.dialect, columns)

    sent = [row | {"_id": row["id"]} for row in rows]
    return _prepared(transaction, ("change", table.name), make).run(transaction.connection, sent)


def _prepared(
    transaction: Transaction, key: tuple[str, str], make: Callable[[], PreparedChange]
) -> PreparedChange:
    return transaction.catalog.once(("workflow", *key), make)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(each.name for each in table.c if each.name != "id")


INSTANCE, STEP, TASK = _columns(workflow_instance), _columns(workflow_step), _columns(workflow_task)
