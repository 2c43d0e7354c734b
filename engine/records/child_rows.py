"""Child rows that were sent, as values: each with what its saved row, its defaults and its formulas add."""

from collections.abc import Mapping
from typing import Any

from engine.access.rights import Rights
from engine.catalog import CompiledEntity
from engine.problems import Problem, beneath
from engine.records.accept import accept_values, gate_for
from engine.records.compute import Values, add_defaults, add_stored_formulas
from engine.records.row_rights import fields_of_new_row, row_rights, without_echoes
from engine.records.saved_rows import child_values
from engine.records.validate import check_problems, link_problems, required_problems
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
        saved, rights = {}, row_rights(transaction, child, identity)
        if identity is not None:
            rows_there = child_values(transaction, child, identity)
            saved = {row["id"]: row for row in rows_there if row["id"] in rights}
        rows = []
        for position, sent in enumerate(found[name] or ()):
            row, wrong = _row(transaction, child, sent, saved, rights)
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
    rights: Mapping[int, Rights],
) -> tuple[Values, list[Problem]]:
    identity = sent.get("id")
    if identity is not None and identity not in saved:
        sentence = say("There is no {entity} {id} here.", entity=child.definition.label, id=identity)
        return {}, [Problem("id", sentence)]
    before = saved.get(identity or 0, {})
    open_ = fields_of_new_row(transaction, child) if identity is None else rights[identity].writable
    told = without_echoes(child, sent_fields(child, sent), before, open_)
    given, problems = accept_values(child, told, gate_for(open_))
    unreachable = link_problems(transaction, child, given, given.keys())
    problems += unreachable
    # What lies behind a link that may not be followed is not computed with.
    row = {**before, **given, **{str(each.where): None for each in unreachable}}
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
