"""Steps backwards and sideways: return, take back, withdraw, and what an administrator does."""

from dataclasses import replace

from engine.text import Message, say
from engine.workflow.flow import Flow
from engine.workflow.machine import advance, close
from engine.workflow.running import Running
from engine.workflow.state import StepState, Task
from engine.workflow.surroundings import Surroundings

DECIDED = ("approved", "rejected", "answered", "returned", "chosen", "transferred", "delegated")


def refuse_return(running: Running, flow: Flow, task: Task, target: str | None) -> Message | None:
    """Why it cannot go back to a step; None is the submitter, to whom it always can."""
    if target is None:
        return None
    known = returnable(running, flow, task.step)
    if target in known:
        return None
    if not known:
        return say("There is no step before '{step}' to go back to.", step=flow.steps[task.step].label)
    return say(
        "It can go back to {known}, not to '{step}'.",
        known=tuple(flow.steps[name].label for name in known),
        step=target,
    )


def returnable(running: Running, flow: Flow, name: str) -> list[str]:
    """The steps that people passed before this one, on the way that leads to it."""
    return [
        other
        for other in flow.order
        if flow.before(other, name)
        and _on_the_way(flow, other, name)
        and (state := running.current(other)) is not None
        and state.status == "approved"
        and any(task.kind in ("decide", "answer") for task in running.tasks_of(state))
    ]


def _on_the_way(flow: Flow, earlier: str, later: str) -> bool:
    """Whether one comes after the other, and is not in a branch beside it."""
    first, second = dict(flow.inside[earlier]), dict(flow.inside[later])
    return all(second.get(container, branch) == branch for container, branch in first.items())


def give_back(
    running: Running,
    flow: Flow,
    around: Surroundings,
    task: Task,
    target: str | None,
    comment: str,
    *,
    again: bool,
) -> None:
    """Sends it back to the submitter (`target` None) or to a step that was passed.

    What was approved before stays approved: afterwards it resumes where it was returned, unless it begins
    `again`.
    """
    state = running.steps[task.step_id]
    running.note("returned", task=task, comment=comment, detail={"to": target, "again": again})
    running.cancel(running.tasks_of(state))
    running.change_step(state, status="returned", counts=False)
    if target is None:
        _to_submitter(running, flow, again=again)
        running.add_task(state, "revise", running.instance.submitter, due_at=None)
        around_title = around.title()
        message = say(
            "'{transition}' was sent back to you: {title}.", transition=flow.label, title=around_title
        )
        running.tell("returned", [running.instance.submitter], message, f"returned:{task.id}")
        return
    _to_step(running, flow, task.step, target, again=again)
    advance(running, flow, around)


def _to_submitter(running: Running, flow: Flow, *, again: bool) -> None:
    waiting = [each for each in running.active() if not _is_container(flow, each)]
    close(running, waiting)
    if again:
        _forget(running, list(running.steps.values()))
    running.instance = replace(running.instance, status="returned")


def _to_step(running: Running, flow: Flow, name: str, target: str, *, again: bool) -> None:
    """Reopens the target; a return to before a split cancels every branch of it."""
    place = flow.inside[target]
    scope = [
        each
        for each in running.active()
        if not _is_container(flow, each) and flow.within(each.name, place) and flow.before(target, each.name)
    ]
    close(running, scope)
    reached = running.current(target)
    assert reached is not None
    _forget(running, [reached])
    for container, _ in place:
        _reactivate(running, container)
    if again:
        after = [
            each
            for each in running.steps.values()
            if flow.before(target, each.name) and flow.within(each.name, place)
        ]
        _forget(running, after)


def _is_container(flow: Flow, state: StepState) -> bool:
    return any(container == state.name for inside in flow.inside.values() for container, _ in inside)


def _forget(running: Running, states: list[StepState]) -> None:
    """These steps count no more; the walk will begin them again."""
    for each in states:
        if each.counts:
            running.change_step(
                running.steps[each.id], counts=False, status=each.status, ended_at=each.ended_at
            )


def _reactivate(running: Running, name: str) -> None:
    state = running.current(name)
    if state is not None and state.status != "active":
        running.change_step(state, status="active", ended_at=None)


def resume(running: Running, flow: Flow, around: Surroundings) -> None:
    """Goes on after the submitter sent it in again."""
    running.cancel(running.undecided())
    running.instance = replace(running.instance, status="open")
    advance(running, flow, around)


def refuse_take_back(running: Running, task: Task) -> Message | None:
    """Why a yes cannot be taken back: something later was decided, or it was not given by the person."""
    if running.instance.status != "open":
        return say("The approval has ended; nothing can be taken back.")
    assert task.decided_at is not None
    if task.detail.get("earlier") or task.decided_by != running.actor:
        return say("Only an answer of your own can be taken back.")
    later = [
        each
        for each in running.tasks.values()
        if each.id != task.id
        and each.decided_by is not None
        and each.decided_at is not None
        and each.decided_at > task.decided_at
        and not each.detail.get("earlier")
    ]
    if later:
        return say("Somebody has decided after you; your answer cannot be taken back.")
    return None


