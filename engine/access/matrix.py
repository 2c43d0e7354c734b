"""Who may do what with which entity: the rules of the definitions, for everybody or for one person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.access.called import called
from engine.access.field_policy import field_principals
from engine.access.policy import ACTIONS, Decision, concerns
from engine.access.reasons import reasons_in_general
from engine.catalog import CompiledEntity
from engine.formula.expression import Expression
from engine.problems import NotAllowed
from engine.text import Message, Text, say
from engine.transaction import Actor, Transaction

Called = Text | Message | str


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: whom it concerns, and action → True, False or the condition as it is written."""

    who: Called
    actions: Mapping[str, bool | str]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that is more closed than its record; None: as the record."""

    label: Text
    read: tuple[Called, ...] | None
    update: tuple[Called, ...] | None


@dataclass(frozen=True, slots=True)
class StageLine:
    """Who edits records in a stage; None: whoever may change them."""

    label: Text
    edit: tuple[Called, ...] | None


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A transition: from where to where, by whom, and on which condition."""

    label: Text
    sources: tuple[Text, ...]
    to: Text
    by: tuple[Called, ...]
    when: str
    approval: bool


@dataclass(frozen=True, slots=True)
class EntityRights:
    """Everything that decides about the records of an entity.

    `owner` is the entity whose rules hold instead, for child rows without rules of their own. `summary` tells
    for one person, action by action, what the rules come to; None for everybody.
    """

    entity: CompiledEntity
    owner: Text | None
    rules: tuple[Line, ...]
    fields: tuple[FieldLine, ...]
    stages: tuple[StageLine, ...]
    moves: tuple[MoveLine, ...]
    summary: Mapping[str, Decision] | None


def matrix(transaction: Transaction, person: Actor | None = None) -> list[EntityRights]:
    """The rights on every entity; with a person only what concerns them. Raises NotAllowed."""
    if not transaction.actor.administrator:
        raise NotAllowed(say("The rights of everybody are for administrators only."))
    asking = replace(transaction, actor=person) if person else transaction
    return [_of(asking, entity, person) for entity in transaction.catalog.entities.values()]


def _of(asking: Transaction, entity: CompiledEntity, person: Actor | None) -> EntityRights:
    definition = entity.definition
    owner = asking.catalog.entity(definition.ruled_by) if definition.ruled_by else None
    rules = [
        Line(
            called(asking, entity, [rule.principal])[0],
            {action: _given(getattr(rule, action)) for action in ACTIONS},
        )
        for rule in definition.access.rules
        if person is None or concerns(asking, rule.principal) is not False
    ]
    fields = [
        FieldLine(
            entity.fields[name].definition.label,
            _names(asking, entity, field_principals(rule, "read")),
            _names(asking, entity, field_principals(rule, "update")),
        )
        for name, rule in definition.access.fields.items()
        if name in entity.fields
    ]
    summary = reasons_in_general(asking, entity).actions if person else None
    return EntityRights(
        entity,
        owner.definition.label if owner else None,
        tuple(rules),
        tuple(fields),
        tuple(_stages(asking, entity)),
        tuple(_moves(asking, entity)),
        summary,
    )


def _given(value: Any) -> bool | str:
    return value.text if isinstance(value, Expression) else bool(value)


def _names(
    asking: Transaction, entity: CompiledEntity, principals: tuple[str, ...] | None
) -> tuple[Called, ...] | None:
    return None if principals is None else called(asking, entity, principals)


def _stages(asking: Transaction, entity: CompiledEntity) -> list[StageLine]:
    workflow = entity.definition.workflow
    if workflow is None:
        return []
    return [StageLine(each.label, _names(asking, entity, each.edit)) for each in workflow.stages.values()]


def _moves(asking: Transaction, entity: CompiledEntity) -> list[MoveLine]:
    workflow = entity.definition.workflow
    if workflow is None:
        return []
    return [
        MoveLine(
            each.label,
            tuple(workflow.stages[name].label for name in each.sources),
            workflow.stages[each.to].label,
            called(asking, entity, each.by),
            each.when.text if each.when else "",
            each.approval is not None,
        )
        for each in workflow.transitions.values()
    ]
