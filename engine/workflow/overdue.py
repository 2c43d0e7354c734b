"""What happens when a step is not decided in time (rule 12): reminders, and then others are asked."""

from collections.abc import Sequence
from fractions import Fraction

from engine.definition.approval import Ask, Collect, Overdue
from engine.text import say
from engine.workflow.asking import incident, tell_asked
from engine.workflow.running import Running
from engine.workflow.state import StepState, Timer
from engine.workflow.surroundings import Surroundings
from engine.working_time import read_wait

A_DAY = "1 day"
ESCALATED = ("decide", "tie", "choose", "answer")
"""Kinds of tasks that others are asked when time is up: everything but copies and incidents."""
ANSWERED = ("approved", "rejected", "answered", "chosen")


def overdue(
    running: Running, around: Surroundings, step: Ask | Collect, state: StepState, number: int
) -> None:
    """What happens when time is up for the `number`-th time: a reminder, after the last one escalation."""
    rule = step.overdue or Overdue()
    open_tasks = [task for task in running.tasks_of(state) if task.status == "open"]
    reminders = rule.at_most if rule.remind or not rule.escalate else 0
    if number <= reminders:
        people = around.everyone(rule.remind) if rule.remind else ()
        told = [*people, *(task.person for task in open_tasks)]
        message = say("'{step}' is overdue: {title}.", step=step.label, title=around.title())
        running.tell("overdue", told, message, f"overdue:{state.id}:{number}")
        running.note(
            "overdue", step.name, detail={"number": number, "people": [each for each in told if each]}
        )
        if number < reminders or rule.escalate:
            _again(running, around, rule, state, number + 1)
        return
    if rule.escalate:
        escalate(running, around, step, state, around.everyone(rule.escalate))


def _again(running: Running, around: Surroundings, rule: Overdue, state: StepState, number: int) -> None:
    every = rule.every or read_wait(A_DAY)
    assert every is not None
    running.timers.append(Timer("overdue", around.after(every), "", state.id, number))


def escalate(
    running: Running, around: Surroundings, step: Ask | Collect, state: StepState, people: Sequence[int]
) -> None:
    """Asks others instead of those who did not answer, whatever they were asked.

    Of a decision, the first of the others has the weight of all who did not decide. Who answered already is
    not asked again.
    """
    mine = running.tasks_of(state)
    late = [task for task in mine if task.status == "open" and task.kind in ESCALATED]
    if not late:
        return
    kind = late[0].kind
    answered = {task.person for task in mine if task.kind == kind and task.status in ANSWERED}
    new = [each for each in people if each not in answered]
    if not new:
        incident(running, state, say("There is nobody to escalate '{step}' to.", step=step.label))
        return
    seats = {task.seat for task in late}
    for task in running.undecided(state):
        if task.seat in seats and task.kind == kind:
            running.change_task(task, status="escalated", decided_at=running.now)
    after = max((task.seat for task in mine), default=0) + 1
    weights = [sum((task.weight for task in late), Fraction(0)), *[Fraction(0)] * (len(new) - 1)]
    for number, person in enumerate(new):
        weight = weights[number] if kind == "decide" else Fraction(1)
        task = running.add_task(
            state, kind, person, seat=after + number, weight=weight, origin=late[0].id, relation="escalated"
        )
        tell_asked(running, around, step, task)
    running.note("escalated", step.name, detail={"to": new, "from": [task.person for task in late]})
