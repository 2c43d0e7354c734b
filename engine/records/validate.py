"""What a whole record must fulfil before it is written: required fields, checks, links, uniqueness."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, select, true

from engine.access.policy import rights_key, visible
from engine.catalog import CompiledEntity
from engine.formula.check import Formula
from engine.formula.compile_sql import moment_parameters
from engine.problems import Problem
from engine.records.compute import conditions, evaluate_all, own_parameters
from engine.row_sources import RowSources
from engine.schema.prepared import Prepared
from engine.text import Message, say
from engine.transaction import Transaction


def is_blank(value: Any) -> bool:
    """Whether there is no value: nothing, an empty text, an empty list."""
    return value is None or value in ("", (), [])


def required_problems(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Mapping[str, Any],
    prior: Mapping[str, Any] | None = None,
) -> list[Problem]:
    """Fields that must be filled and are not; a field that is not shown need not be.

    `prior` is the saved record that the values change; None for a new one.
    """
    held = conditions(transaction, entity, ("show_when", "required_when"), values, prior)
    return [
        Problem(name, say("{field} is required.", field=each.definition.label))
        for name, each in entity.fields.items()
        if not each.definition.system
        and not each.computed
        and each.type.numbering(each.definition.options) is None
        and (each.definition.required or name in held["required_when"])
        and name in held["show_when"]
        and is_blank(values.get(name))
    ]


def read_only_problems(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any], changed: Iterable[str]
) -> list[Problem]:
    """Fields that were to be changed although they are read-only in the record as it was."""
    held = conditions(transaction, entity, ("read_only_when",), values)["read_only_when"]
    return [
        Problem(name, say("{field} cannot be changed.", field=entity.fields[name].definition.label))
        for name in sorted(held & frozenset(changed))
    ]


def check_problems(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Mapping[str, Any],
    prior: Mapping[str, Any] | None = None,
) -> list[Problem]:
    """Checks of fields (when they are filled) and of the entity that do not hold.

    `prior` is the saved record that the values change; None for a new one.
    """
    formulas: dict[str, Formula] = {}
    problems: dict[str, Problem] = {}
    for name, each in entity.fields.items():
        if each.definition.check and not is_blank(values.get(name)):
            formulas[f"field {name}"] = transaction.catalog.formula(each.definition.check)
            problems[f"field {name}"] = Problem(
                name,
                each.definition.message or _unmet(each.definition.check.text, each.definition.label),
            )
    for name, check in entity.definition.checks.items():
        formula = formulas[f"check {name}"] = transaction.catalog.formula(check.check)
        read = formula.own | formula.prior_types.keys()
        place = next((field for field in entity.fields if field in read and field != "id"), "")
        problems[f"check {name}"] = Problem(place, check.message)
    held = evaluate_all(transaction, entity, formulas, values, prior)
    return [problems[name] for name, holds in held.items() if not holds]


def _unmet(check: str, label: Any) -> Message:
    return say("{field} does not meet the condition {check}.", field=label, check=check)


def link_problems(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Mapping[str, Any],
    changed: Iterable[str],
) -> list[Problem]:
    """Links that lead nowhere, to a record that may not be seen, or to one that `only` does not allow."""
    catalog, names = transaction.catalog, frozenset(changed)
    problems: list[Problem] = []
    for name, each in entity.fields.items():
        target = entity.many.get(name) or catalog.world.entities[entity.key][name].entity
        if target is None or each.definition.system or is_blank(values.get(name)):
            continue
        only = catalog.formula(each.definition.only).own if each.definition.only else frozenset()
        if name in names or only & names:
            problems += _unreachable(transaction, entity, name, catalog.entity(target), values)
    return problems


def _unreachable(
    transaction: Transaction,
    entity: CompiledEntity,
    name: str,
    target: CompiledEntity,
    values: Mapping[str, Any],
) -> Iterator[Problem]:
    each = entity.fields[name]
    only = transaction.catalog.formula(each.definition.only) if each.definition.only else None

    def make() -> Prepared:
        rows = target.table.alias()
        allowed = RowSources(transaction.catalog).holds(only, rows) if only else true()
        statement = select(allowed).where(
            rows.c.id == bindparam("identity"), visible(transaction, target.key, rows)
        )
        return Prepared(statement, transaction.connection.dialect)

    reach = transaction.catalog.once(("reachable", entity.key, name, rights_key(transaction)), make)
    parameters = moment_parameters(transaction.moment)
    parameters |= own_parameters(values, only.own) if only else {}
    value, label = values[name], target.definition.label
    for identity in sorted(set(value)) if isinstance(value, tuple) else [value]:
        found = reach.rows(transaction.connection, parameters | {"identity": identity})
        if not found:
            yield Problem(name, say("There is no {entity} {id}.", entity=label, id=identity))
        elif only and not found[0][0]:
            sentence = "This {entity} cannot be chosen here: {condition} does not hold."
            yield Problem(name, say(sentence, entity=label, condition=only.expression.text))


def unique_problems(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Mapping[str, Any],
    changed: Iterable[str],
    identity: int | None,
) -> list[Problem]:
    """Values that another record has already where they must be unique."""
    names = frozenset(changed)
    problems = []
    for group in unique_groups(entity):
        if not names & set(group) or any(values.get(name) is None for name in group):
            continue
        parameters = {f"value_{name}": values[name] for name in group} | {"identity": identity or 0}
        if _with_same(transaction, entity, group).rows(transaction.connection, parameters):
            problems.append(taken(entity, group))
    return problems


def _with_same(transaction: Transaction, entity: CompiledEntity, group: tuple[str, ...]) -> Prepared:
    """Finds another record with the same values in a group of fields."""

    def make() -> Prepared:
        columns = entity.table.c
        same = (columns[name] == bindparam(f"value_{name}", type_=columns[name].type) for name in group)
        statement = select(columns.id).where(*same, columns.id != bindparam("identity")).limit(1)
        return Prepared(statement, transaction.connection.dialect)

    return transaction.catalog.once(("with same", entity.key, group), make)


def unique_groups(entity: CompiledEntity) -> list[tuple[str, ...]]:
    """The groups of fields that no two records may have the same."""
    single = [(name,) for name, each in entity.fields.items() if each.definition.unique and each.column]
    return [*single, *entity.definition.unique]


def taken(entity: CompiledEntity, group: tuple[str, ...]) -> Problem:
    """The problem of a value that must be unique and is not."""
    definition = entity.definition
    if len(group) == 1:
        label = definition.fields[group[0]].label
        return Problem(
            group[0],
            say("Another {entity} has this {field} already.", entity=definition.label, field=label),
        )
    labels = tuple(definition.fields[name].label for name in group)
    return Problem(
        group[-1],
        say("Another {entity} has the same {fields} already.", entity=definition.label, fields=labels),
    )
