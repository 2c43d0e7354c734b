"""A task with what is needed to decide it: the approval, its step, the record if it may be seen."""

from dataclasses import dataclass

from engine.problems import NotFound
from engine.records.read import exists
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.timeline import InstanceView, StepView, TaskView, view_of


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """A task in its approval. `task` is None where its step began again since; it is history then.

    `readable` is whether the actor may see the record: who is asked may decide without.
    """

    entity: str
    record_id: int
    approval: InstanceView
    step: StepView | None
    task: TaskView | None
    readable: bool


def task_sheet(transaction: Transaction, identity: int) -> TaskSheet:
    """The task for somebody who is asked, or who may see its record; NotFound for all others."""
    place = store.place_of_task(transaction, identity)
    if place is None:
        raise NotFound(say("There is no task {id}.", id=identity))
    readable = exists(transaction, place.entity, place.record_id)
    if not readable and place.person != transaction.actor.id:
        raise NotFound(say("There is no task {id}.", id=identity))
    instance = store.instance_of(transaction, place.instance_id)
    assert instance is not None
    approval = view_of(transaction, instance)
    for step in approval.steps:
        for task in step.tasks:
            if task.id == identity:
                return TaskSheet(place.entity, place.record_id, approval, step, task, readable)
    return TaskSheet(place.entity, place.record_id, approval, None, None, readable)
