"""Writing records: the other of the only two doors to rows. Page, API and import all come here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, true

from engine.access.policy import may, record_dependent, refusal, rights_key, row_condition, writable
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.problems import NotAllowed
from engine.records.accept import gate_for
from engine.records.change import (
    change_record,
    delete_record,
    insert_record,
    update_record,
)
from engine.records.compute import Values
from engine.records.lock import Held, hold
from engine.schema.prepared import Prepared
from engine.text import say
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
        _check_rule(transaction, "create", entity, identity)
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
        raise NotAllowed(refusal("update", entity))
    if not held.rights.in_stage:
        stage = entity.definition.workflow.stages[held.stage or ""] if entity.definition.workflow else None
        raise NotAllowed(
            say(
                "In the stage {stage} you cannot edit this {entity}.",
                stage=stage.label if stage else "",
                entity=entity.definition.label,
            )
        )
    update_record(transaction, entity, held, values, gate_for(held.rights.fields))


def delete(transaction: Transaction, key: str, identity: int, revision: int | None = None) -> None:
    """Deletes a record with its child rows; refused while other records refer to it."""
    entity = transaction.catalog.entity(key)
    held = hold(transaction, entity, identity, revision)
    if not held.rights.delete:
        raise NotAllowed(refusal("delete", entity))
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


def answer(transaction: Transaction, key: str, values: Mapping[str, Any], about: Mapping[str, int]) -> int:
    """Writes a record that somebody was asked for; `about` holds the link to what it answers.

    Being asked is the right to answer, so that rules are not needed for it.
    """
    entity = transaction.catalog.entity(key)
    allowed = {name for name, each in entity.fields.items() if not each.definition.system}
    return insert_record(transaction, entity, {**values, **about}, gate_for(allowed, about))


def amend(transaction: Transaction, entity: CompiledEntity, held: Held, values: Values) -> None:
    """Writes accepted values into a held record: the door of what a definition does, whatever the stage."""
    change_record(transaction, entity, held, values, [], "updated", {})


def _check_rule(transaction: Transaction, action: str, entity: CompiledEntity, identity: int) -> None:
    """Refuses a record that its creator could not create by any rule about its values."""
    rule = row_condition(transaction, action, entity)
    if rule is true():
        return

    def make() -> Prepared:
        statement = select(entity.table.c.id).where(entity.table.c.id == bindparam("identity"), rule)
        return Prepared(statement, transaction.connection.dialect)

    check = transaction.catalog.once(("rule", action, entity.key, rights_key(transaction)), make)
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    if not check.rows(transaction.connection, parameters):
        raise NotAllowed(
            say("No rule lets you create this {entity} with these values.", entity=entity.definition.label)
        )


def _owner_link(entity: CompiledEntity) -> frozenset[str]:
    """For child rows that are written on their own: the field that names their owner."""
    return frozenset({entity.parent_link}) if entity.parent_link else frozenset()
