"""Writing records: the other of the only two doors to rows. Page, API and import all come here."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.access.field_policy import record_dependent, writable
from engine.access.policy import may, refusal
from engine.catalog import CompiledEntity
from engine.problems import NotAllowed
from engine.records.accept import accept_values, gate_for
from engine.records.change import (
    MOVED_BACK,
    change_record,
    delete_record,
    insert_record,
    update_record,
)
from engine.records.compute import Values
from engine.records.lock import Held, hold
from engine.records.row_rights import check_owner, check_rule
from engine.text import Message, say
from engine.transaction import Transaction


def create(transaction: Transaction, key: str, values: Mapping[str, Any]) -> int:
    """Writes a new record with its child rows and gives its id.

    Raises NotAllowed, or InputRefused with every problem, in which case nothing was written.
    """
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "create", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    gate = gate_for(writable(transaction, entity) | record_dependent(entity), _owner_link(entity))
    identity = insert_record(transaction, entity, values, gate)
    if not transaction.actor.administrator:
        check_rule(transaction, "create", entity, identity)
    check_owner(transaction, entity, identity)
    return identity


def update(
    transaction: Transaction,
    key: str,
    identity: int,
    values: Mapping[str, Any],
    revision: int | None = None,
) -> None:
    """Changes the given fields; child rows that are given replace those that are there.

    Raises NotFound, NotAllowed, Stale, or InputRefused with every problem.
    """
    entity = transaction.catalog.entity(key)
    held = hold(transaction, entity, identity, revision)
    if not held.rights.update:
        raise NotAllowed(refusal(transaction, "update", entity))
    if not held.rights.in_stage:
        raise NotAllowed(_closed(entity, held))
    update_record(transaction, entity, held, values, gate_for(held.rights.fields))


def delete(transaction: Transaction, key: str, identity: int, revision: int | None = None) -> None:
    """Deletes a record with its child rows; refused while other records refer to it."""
    entity = transaction.catalog.entity(key)
    held = hold(transaction, entity, identity, revision)
    if not held.rights.delete:
        raise NotAllowed(refusal(transaction, "delete", entity))
    if entity.parent_link and not held.rights.in_stage:
        raise NotAllowed(_closed(entity, held))
    delete_record(transaction, entity, held.values)


def move(
    transaction: Transaction,
    entity: CompiledEntity,
    held: Held,
    to: str,
    values: Values,
    about: Mapping[str, str],
) -> None:
    """Changes the stage of a held record: the door that only transitions use.

    `values` are accepted already: those the person filled on the way and those the definition sets.
    """
    change_record(transaction, entity, held, {**values, "stage": to}, [], "transition", about)


def move_back(
    transaction: Transaction,
    entity: CompiledEntity,
    held: Held,
    to: str,
    values: Mapping[str, Any],
    about: Mapping[str, str],
) -> None:
    """Puts a held record back to the stage that it left, with what it held: the door of undoing moves."""
    accepted, problems = accept_values(entity, values, lambda _each: None)
    change_record(transaction, entity, held, {**accepted, "stage": to}, problems, MOVED_BACK, about)


def answer(transaction: Transaction, key: str, values: Mapping[str, Any], about: Mapping[str, int]) -> int:
    """Writes a record that somebody was asked for; `about` holds the link to what it answers.

    Being asked is the right to answer, so that rules are not needed for it.
    """
    entity = transaction.catalog.entity(key)
    allowed = {name for name, each in entity.fields.items() if not each.definition.system}
    return insert_record(transaction, entity, {**values, **about}, gate_for(allowed, about))


def receive(
    transaction: Transaction, entity: CompiledEntity, fields: Iterable[str], values: Values, given: Values
) -> int:
    """Writes what somebody without any rights sent through a public form; raises InputRefused.

    The definition gives the right, for its `fields` alone: `values` may hold no other, and `given` is what
    the definition writes beside them.
    """
    return insert_record(transaction, entity, {**values, **given}, gate_for(fields, given))


def amend(transaction: Transaction, entity: CompiledEntity, held: Held, values: Values) -> None:
    """Writes accepted values into a held record: the door of what a definition does, whatever the stage."""
    change_record(transaction, entity, held, values, [], "updated", {})


def _closed(entity: CompiledEntity, held: Held) -> Message:
    """Why the stage of a record, or of its owner, does not let the actor edit it."""
    workflow, label = entity.definition.workflow, entity.definition.label
    if workflow is None:
        return say("What this {entity} belongs to cannot be edited at present.", entity=label)
    stage = workflow.stages[held.stage or ""].label
    return say("In the stage {stage} you cannot edit this {entity}.", stage=stage, entity=label)


def _owner_link(entity: CompiledEntity) -> frozenset[str]:
    """For child rows that are written on their own: the field that names their owner."""
    return frozenset({entity.parent_link}) if entity.parent_link else frozenset()
