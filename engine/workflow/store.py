"""The one place that reads instances: whole and locked, or as they are."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

from engine.problems import NotFound
from engine.schema.prepared import Prepared
from engine.schema.workflow_tables import workflow_instance, workflow_step, workflow_task
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.running import Running
from engine.workflow.state import Instance, StepState, Task

ONGOING = ("open", "returned")
Rows = list[list[Any]]


def load(transaction: Transaction, identity: int) -> Running:
    """The instance, locked until the transaction ends, with its steps and tasks."""
    found = _rows(
        transaction, "locked instance", lambda: _instances(_is("id")).with_for_update(), {"id": identity}
    )
    if not found:
        raise NotFound(say("There is no approval {id}.", id=identity))
    return read(transaction, Instance(*found[0]))


def read(transaction: Transaction, instance: Instance) -> Running:
    """The steps and tasks of an instance, as a working copy."""
    running = Running(instance, transaction.now, transaction.actor.id)
    mine = {"instance_id": instance.id}
    for row in _rows(transaction, "steps", lambda: _of_instance(workflow_step, StepState), mine):
        step = StepState(*row)
        running.steps[step.id] = step
    for row in _rows(transaction, "tasks", lambda: _of_instance(workflow_task, Task), mine):
        row[WEIGHT] = Fraction(row[WEIGHT])
        task = Task(*row)
        running.tasks[task.id] = task
    return running


def ongoing(transaction: Transaction, entity: str, record_id: int) -> list[Instance]:
    """The instances of a record that are open or returned."""
    table = workflow_instance

    def make() -> Select[Any]:
        known = _instances(_is("entity"), _is("record_id"), table.c.status.in_(ONGOING))
        return known.order_by(table.c.id)

    asked = {"entity": entity, "record_id": record_id}
    return [Instance(*row) for row in _rows(transaction, "ongoing", make, asked)]


def instances(transaction: Transaction, entity: str, record_id: int) -> list[Instance]:
    """All instances of a record, the latest first."""

    def make() -> Select[Any]:
        return _instances(_is("entity"), _is("record_id")).order_by(workflow_instance.c.id.desc())

    asked = {"entity": entity, "record_id": record_id}
    return [Instance(*row) for row in _rows(transaction, "instances", make, asked)]


def reminded(instance: Instance, at: datetime) -> Instance:
    """The instance with the time of the last reminder."""
    return replace(instance, reminded_at=at)


def instance_of(transaction: Transaction, identity: int) -> Instance:
    """An instance as it is, not locked."""
    found = _rows(transaction, "instance", lambda: _instances(_is("id")), {"id": identity})
    if not found:
        raise NotFound(say("There is no approval {id}.", id=identity))
    return Instance(*found[0])


def instance_of_task(transaction: Transaction, task_id: int) -> Instance:
    """The instance of a task as it is, not locked."""

    def make() -> Select[Any]:
        task, instance = workflow_task, workflow_instance
        joined = instance.join(task, task.c.instance_id == instance.c.id)
        return _instances(task.c.id == bindparam("task_id")).select_from(joined)

    found = _rows(transaction, "instance of task", make, {"task_id": task_id})
    if not found:
        raise NotFound(say("There is no task {id}.", id=task_id))
    return Instance(*found[0])


def person_of_task(transaction: Transaction, task_id: int) -> int | None:
    """Whose task it is; None where nobody is asked, as in an incident."""
    person = select(workflow_task.c.person).where(workflow_task.c.id == task_id)
    found: int | None = transaction.connection.execute(person).scalar_one()
    return found


def _rows(
    transaction: Transaction, name: str, make: Callable[[], Select[Any]], asked: Mapping[str, Any]
) -> Rows:
    """The rows of a statement that is compiled once for each release."""
    connection = transaction.connection
    statement = transaction.catalog.once(("workflow", name), lambda: Prepared(make(), connection.dialect))
    return statement.rows(connection, asked)


def _instances(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*(workflow_instance.c[each.name] for each in fields(Instance))).where(*conditions)


def _is(name: str) -> ColumnElement[bool]:
    return workflow_instance.c[name] == bindparam(name)


def _of_instance(table: Table, kind: type[Any]) -> Select[Any]:
    columns = (table.c[each.name] for each in fields(kind))
    return select(*columns).where(table.c.instance_id == bindparam("instance_id")).order_by(table.c.id)


WEIGHT = [each.name for each in fields(Task)].index("weight")
"""Where a task's weight stands in its row: an exact fraction as text."""
