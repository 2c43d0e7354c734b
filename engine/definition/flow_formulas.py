"""The formulas of a workflow: guards, values, conditions of steps, people, results, actions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.definition.action import Action, Create, Fire, Notify, Set, Update, action_formulas
from engine.definition.approval import (
    Approval,
    Approver,
    Ask,
    Choose,
    Collect,
    Copy,
    Overdue,
    Parallel,
    Step,
    Subflow,
)
from engine.definition.formula_use import Use
from engine.definition.model import Entity
from engine.definition.references import USER
from engine.formula.expression import Expression
from engine.formula.types import TEXT, Kind, Type, link
from engine.formula.world import Scope, World

ANSWERS = "answers"
"""What the records of a collection are called in its `result`."""


def uses_of_workflow(entity: Entity, world: World, scope: Scope) -> Iterator[Use]:
    """Every formula of an entity's workflow."""
    if entity.workflow is None:
        return
    for stage in entity.workflow.stages.values():
        yield from _of_overdue(stage.overdue, scope)
    written = replace(scope, changes=True)
    for transition in entity.workflow.transitions.values():
        if transition.when:
            yield Use(transition.when, written)
        yield from uses_of_values(transition.set, entity.key, world, written)
        for action in transition.do:
            yield from _of_action(action, entity, world, scope)
        if transition.approval:
            yield from _of_approval(transition.approval, entity, world, scope)


def uses_of_values(values: Mapping[str, Any], target: str, world: World, scope: Scope) -> Iterator[Use]:
    """Formulas that give values to fields of `target`; unknown fields have their own problem."""
    types = world.entities.get(target, {})
    for name, value in values.items():
        if isinstance(value, Expression) and name in types:
            yield Use(value, scope, None if _is_own_link(value, types[name], scope) else types[name])


def _is_own_link(value: Expression, expected: Type, scope: Scope) -> bool:
    """`=id` in a link to the record itself: the id is a number by itself."""
    return value.text == "id" and expected.kind is Kind.LINK and expected.entity == scope.entity


def _of_action(action: Action, entity: Entity, world: World, scope: Scope) -> Iterator[Use]:
    yield from (Use(each, scope, None) for each in action_formulas(action))
    match action:
        case Set():
            yield from uses_of_values(action.values, entity.key, world, scope)
        case Create():
            yield from uses_of_values(action.values, action.entity, world, scope)
        case Update():
            yield Use(action.record, scope, None)
            yield from (
                Use(each, scope, None) for each in action.values.values() if isinstance(each, Expression)
            )
        case Fire() if action.record:
            yield Use(action.record, scope, None)
        case Notify():
            yield from _of_people(action.to, scope)
        case _:
            pass


def _of_approval(approval: Approval, entity: Entity, world: World, scope: Scope) -> Iterator[Use]:
    if approval.needed_when:
        yield Use(approval.needed_when, scope)
    for step in approval.walk():
        if step.when:
            yield Use(step.when, scope)
        yield from _of_step(step, entity, world, scope)


def _of_step(step: Step, entity: Entity, world: World, scope: Scope) -> Iterator[Use]:
    match step:
        case Ask():
            yield from _of_people((*step.approvers, *step.decide.veto, *step.decide.tie), scope)
            yield from _of_people(step.if_empty.people, scope)
            yield from _of_overdue(step.overdue, scope)
        case Collect():
            yield from _of_people((*step.approvers, *step.if_empty.people), scope)
            yield from _of_overdue(step.overdue, scope)
            wider = with_answers(world, entity.key, step.form)
            for name, formula in step.result.items():
                expected = world.entities[entity.key].get(name)
                yield Use(formula, replace(scope, user=False), expected, wider)
        case Choose() | Parallel():
            yield from (Use(branch.when, scope) for branch in step.branches if branch.when)
        case Copy():
            yield from _of_people(step.to, scope)
        case Subflow():
            yield from _of_people(step.if_empty.people, scope)


def with_answers(world: World, entity: str, form: str) -> World:
    """A world in which the records of `entity` also have `answers`, records of `form`."""
    answers = Type(Kind.SET, element=link(form))
    fields = {**world.entities[entity], ANSWERS: answers}
    return replace(world, entities={**world.entities, entity: fields})


def _of_overdue(overdue: Overdue | None, scope: Scope) -> Iterator[Use]:
    if overdue:
        yield from _of_people((*overdue.remind, *overdue.escalate), scope)


def _of_people(approvers: tuple[Approver, ...], scope: Scope) -> Iterator[Use]:
    for approver in approvers:
        if approver.formula:
            yield Use(approver.formula, scope, TEXT if approver.kind == "names" else link(USER))
