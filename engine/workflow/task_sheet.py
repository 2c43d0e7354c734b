"""A task with what is needed to decide it: the approval, its step, the record if it may be seen."""

from dataclasses import dataclass

from engine.problems import NotFound
from engine.records.read import exists
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.timeline import view_of
from engine.workflow.views import InstanceView, StepView, TaskView


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
    instance = store.instance_of_task(transaction, identity)
    key, record_id = instance.entity, instance.record_id
    readable = exists(transaction, key, record_id)
    if not readable and store.person_of_task(transaction, identity) != transaction.actor.id:
        raise NotFound(say("There is no task {id}.", id=identity))
    approval = view_of(transaction, instance)
    for step in approval.steps:
        for task in step.tasks:
            if task.id == identity:
                return TaskSheet(key, record_id, approval, step, task, readable)
    return TaskSheet(key, record_id, approval, None, None, readable)
