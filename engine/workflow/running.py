"""A working copy of an instance: what an event changes is changed here, and written at the end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.definition.approval import Step
from engine.text import Message
from engine.workflow.state import UNDECIDED, Happening, Instance, Notice, StepState, Task, Timer


@dataclass(slots=True)
class Running:
    """The state of an instance while an event is worked on.

    New things have ids below 0 until they are saved.
    """

    instance: Instance
    now: datetime
    actor: int | None
    steps: dict[int, StepState] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    last_id: int = 0

    def copy(self) -> "Running":
        """The state before an event, for writing the difference."""
        return replace(self, steps=dict(self.steps), tasks=dict(self.tasks))

    def current(self, name: str) -> StepState | None:
        """Where the step stands in this run of the flow; None before its turn."""
        return next((each for each in self.steps.values() if each.name == name and each.counts), None)

    def active(self) -> list[StepState]:
        """The steps at which the flow waits, containers included."""
        return [each for each in self.steps.values() if each.counts and each.status == "active"]

    def tasks_of(self, step: StepState) -> list[Task]:
        """The tasks of a step as it was begun this time, in their order."""
        return [each for each in self.tasks.values() if each.step_id == step.id]

    def undecided(self, step: StepState | None = None) -> list[Task]:
        """Tasks that may still be answered, of one step or of all."""
        return [
            each
            for each in self.tasks.values()
            if each.status in UNDECIDED and (step is None or each.step_id == step.id)
        ]

    def chain(self, task: Task) -> Iterator[Task]:
        """The task, the one from which it came, and so on."""
        at: Task | None = task
        while at is not None:
            yield at
            at = self.tasks.get(at.origin) if at.origin is not None else None

    def seat(self, task: Task) -> list[Task]:
        """All tasks of the seat to which the task belongs."""
        return [
            each for each in self.tasks.values() if each.step_id == task.step_id and each.seat == task.seat
        ]

    def add_step(self, step: Step, status: str, **values: Any) -> StepState:
        """Notes that a step begins, or is passed at once."""
        self.last_id -= 1
        ended = None if status == "active" else self.now
        made = StepState(self.last_id, step.name, status, True, self.now, ended, **values)
        self.steps[made.id] = made
        return made

    def change_step(self, step: StepState, **values: Any) -> StepState:
        """The step with other values; one that is not active any more has ended now."""
        if values.get("status", "active") != "active":
            values.setdefault("ended_at", self.now)
        changed = replace(step, **values)
        self.steps[step.id] = changed
        return changed

    def add_task(self, step: StepState, kind: str, person: int | None, **values: Any) -> Task:
        """Asks somebody; with the status `waiting` they are told later."""
        self.last_id -= 1
        values = {"status": "open", "due_at": step.due_at, **values}
        if values["status"] == "open":
            values["opened_at"] = self.now
        made = Task(self.last_id, step.id, step.name, kind, person, **values)
        self.tasks[made.id] = made
        return made

    def change_task(self, task: Task, **values: Any) -> Task:
        changed = replace(self.tasks[task.id], **values)
        self.tasks[task.id] = changed
        return changed

    def answer(self, task: Task, status: str, comment: str = "", **values: Any) -> Task:
        """The task as the actor answered it now."""
        return self.change_task(
            task, status=status, decided_at=self.now, decided_by=self.actor, comment=comment, **values
        )

    def open(self, task: Task) -> Task:
        """Asks the person of a task that waited or comes back."""
        return self.change_task(task, status="open", opened_at=self.now)

    def cancel(self, tasks: Iterable[Task]) -> None:
        """Takes back what is not answered yet."""
        for task in tasks:
            if task.status in UNDECIDED:
                self.change_task(task, status="cancelled", decided_at=self.now)

    def note(
        self,
        kind: str,
        step: str | None = None,
        task: Task | None = None,
        comment: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Notes what happened; each of these becomes one event."""
        self.happenings.append(
            Happening(
                kind,
                step or (task.step if task else None),
                task.id if task else None,
                comment,
                task.instead_of if task else None,
                detail or {},
            )
        )

    def tell(
        self, kind: str, people: Iterable[int | None], message: Message, key: str, task: Task | None = None
    ) -> None:
        """Tells people something once; nobody is told what they did themselves."""
        told = tuple(dict.fromkeys(each for each in people if each is not None and each != self.actor))
        if told:
            self.notices.append(Notice(kind, told, message, key, task.id if task else None))
