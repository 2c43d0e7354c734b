"""What actions write: values that the fields of their entities take, and links that lead to records."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.definition.action import Action, Create, Fire, Update
from engine.definition.model import Entity
from engine.fields.field_type import ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.formula.types import Kind
from engine.problems import Place, Problem, unknown
from engine.text import say

Formulas = Mapping[Expression, Formula]


def check_actions(entity: Entity, entities: Mapping[str, Entity], formulas: Formulas) -> Iterator[Problem]:
    """The problems of all actions of an entity's transitions that need other entities to be seen."""
    transitions = entity.workflow.transitions.values() if entity.workflow else ()
    for transition in transitions:
        for action in transition.do:
            yield from _check(action, entities, formulas)


def _check(action: Action, entities: Mapping[str, Entity], formulas: Formulas) -> Iterator[Problem]:
    match action:
        case Create():
            target = entities.get(action.entity)
            if target:
                yield from _values(target, action.values, action.places)
        case Update():
            target, problem = _led_to(action.record, entities, formulas)
            yield from [problem] if problem else []
            if target:
                yield from _fields(target, action.values, action.places)
                yield from _values(target, action.values, action.places)
        case Fire() if action.record:
            target, problem = _led_to(action.record, entities, formulas)
            yield from [problem] if problem else []
            known = target.workflow.transitions if target and target.workflow else {}
            if target and action.name not in known:
                sentence = say("{entity} has no transition '{name}'.", entity=target.key, name=action.name)
                yield Problem(action.place, unknown(sentence, action.name, known))
        case _:
            pass


def _led_to(
    record: Expression, entities: Mapping[str, Entity], formulas: Formulas
) -> tuple[Entity | None, Problem | None]:
    """The entity of the record that a formula gives; a problem when it gives none."""
    formula = formulas.get(record)
    if formula is None:
        return None, None
    if formula.type.kind is Kind.LINK and formula.type.entity in entities:
        return entities[str(formula.type.entity)], None
    message = say("'{formula}' does not lead to a record; name a link.", formula=record.text)
    return None, Problem(record.place, message)


def _fields(target: Entity, values: Mapping[str, Any], places: Mapping[str, Place]) -> Iterator[Problem]:
    for name in values:
        field = target.fields.get(name)
        if field is None or field.retired:
            sentence = say("{entity} has no field '{name}'.", entity=target.key, name=name)
            yield Problem(places[name], unknown(sentence, name, target.fields))
        elif field.formula:
            yield Problem(places[name], say("'{name}' is computed and cannot be set.", name=name))


def _values(target: Entity, values: Mapping[str, Any], places: Mapping[str, Place]) -> Iterator[Problem]:
    """Plain values that their fields refuse."""
    for name, value in values.items():
        field = target.fields.get(name)
        if field is None or isinstance(value, Expression):
            continue
        try:
            FIELD_TYPES[field.type].accept(field.options, value)
        except ValueRefused as refused:
            yield Problem(places[name], refused.message)
