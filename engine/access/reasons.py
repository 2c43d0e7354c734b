"""Why somebody may do something or not: Decisions that name their rule, or what is missing.

What is allowed is asked of the same conditions that reading and writing use; this only adds the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, true

from engine.access.called import called
from engine.access.field_policy import field_conditions, field_principals, field_right, masked
from engine.access.policy import (
    ACTIONS,
    Decision,
    concerns,
    may,
    principals_condition,
    refusal,
    row_condition,
)
from engine.access.rights import rights_on
from engine.access.scopes import scope_refusal
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.model import Rule
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.formula.expression import Expression
from engine.problems import NotFound
from engine.row_sources import RowSources
from engine.text import Message, Text, say
from engine.transaction import Transaction

ON_A_RECORD = ("read", "update", "delete", "export")
AS_OWNER = {"create": "update", "delete": "update"}
"""Which right on the owner gives one on its child rows, where that is another one."""

Named = tuple[str, str]
"""A field and read or update."""


@dataclass(frozen=True, slots=True)
class FieldReasons:
    """Why one field may be read and set, or not."""

    name: str
    label: Text
    read: Decision
    update: Decision


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why each action is allowed or not, and each field; of an entity or of one record."""

    actions: Mapping[str, Decision]
    fields: tuple[FieldReasons, ...]


def reasons_in_general(transaction: Transaction, entity: CompiledEntity) -> Reasons:
    """What the actor may do with at least some records of the entity."""
    actions = {action: _in_general(transaction, action, entity) for action in ACTIONS}
    change = actions["update"] if actions["update"].allowed else actions["create"]
    given = {
        (name, action)
        for name in entity.fields
        for action in ("read", "update")
        if field_right(transaction, entity, name, action) is not False
    }
    return Reasons(actions, _fields(transaction, entity, actions["read"], change, given))


def reasons_on(transaction: Transaction, entity: CompiledEntity, identity: int) -> Reasons:
    """What the actor may do with one record; NotFound also when it may not be seen."""
    seen = {"": row_condition(transaction, "read", entity)}
    if not 0 < identity <= LARGEST_ID or not _met(transaction, entity, identity, seen):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    actions = {action: _on_record(transaction, action, entity, identity) for action in ON_A_RECORD}
    if actions["update"].allowed and not rights_on(transaction, entity, identity).in_stage:
        actions["update"] = Decision(False, _stage_refusal(transaction, entity, identity))
    depending = {
        (name, action): condition
        for action in ("read", "update")
        for name, condition in field_conditions(transaction, action, entity, entity.table).items()
    }
    given = _met(transaction, entity, identity, depending) | {
        (name, action)
        for name in entity.fields
        for action in ("read", "update")
        if field_right(transaction, entity, name, action)
    }
    return Reasons(actions, _fields(transaction, entity, actions["read"], actions["update"], given))


def _met(
    transaction: Transaction,
    entity: CompiledEntity,
    identity: int,
    conditions: Mapping[Any, ColumnElement[bool]],
) -> set[Any]:
    """The keys of those conditions that hold for a record."""
    if not conditions:
        return set()
    columns = [condition.label(f"met_{number}") for number, condition in enumerate(conditions.values())]
    row = transaction.connection.execute(
        select(*columns).where(entity.table.c.id == identity), moment_parameters(transaction.moment)
    ).first()
    return {key for key, holds in zip(conditions, row or (), strict=bool(row)) if holds}


def _in_general(transaction: Transaction, action: str, entity: CompiledEntity) -> Decision:
    if transaction.actor.administrator or scope_refusal(transaction, action, entity):
        return may(transaction, action, entity)
    owner = _owner(transaction, entity)
    if owner is not None:
        return _following(owner, _in_general(transaction, AS_OWNER.get(action, action), owner))
    own = [rule for rule in _giving(entity, action) if concerns(transaction, rule.principal) is not False]
    always = [rule for rule in own if _always(transaction, rule, action)]
    if own:
        return Decision(True, _grant(transaction, entity, (always or own)[0], action))
    return Decision(False, _refusal(transaction, entity, action))


def _on_record(transaction: Transaction, action: str, entity: CompiledEntity, identity: int) -> Decision:
    if transaction.actor.administrator or scope_refusal(transaction, action, entity):
        return may(transaction, action, entity)
    owner = _owner(transaction, entity)
    if owner is not None:
        link = entity.table.c[entity.parent_link or ""]
        above = transaction.connection.execute(select(link).where(entity.table.c.id == identity)).scalar_one()
        return _following(owner, _on_record(transaction, AS_OWNER.get(action, action), owner, above))
    own = {
        number: (rule, _condition(transaction, entity, rule, action))
        for number, rule in enumerate(_giving(entity, action))
        if concerns(transaction, rule.principal) is not False
    }
    met = _met(transaction, entity, identity, {number: condition for number, (_, condition) in own.items()})
    for number, (rule, _) in own.items():
        if number in met:
            return Decision(True, _grant(transaction, entity, rule, action))
    whole = {"": row_condition(transaction, action, entity)}
    if action == "read" and _met(transaction, entity, identity, whole):
        return Decision(True, say("You were asked for a decision about it, or got a copy."))
    return Decision(False, _refusal(transaction, entity, action))


