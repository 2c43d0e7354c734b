"""The machine: definition + state + event → what happens.

It is pure: whatever it needs to know it asks `Surroundings`. After each event the flow is walked from its
beginning: what is passed is passed over, what is active is looked at, and the first step without a state
begins. So a step that was returned or jumped over needs no rule of its own: its state no longer
counts, and the walk begins it again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.definition.approval import Ask, Branch, Choose, Collect, Copy, Parallel, Step, Subflow
from engine.text import Message, Text, say
from engine.workflow import asking
from engine.workflow.flow import Flow
from engine.workflow.running import Running
from engine.workflow.state import StepState
from engine.workflow.surroundings import Surroundings

Look = Callable[[Running, Flow, Surroundings, Any, StepState], str | None]
ENDED = {"approved": "approved", "skipped": "approved", "rejected": "rejected"}


def advance(running: Running, flow: Flow, around: Surroundings) -> None:
    """Goes as far as it can: until somebody is asked, or the instance is approved or rejected."""
    outcome = _walk(running, flow, around, flow.approval.steps)
    if outcome is not None:
        finish(running, outcome)


def finish(running: Running, status: str) -> None:
    """Ends the instance: everything that is still open is cancelled."""
    close(running)
    running.instance = replace(running.instance, status=status, ended_at=running.now)
    running.note(status if status in ("withdrawn", "cancelled") else f"flow_{status}")


def close(running: Running, steps: Sequence[StepState] | None = None) -> None:
    """Cancels active steps, all of them or these, with their tasks; they do not count any more."""
    for step in running.active() if steps is None else steps:
        running.cancel(running.tasks_of(step))
        running.change_step(step, status="cancelled", counts=False)
    if steps is None:
        running.cancel(running.undecided())


def _walk(running: Running, flow: Flow, around: Surroundings, steps: Sequence[Step]) -> str | None:
    """approved, rejected, or None while somebody is waited for."""
    for step in steps:
        outcome = _step(running, flow, around, step)
        if outcome != "approved":
            return outcome
    return "approved"


def _step(running: Running, flow: Flow, around: Surroundings, step: Step) -> str | None:
    state = running.current(step.name)
    if state is None:
        if step.when is not None and not around.holds(step.when):
            running.add_step(step, "skipped", detail={"because": "when"})
            running.note("skipped", step.name)
            return "approved"
        state = running.add_step(step, "active")
        BEGIN[type(step)](running, flow, around, step, state)
        state = running.steps[state.id]
    if state.status == "active":
        outcome = LOOK[type(step)](running, flow, around, step, state)
        state = running.steps[state.id]
        if outcome is not None and state.status == "active":
            end_step(running, step, state, outcome)
        return outcome
    return ENDED[state.status]


def end_step(running: Running, step: Step, state: StepState, outcome: str) -> None:
    """Ends an active step; whoever has not answered need not any more."""
    running.cancel(running.tasks_of(state))
    running.change_step(state, status=outcome)
    if not isinstance(step, (Choose, Parallel, Copy)):
        running.note(f"step_{outcome}", step.name)


def _begin_choose(running: Running, _: Flow, around: Surroundings, step: Choose, state: StepState) -> None:
    taken = next((each for each in step.branches if each.when is None or around.holds(each.when)), None)
    if taken is None:
        asking.incident(running, state, say("No branch of '{step}' applies.", step=step.label))
        return
    running.change_step(state, detail={"branch": taken.name})
    running.note("branch_chosen", step.name, detail={"branch": taken.name})


def _look_choose(
    running: Running, flow: Flow, around: Surroundings, step: Choose, state: StepState
) -> str | None:
    taken = [each for each in step.branches if each.name == state.detail.get("branch")]
    return _walk(running, flow, around, taken[0].steps) if taken else None


def _begin_parallel(
    running: Running, _: Flow, around: Surroundings, step: Parallel, state: StepState
) -> None:
    applying = [each.name for each in step.branches if each.when is None or around.holds(each.when)]
    running.change_step(state, detail={"branches": applying})


def _look_parallel(
    running: Running, flow: Flow, around: Surroundings, step: Parallel, state: StepState
) -> str | None:
    outcomes: list[str | None] = []
    for branch in step.branches:
        if branch.name in state.detail["branches"]:
            outcome = _walk(running, flow, around, branch.steps)
            if outcome == "rejected" and not step.waits:
                _stop_others(running, flow, step, branch)
                return "rejected"
            outcomes.append(outcome)
    if None in outcomes:
        return None
    return "rejected" if "rejected" in outcomes else "approved"


def _stop_others(running: Running, flow: Flow, step: Parallel, rejected: Branch) -> None:
    place = (*flow.inside[step.name], (step.name, rejected.name))
    others = [
        each
        for each in running.active()
        if flow.within(each.name, (*flow.inside[step.name],))
        and any(container == step.name for container, _ in flow.inside[each.name])
        and not flow.within(each.name, place)
    ]
    for each in others:
        running.note("step_cancelled", each.name)
    close(running, others)


def _begin_copy(running: Running, _: Flow, around: Surroundings, step: Copy, state: StepState) -> None:
    people = around.everyone(step.to)
    asking.copy_to(running, around, state, people)
    running.note("copied", step.name, detail={"to": list(people)})


def _pass(_: Running, __: Flow, ___: Surroundings, ____: Step, _____: StepState) -> str | None:
    return "approved"


def _begin_subflow(running: Running, _: Flow, around: Surroundings, step: Subflow, state: StepState) -> None:
    running.note("step_started", step.name)
    outcome = around.begin_subflow(step)
    if isinstance(outcome, (Message, Text)):
        asking.incident(running, state, outcome)
    else:
        running.change_step(state, detail={"outcome": outcome})


def _look_subflow(running: Running, _: Flow, __: Surroundings, step: Subflow, state: StepState) -> str | None:
    outcome = str(state.detail.get("outcome", "waiting"))
    if outcome == "skipped":
        running.change_step(state, status="skipped")
    return {"approved": "approved", "skipped": "approved", "rejected": "rejected"}.get(outcome)


BEGIN: Mapping[type[Step], Callable[..., None]] = {
    Ask: asking.begin_ask,
    Collect: asking.begin_collect,
    Choose: _begin_choose,
    Parallel: _begin_parallel,
    Copy: _begin_copy,
    Subflow: _begin_subflow,
}
LOOK: Mapping[type[Step], Look] = {
    Ask: asking.look_ask,
    Collect: asking.look_collect,
    Choose: _look_choose,
    Parallel: _look_parallel,
    Copy: _pass,
    Subflow: _look_subflow,
}
