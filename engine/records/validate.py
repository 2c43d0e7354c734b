"""What a whole record must fulfil before it is written: required fields, checks, links, uniqueness."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, select

from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.formula.check import Formula
from engine.formula.compile_sql import moment_parameters
from engine.problems import Problem
from engine.records.compute import conditions, evaluate_all, own_parameters
from engine.row_sources import RowSources
from engine.text import Message, say
from engine.transaction import Transaction


def is_blank(value: Any) -> bool:
    """Whether there is no value: nothing, an empty text, an empty list."""
    return value is None or value in ("", (), [])


def required_problems(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]
) -> list[Problem]:
    """Fields that must be filled and are not; a field that is not shown need not be."""
    held = conditions(transaction, entity, ("show_when", "required_when"), values)
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


def check_problems(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]
) -> list[Problem]:
    """Checks of fields (when they are filled) and of the entity that do not hold."""
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
        place = next((field for field in entity.fields if field in formula.own and field != "id"), "")
        problems[f"check {name}"] = Problem(place, check.message)
    held = evaluate_all(transaction, entity, formulas, values)
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
    problems = []
    names = frozenset(changed)
    for name, each in entity.fields.items():
        only = transaction.catalog.formula(each.definition.only) if each.definition.only else None
        touched = name in names or (only is not None and bool(only.own & names))
        target_key = entity.many.get(name) or transaction.catalog.world.entities[entity.key][name].entity
        if not touched or target_key is None or is_blank(values.get(name)):
            continue
        if each.definition.system and name != entity.parent_link:
            continue
        value = values[name]
        wanted = sorted(set(value)) if isinstance(value, tuple) else [value]
        if name != entity.parent_link:
            problems += _unreachable(transaction, name, target_key, wanted, only, values)
    return problems


def _unreachable(
    transaction: Transaction,
    name: str,
    target_key: str,
    wanted: list[int],
    only: Formula | None,
    values: Mapping[str, Any],
) -> list[Problem]:
    catalog = transaction.catalog
    target = catalog.entity(target_key)
    rows = target.table.alias()
    parameters = moment_parameters(transaction.moment)
    seen = select(rows.c.id).where(and_(rows.c.id.in_(wanted), visible(transaction, target_key, rows)))
    found = set(transaction.connection.execute(seen, parameters).scalars())
    missing = [identity for identity in wanted if identity not in found]
    if missing:
        label = target.definition.label
        return [
            Problem(name, say("There is no {entity} {id}.", entity=label, id=identity))
            for identity in missing
        ]
    if only is None:
        return []
    allowed = select(rows.c.id).where(rows.c.id.in_(wanted), RowSources(catalog).holds(only, rows))
    kept = set(
        transaction.connection.execute(allowed, parameters | own_parameters(values, only.own)).scalars()
    )
    if kept.issuperset(wanted):
        return []
    sentence = say(
        "This {entity} cannot be chosen here: {condition} does not hold.",
        entity=target.definition.label,
        condition=only.expression.text,
    )
    return [Problem(name, sentence)]


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
        table = entity.table
        statement = select(table.c.id).where(*(table.c[name] == values[name] for name in group))
        if identity is not None:
            statement = statement.where(table.c.id != identity)
        if transaction.connection.execute(statement.limit(1)).first() is not None:
            problems.append(taken(entity, group))
    return problems


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
