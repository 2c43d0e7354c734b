"""What an action on a task is, and why it may be impossible."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.definition.approval import Step
from engine.text import Message, say
from engine.workflow.flow import Flow
from engine.workflow.running import Running
from engine.workflow.state import DECIDING, StepState, Task
from engine.workflow.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent with an action: people (`to`), where they are added, the step to which it goes back.

    `record` is the record that answers a collection.
    """

    comment: str = ""
    to: tuple[int, ...] = ()
    where: str = "before"
    step: str | None = None
    again: bool | None = None
    record: int | None = None


@dataclass(slots=True)
class Doing:
    """A task action at work: the instance, the flow, the world, the task with its step."""

    running: Running
    flow: Flow
    around: Surroundings
    task: Task
    answer: Answer = field(default_factory=Answer)

    @property
    def step(self) -> Step:
        return self.flow.steps[self.task.step]

    @property
    def state(self) -> StepState:
        return self.running.steps[self.task.step_id]


@dataclass(frozen=True, slots=True)
class TaskAction:
    """`refuses` says why the action is not possible for the person who has the task; `do` does it."""

    name: str
    do: Callable[[Doing], None]
    kinds: tuple[str, ...] = DECIDING
    statuses: tuple[str, ...] = ("open",)
    needs_people: bool = False
    right: str | None = None
    """Which entry of `may` gives it; None: everybody who is asked has it."""
    refuses: Callable[[Doing], Message | None] = lambda _doing: None
    own: bool = True
    """Whether the person of the task does it; otherwise somebody whom `refuses` looks at."""


def reason_against(action: TaskAction, doing: Doing) -> Message | None:
    """Why the action is not possible on this task as it is; None when it is. People are not looked at."""
    task, step = doing.task, doing.step
    if task.kind not in action.kinds:
        return say("This is not possible with a task of this kind.")
    if task.status not in action.statuses:
        return _not_open(doing)
    if action.right and action.right not in getattr(step, "may", frozenset()):
        return say("The step '{step}' does not allow this.", step=step.label)
    return action.refuses(doing)


def _not_open(doing: Doing) -> Message:
    task = doing.task
    if task.status == "waiting":
        return say("It is not your turn yet.")
    if task.status == "open":
        return say("This is not decided yet.")
    if task.decided_by is not None and task.decided_at is not None:
        return say(
            "This was already decided by {person} at {time}: {what}.",
            person=doing.around.name(task.decided_by),
            time=task.decided_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            what=STATUS_WORDS.get(task.status, say("done")),
        )
    return say("This task is not open any more: {what}.", what=STATUS_WORDS.get(task.status, say("done")))


STATUS_WORDS: Mapping[str, Message] = {
    "open": say("open"),
    "waiting": say("waiting"),
    "delegated": say("delegated"),
    "approved": say("approved"),
    "rejected": say("rejected"),
    "returned": say("returned"),
    "transferred": say("transferred"),
    "escalated": say("escalated"),
    "cancelled": say("cancelled"),
    "answered": say("answered"),
    "chosen": say("chosen"),
    "copied": say("copied"),
    "skipped": say("skipped"),
    "active": say("active"),
    "withdrawn": say("withdrawn"),
}
"""What the statuses of tasks, steps and instances are called."""


def refuse_people(doing: Doing) -> Message | None:
    """Why the people who were named cannot take part in this task."""
    running, to = doing.running, doing.answer.to
    asked = {
        each.person
        for each in running.tasks_of(doing.state)
        if each.kind in (*DECIDING, "answer") and each.status != "cancelled"
    }
    substituted = {each.instead_of for each in running.seat(doing.task)}
    for person in to:
        if person in asked | substituted:
            name = doing.around.name(person)
            return say("{person} was asked in this step already; nobody is asked twice.", person=name)
        if person == running.instance.submitter and getattr(doing.step, "if_submitter", "ask") != "ask":
            return say("The submitter cannot decide their own request.")
    return None