def take_back(running: Running, flow: Flow, task: Task, comment: str) -> None:
    """Undoes a yes: what began after it is cancelled, and the person is asked again."""
    state = running.steps[task.step_id]
    later = [
        each
        for each in running.steps.values()
        if each.counts
        and each.id != state.id
        and flow.before(state.name, each.name)
        and not any(container == each.name for container, _ in flow.inside[state.name])
        and each.started_at >= (task.decided_at or running.now)
    ]
    close(running, [each for each in later if each.status == "active"])
    copies = [each for each in later if any(one.kind == "copy" for one in running.tasks_of(each))]
    _forget(running, [each for each in later if each.status != "active" and each not in copies])
    for container, _ in flow.inside[state.name]:
        _reactivate(running, container)
    if state.status != "active":
        running.change_step(state, status="active", ended_at=None)
        _reopen_siblings(running, state, task)
    for each in running.seat(task):
        if each.origin == task.id and each.relation == "after" and each.status == "open":
            running.change_task(each, status="waiting")
    running.change_task(task, status="open", decided_at=None, decided_by=None, comment="")
    running.note("taken_back", task=task, comment=comment)
    _close_later_seats(running, flow, state, task)


def _reopen_siblings(running: Running, state: StepState, task: Task) -> None:
    """Tasks that were cancelled because this answer decided are asked again."""
    for each in running.tasks_of(state):
        if each.status == "cancelled" and each.decided_by is None and each.decided_at == task.decided_at:
            running.change_task(each, status="open" if each.opened_at else "waiting", decided_at=None)


def _close_later_seats(running: Running, flow: Flow, state: StepState, task: Task) -> None:
    """In order: those who come after this person wait again."""
    decide = getattr(flow.steps[state.name], "decide", None)
    if decide is not None and decide.kind == "in_order":
        for each in running.tasks_of(state):
            if each.seat > task.seat and each.status == "open" and each.relation is None:
                running.change_task(each, status="waiting", opened_at=None)


def withdraw(running: Running, comment: str) -> None:
    """Ends the instance as withdrawn."""
    close(running)
    running.instance = replace(running.instance, status="withdrawn", ended_at=running.now)
    running.note("withdrawn", comment=comment)


def refuse_withdrawal(running: Running, until: str) -> Message | None:
    """Why it is too late to withdraw."""
    if running.instance.status not in ("open", "returned"):
        return say("The approval has ended; there is nothing to withdraw.")
    decided = [
        task for task in running.tasks.values() if task.status in DECIDED and task.decided_by is not None
    ]
    if until == "first_decision" and decided:
        return say("Somebody has decided already, so it cannot be withdrawn any more.")
    return None


def cancel(running: Running, reason: str, kind: str = "cancelled") -> None:
    """Ends the instance by an administrator, or because the record went another way."""
    close(running)
    running.instance = replace(running.instance, status="cancelled", ended_at=running.now)
    running.note(kind, comment=reason)


def refuse_jump(running: Running, flow: Flow, target: str) -> Message | None:
    """Why an administrator cannot jump to a step."""
    if target not in flow.steps:
        return say("This approval has no step '{step}'.", step=target)
    reachable = {*flow.lists[()]}
    for state in running.active():
        reachable |= set(flow.siblings(state.name))
    if target not in reachable:
        return say(
            "'{step}' lies in a branch that is not active; jump to {known}.",
            step=flow.steps[target].label,
            known=tuple(name for name in flow.order if name in reachable),
        )
    return None


def jump(running: Running, flow: Flow, around: Surroundings, target: str, reason: str) -> None:
    """Goes on at another step: those before it are passed over, those after it begin again."""
    place = flow.inside[target]
    close(running, [each for each in running.active() if flow.within(each.name, place)])
    _forget(
        running,
        [
            each
            for each in running.steps.values()
            if flow.within(each.name, place) and not flow.before(each.name, target)
        ],
    )
    for name in flow.lists[place]:
        if flow.before(name, target) and running.current(name) is None:
            running.add_step(flow.steps[name], "skipped", detail={"because": "jump"})
    running.note("jumped", target, comment=reason, detail={"to": target})
    running.instance = replace(running.instance, status="open")
    advance(running, flow, around)


def reassign(
    running: Running, flow: Flow, around: Surroundings, task: Task, to: tuple[int, ...], reason: str
) -> None:
    """Gives a task to other people; an incident ends when somebody is asked."""
    step, state = flow.steps[task.step], running.steps[task.step_id]
    running.note("reassigned", task=task, comment=reason, detail={"to": list(to)})
    kind = {"incident": "answer" if hasattr(step, "form") else "decide"}.get(task.kind, task.kind)
    running.change_task(
        task,
        status="cancelled" if task.kind == "incident" else "transferred",
        decided_at=running.now,
        decided_by=running.actor,
        comment=reason,
    )
    seats = [each.seat for each in running.tasks_of(state)]
    for number, person in enumerate(to):
        seat = task.seat if number == 0 and task.kind != "incident" else max(seats, default=0) + 1 + number
        relation = task.relation if task.relation in ("before", "after", "delegated") else "transferred"
        given = running.add_task(
            state,
            kind,
            person,
            seat=seat,
            weight=task.weight if number == 0 else 1,
            origin=task.origin if task.relation in ("before", "after", "delegated") else task.id,
            relation=relation,
        )
        message = say("Please decide '{step}': {title}.", step=step.label, title=around.title())
        running.tell("task", [person], message, "task:{task}", given)
    advance(running, flow, around)
