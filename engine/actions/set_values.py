"""`set`: writes fields of the record that moved."""

from typing import Any

from engine.actions.acting import Acting
from engine.definition.action import Set
from engine.formula.expression import Expression
from engine.records.compute import refit
from engine.records.lock import hold
from engine.records.write import amend

ACTION = Set


def run(acting: Acting, action: Set) -> None:
    """Writes the values; what the record must fulfil is checked as always."""
    subject, transaction = acting.subject, acting.transaction
    entity = transaction.catalog.entity(subject.entity)
    values: dict[str, Any] = {}
    for name, value in action.values.items():
        values[name] = refit(entity, name, subject.value(value)) if isinstance(value, Expression) else value
    amend(transaction, entity, hold(transaction, entity, subject.identity), values)
