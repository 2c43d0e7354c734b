"""What an unsaved record would be: computed fields, what is shown and required, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.field_policy import readable
from engine.access.policy import may
from engine.access.rights import rights_on, rights_on_new
from engine.catalog import CompiledEntity
from engine.problems import NotAllowed, Problem
from engine.records.accept import accept_values, gate_for
from engine.records.child_rows import with_row_values
from engine.records.compute import (
    Values,
    add_defaults,
    add_live_formulas,
    add_stored_formulas,
    bare,
    conditions,
)
from engine.records.read import get
from engine.records.validate import check_problems, link_problems, required_problems
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Preview:
    """`values` holds given, default and computed values; `hidden`, `required`, `read_only` name fields."""

    values: Values
    problems: list[Problem]
    hidden: frozenset[str]
    required: frozenset[str]
    read_only: frozenset[str]


def preview(
    transaction: Transaction, key: str, values: Mapping[str, Any], identity: int | None = None
) -> Preview:
    """Computes and checks without writing; `identity` names the saved record that the values change.

    Values that a person may not set are problems, as when they were written.
    """
    entity = transaction.catalog.entity(key)
    saved = _saved(transaction, entity, identity)
    decision = may(transaction, "create", entity)
    if identity is None and not decision.allowed:
        raise NotAllowed(decision.reason)
    rights = rights_on_new(transaction, entity)
    if identity is not None:
        rights = rights_on(transaction, entity, identity)
    accepted, problems = accept_values(entity, values, gate_for(rights.writable))
    accepted, row_problems = with_row_values(transaction, entity, accepted, identity)
    unreachable = link_problems(transaction, entity, accepted, accepted.keys())
    problems += unreachable
    # What lies behind a link that may not be followed is not computed with.
    whole = {**saved, **accepted, **{str(each.where): None for each in unreachable}}
    if identity is None:
        whole |= {"created_at": transaction.now, "created_by": transaction.actor.id}
        if entity.definition.workflow:
            whole["stage"] = entity.definition.workflow.initial.name
        add_defaults(transaction, entity, whole)
    for name in entity.fields:
        whole.setdefault(name, None)
    add_stored_formulas(transaction, entity, whole)
    add_live_formulas(transaction, entity, whole)
    broken = {str(problem.where) for problem in problems}
    problems += row_problems
    problems += [
        each for each in required_problems(transaction, entity, whole, saved) if str(each.where) not in broken
    ]
    problems += [] if broken else check_problems(transaction, entity, whole, saved)
    held = conditions(transaction, entity, ("show_when", "required_when", "read_only_when"), whole, saved)
    fields = entity.fields.items()
    return Preview(
        values={name: value for name, value in whole.items() if name in readable(transaction, entity)},
        problems=problems,
        hidden=frozenset(
            name for name, each in fields if name not in held["show_when"] or each.definition.hidden
        ),
        required=held["required_when"] | {name for name, each in fields if each.definition.required},
        read_only=held["read_only_when"] | {name for name, each in fields if each.definition.read_only},
    )


def _saved(transaction: Transaction, entity: CompiledEntity, identity: int | None) -> Values:
    if identity is None:
        return {}
    record = get(transaction, entity.key, identity)
    return {name: bare(value) for name, value in record.items()}
