"""Child rows that were sent, as values: each with what its saved row, its defaults and its formulas add."""

from collections.abc import Mapping
from typing import Any

from engine.access.policy import record_dependent, writable
from engine.catalog import CompiledEntity
from engine.problems import Problem, beneath
from engine.records.accept import accept_values, gate_for
from engine.records.compute import Values, add_defaults, add_stored_formulas
from engine.records.saved_rows import child_values
from engine.records.validate import check_problems, required_problems
from engine.text import say
from engine.transaction import Transaction


def with_row_values(
    transaction: Transaction, entity: CompiledEntity, accepted: Values, identity: int | None
) -> tuple[Values, list[Problem]]:
    """The accepted values of a record with its child rows read as well; `identity` is the saved record's.

    Problems are at `lines[2].quantity`.
    """
    found, problems = dict(accepted), []
    for name, child_key in entity.children.items():
        if name not in found:
            continue
        child = transaction.catalog.entity(child_key)
        saved = {}
        if identity is not None:
            saved = {row["id"]: row for row in child_values(transaction, child, identity)}
        rows = []
        for position, sent in enumerate(found[name] or ()):
            row, wrong = _row(transaction, child, sent, saved)
            rows.append(row)
            problems += [beneath(f"{name}[{position}]", each) for each in wrong]
        found[name] = rows
    return found, problems


def sent_fields(child: CompiledEntity, sent: Mapping[str, Any]) -> Values:
    """What sets values: a program may send back what it read, with id, computed and system fields."""
    return {
        name: value
        for name, value in sent.items()
        if name not in child.fields
        or not (child.fields[name].definition.system or child.fields[name].computed)
    }


def _row(
    transaction: Transaction,
    child: CompiledEntity,
    sent: Mapping[str, Any],
    saved: Mapping[int, Values],
) -> tuple[Values, list[Problem]]:
    identity = sent.get("id")
    if identity is not None and identity not in saved:
        sentence = say("There is no {entity} {id} here.", entity=child.definition.label, id=identity)
        return {}, [Problem("id", sentence)]
    gate = gate_for(writable(transaction, child) | record_dependent(child))
    given, problems = accept_values(child, sent_fields(child, sent), gate)
    before = saved.get(identity or 0, {})
    row = {**before, **given}
    if identity is None:
        add_defaults(transaction, child, row)
    for name in child.fields:
        row.setdefault(name, None)
    add_stored_formulas(transaction, child, row)
    broken = {problem.where for problem in problems}
    missing = required_problems(transaction, child, row, before)
    problems += [each for each in missing if each.where not in broken]
    if not problems:
        problems += check_problems(transaction, child, row, before)
    return row, problems