def _owner(transaction: Transaction, entity: CompiledEntity) -> CompiledEntity | None:
    """The entity whose rules hold for child rows that have none of their own."""
    owner = entity.definition.ruled_by
    return transaction.catalog.entity(owner) if owner else None


def _following(owner: CompiledEntity, decision: Decision) -> Decision:
    follows = say("It follows the rules of {entity}.", entity=owner.definition.label)
    return Decision(decision.allowed, say("{first} {second}", first=follows, second=decision.reason))


def _giving(entity: CompiledEntity, action: str) -> list[Rule]:
    """The rules, of whomever, that give an action on at least some records."""
    return [rule for rule in entity.definition.access.rules if getattr(rule, action) is not False]


def _always(transaction: Transaction, rule: Rule, action: str) -> bool:
    return getattr(rule, action) is True and concerns(transaction, rule.principal) is True


def _condition(
    transaction: Transaction, entity: CompiledEntity, rule: Rule, action: str
) -> ColumnElement[bool]:
    given, catalog = getattr(rule, action), transaction.catalog
    met: ColumnElement[bool] = true()
    if isinstance(given, Expression):
        met = RowSources(catalog).holds(catalog.formula(given), entity.table)
    return met & principals_condition(transaction, [rule.principal], entity, entity.table)


def _grant(transaction: Transaction, entity: CompiledEntity, rule: Rule, action: str) -> Message:
    given = getattr(rule, action)
    principals = called(transaction, entity, [rule.principal])
    if isinstance(given, Expression):
        return say(
            "The rule for {principals} allows it where {condition}.",
            principals=principals,
            condition=given.text,
        )
    return say("The rule for {principals} allows it.", principals=principals)


def _refusal(transaction: Transaction, entity: CompiledEntity, action: str) -> Message:
    """The sentence of a refusal, with the condition that is not met, and who else could."""
    said = refusal(transaction, action, entity)
    others = []
    for rule in _giving(entity, action):
        given = getattr(rule, action)
        if concerns(transaction, rule.principal) and isinstance(given, Expression):
            principals = called(transaction, entity, [rule.principal])
            sentence = say(
                "The rule for {principals} allows it only where {condition}.",
                principals=principals,
                condition=given.text,
            )
            said = say("{first} {second}", first=said, second=sentence)
        elif not concerns(transaction, rule.principal):
            others.append(rule.principal)
    if not others:
        return said
    allowing = say("Rules for others allow it: {principals}.", principals=called(transaction, entity, others))
    return say("{first} {second}", first=said, second=allowing)


def _stage_refusal(transaction: Transaction, entity: CompiledEntity, identity: int) -> Message:
    workflow, label = entity.definition.workflow, entity.definition.label
    if workflow is None:
        return say("What this {entity} belongs to cannot be edited at present.", entity=label)
    stored = select(entity.table.c.stage).where(entity.table.c.id == identity)
    stage = workflow.stages[transaction.connection.execute(stored).scalar_one()]
    said = say(
        "In the stage {stage} you cannot edit this {entity}.",
        stage=stage.label,
        entity=entity.definition.label,
    )
    if not stage.edit:
        closed = say("Nobody edits it there; it has to move to another stage first.")
        return say("{first} {second}", first=said, second=closed)
    principals = called(transaction, entity, stage.edit)
    return say(
        "{first} {second}",
        first=said,
        second=say("There it is for {principals} only.", principals=principals),
    )


def _fields(
    transaction: Transaction, entity: CompiledEntity, read: Decision, update: Decision, given: set[Named]
) -> tuple[FieldReasons, ...]:
    """Every field of the definition; `given` are those whose own rule allows reading or setting them."""
    return tuple(
        FieldReasons(
            each.name,
            each.definition.label,
            _of_field(transaction, entity, each, "read", read, given),
            _locked(each) or _of_field(transaction, entity, each, "update", update, given),
        )
        for each in entity.fields.values()
        if not each.definition.system
    )


def _locked(each: CompiledField) -> Decision | None:
    """The refusal for a field that nobody sets."""
    if each.computed:
        return Decision(False, say("{field} is computed and cannot be set.", field=each.definition.label))
    if each.definition.read_only:
        return Decision(False, say("{field} cannot be changed.", field=each.definition.label))
    return None


def _of_field(
    transaction: Transaction,
    entity: CompiledEntity,
    each: CompiledField,
    action: str,
    whole: Decision,
    given: set[Named],
) -> Decision:
    """A field follows the record; a rule of its own may narrow that."""
    rule = entity.definition.access.fields.get(each.name)
    principals = field_principals(rule, action) if rule else None
    if whole.allowed and action == "read" and each.name in masked(transaction, entity):
        if (each.name, action) in given:
            return Decision(True, say("It is personal, and for you here."))
        sentence = "It is personal: you see it when you ask for it, which is written into the audit."
        return Decision(False, say(sentence))
    if transaction.actor.administrator or principals is None or not whole.allowed:
        return whole
    named = called(transaction, entity, principals)
    if (each.name, action) in given:
        return Decision(True, say("The field's own rule: it is for {principals}.", principals=named))
    return Decision(False, say("The field is for {principals} only.", principals=named))
