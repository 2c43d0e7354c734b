"""Formulas about one record: defaults, computed fields, conditions; for saved and for unsaved values.

What a formula reads outside its record is fetched by one statement for all formulas of a step.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.catalog import CompiledEntity
from engine.fields.types.link import Link
from engine.formula.check import Formula
from engine.formula.compile_sql import moment_parameters
from engine.formula.evaluate import evaluate
from engine.formula.expression import Expression
from engine.formula.outside import outside_select
from engine.row_sources import RowSources
from engine.schema.names import frozen_marker
from engine.transaction import Transaction

Values = dict[str, Any]


def evaluate_all(
    transaction: Transaction, formulas: Mapping[str, Formula], own: Mapping[str, Any]
) -> dict[str, Any]:
    """The value of each formula about the record `own` (field → value; links as ids)."""
    if not formulas:
        return {}
    outside = fetch_outside(transaction, tuple(formulas.values()), own)
    moment = transaction.moment
    return {name: evaluate(formula, own, outside, moment) for name, formula in formulas.items()}


def evaluate_about(
    transaction: Transaction,
    entity: CompiledEntity,
    formulas: Mapping[str, Formula],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """As `evaluate_all`, with the entity's live fields computed first when a formula reads one."""
    reads_live = any(formula.own & entity.live for formula in formulas.values())
    if reads_live:
        values = dict(values)
        add_live_formulas(transaction, entity, values)
    return evaluate_all(transaction, formulas, values)


def fetch_outside(
    transaction: Transaction, formulas: tuple[Formula, ...], own: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What these formulas read outside the record, by one statement; empty when there is nothing."""
    catalog = transaction.catalog
    statement = catalog.once(
        ("outside", tuple(formula.expression for formula in formulas)),
        lambda: outside_select(formulas, RowSources(catalog), catalog.dialect),
    )
    if statement is None:
        return {}
    parameters = {**moment_parameters(transaction.moment), **own_parameters(own, own)}
    row = transaction.connection.execute(statement, parameters).mappings().one()
    return dict(row)


def own_parameters(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The record's own values as the bind parameters that compiled formulas name `own_<field>`."""
    return {f"own_{name}": bare(values.get(name)) for name in names if not isinstance(values.get(name), list)}


def bare(value: Any) -> Any:
    """A value as formulas and columns have it: a Link is its id."""
    if isinstance(value, Link):
        return value.id
    if isinstance(value, tuple):
        return tuple(bare(each) for each in value)
    if isinstance(value, list):
        return [{name: bare(each) for name, each in row.items()} for row in value]
    return value


def add_defaults(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Fills the fields that were not given; a default may read those before it."""
    for name, each in entity.fields.items():
        default = each.definition.default
        if name in values or default is None:
            continue
        if isinstance(default, Expression):
            formula = transaction.catalog.formula(default)
            default = evaluate_all(transaction, {name: formula}, values)[name]
            default = refit(entity, name, default)
        values[name] = default


def refit(entity: CompiledEntity, name: str, value: Any) -> Any:
    """A formula's result as a value of the field: rounded to its decimals, within its type."""
    each = entity.fields[name]
    return None if value is None else each.type.accept(each.definition.options, value)


def add_stored_formulas(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Computes the fields that read only their own record; frozen ones keep what they hold."""
    for name in entity.stored_formulas:
        if not is_frozen(entity, name, values):
            formula = entity.fields[name].formula
            assert formula is not None
            values[name] = evaluate_all(transaction, {name: formula}, values)[name]


def add_live_formulas(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Computes the fields that read other records, level by level; frozen ones keep what they hold."""
    for level in entity.live_levels:
        formulas = {
            name: formula
            for name in level
            if (formula := entity.fields[name].formula) and not is_frozen(entity, name, values)
        }
        values |= evaluate_all(transaction, formulas, values)


def is_frozen(entity: CompiledEntity, name: str, values: Mapping[str, Any]) -> bool:
    """Whether the record's value of this field is stored for good."""
    stage = entity.fields[name].frozen_at
    return stage is not None and values.get(frozen_marker(stage)) is not None


def conditions(
    transaction: Transaction,
    entity: CompiledEntity,
    kinds: Iterable[str],
    values: Mapping[str, Any],
) -> dict[str, frozenset[str]]:
    """For each of show_when, required_when, read_only_when: the fields for which it holds.

    Fields without the condition count as shown, not required by it, not read-only by it.
    """
    found = {}
    for kind in kinds:
        formulas = _conditions(transaction, entity, kind)
        held = evaluate_about(transaction, entity, formulas, values)
        holding = {name for name, holds in held.items() if holds}
        if kind == "show_when":
            holding |= set(entity.fields) - set(formulas)
        found[kind] = frozenset(holding)
    return found


def _conditions(transaction: Transaction, entity: CompiledEntity, kind: str) -> dict[str, Formula]:
    def make() -> dict[str, Formula]:
        return {
            name: transaction.catalog.formula(expression)
            for name, each in entity.fields.items()
            if (expression := getattr(each.definition, kind)) is not None
        }

    return transaction.catalog.once(("conditions", entity.key, kind), make)
