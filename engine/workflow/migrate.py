"""Moving running approvals to the current release (rule 13): active steps need steps of the same kind."""

from collections.abc import Mapping
from dataclasses import replace

from engine.definition.approval import way
from engine.problems import NotPossible
from engine.text import Message, say
from engine.workflow.flow import Flow
from engine.workflow.gate import Gate
from engine.workflow.releases import flow_of
from engine.workflow.running import Running
from engine.workflow.state import StepState


def migrate(gate: Gate, mapping: Mapping[str, str]) -> None:
    """Moves an instance to the current release; `mapping` says what steps are called there, else as before.

    Votes, people and remaining time stay. Raises NotPossible with what does not fit; then nothing is changed.
    """
    transaction = gate.work.transaction
    running, release = gate.running, transaction.catalog.release
    target = flow_of(transaction.catalog, gate.entity.key, gate.instance.transition)
    if target is None:
        raise NotPossible(
            say("In the current release '{transition}' has no approval.", transition=gate.flow.label)
        )
    refused = _misfit(gate, target, mapping)
    if refused is not None:
        raise NotPossible(refused)
    before = running.instance.release
    _rename(running, target, mapping)
    _pass_what_is_new(running, target)
    running.instance = replace(running.instance, release=release)
    detail = {"from": before, "to": release, "mapping": dict(mapping)}
    running.note("migrated", detail=detail)
    gate.flow, gate.catalog = target, transaction.catalog


def _misfit(gate: Gate, target: Flow, mapping: Mapping[str, str]) -> Message | None:
    for old, new in mapping.items():
        if old not in gate.flow.steps:
            return say("The approval has no step '{step}' to move.", step=old)
        if new not in target.steps:
            return say("The current release has no step '{step}' to move to.", step=new)
    for state in gate.running.active():
        old_step, new_step = (
            gate.flow.steps.get(state.name),
            target.steps.get(mapping.get(state.name, state.name)),
        )
        if old_step is None or new_step is None:
            return say(
                "The step '{step}' is active and needs a step of the current release.", step=state.name
            )
        if type(old_step) is not type(new_step) or way(old_step) != way(new_step):
            return say(
                "'{old}' is active and cannot become '{new}': that is another kind of step.",
                old=state.name,
                new=new_step.name,
            )
        if _containers(gate.flow, state, mapping) != [name for name, _ in target.inside[new_step.name]]:
            return say("'{old}' is active and lies in another branch now.", old=state.name)
    return None


def _containers(flow: Flow, state: StepState, mapping: Mapping[str, str]) -> list[str]:
    return [mapping.get(name, name) for name, _ in flow.inside[state.name]]


def _rename(running: Running, target: Flow, mapping: Mapping[str, str]) -> None:
    """Steps have their new names; what was decided in steps that are gone stays as history."""
    for state in list(running.steps.values()):
        name = mapping.get(state.name, state.name)
        counts = state.counts and name in target.steps
        running.steps[state.id] = replace(state, name=name, counts=counts)
    for task in list(running.tasks.values()):
        name = mapping.get(task.step, task.step)
        if name != task.step:
            running.tasks[task.id] = replace(task, step=name)


def _pass_what_is_new(running: Running, target: Flow) -> None:
    """Steps of the new release that lie before an active one are passed over: their turn is gone."""
    for state in running.active():
        for name in target.siblings(state.name):
            if target.before(name, state.name) and running.current(name) is None:
                running.add_step(target.steps[name], "skipped", detail={"because": "migrated"})
