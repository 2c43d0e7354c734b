"""Formulas about one record: defaults, computed fields, conditions; for saved and for unsaved values.

What a formula reads outside its record is fetched by one statement for all formulas of a step.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.catalog import CompiledEntity
from engine.fields.types.link import Link
from engine.formula.check import Formula
from engine.formula.evaluate import evaluate
from engine.formula.expression import Expression
from engine.formula.outside import outside_parameters, outside_select
from engine.records.saved_rows import child_values, linked_ids
from engine.row_sources import RowSources
from engine.schema.names import frozen_marker
from engine.schema.prepared import Prepared
from engine.transaction import Transaction

Values = dict[str, Any]


def evaluate_all(
    transaction: Transaction,
    entity: CompiledEntity,
    formulas: Mapping[str, Formula],
    values: Mapping[str, Any],
    prior: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The value of each formula about a record (field → value; links as ids, child rows as values).

    Live fields that a formula reads are computed first; child rows that are not among the values are read.
    `prior` is the saved record that the values change; None when they change nothing, or are a new record.
    """
    if not formulas:
        return {}
    read = frozenset(name for formula in formulas.values() for name in formula.own)
    if read & entity.live:
        values = dict(values)
        add_live_formulas(transaction, entity, values)
    return _evaluate_level(transaction, entity, formulas, values, prior)


def _fetch_outside(
    transaction: Transaction,
    formulas: tuple[Formula, ...],
    own: Mapping[str, Any],
    prior: Mapping[str, Any] | None,
) -> Mapping[str, Any]:
    """What these formulas read outside the record, by one statement; empty when there is nothing."""
    if not any(formula.outside_keys for formula in formulas):
        return {}
    catalog = transaction.catalog

    def make() -> Prepared | None:
        statement = outside_select(formulas, RowSources(catalog).reading(*formulas), catalog.dialect)
        return None if statement is None else Prepared(statement, transaction.connection.dialect)

    prepared = catalog.once(("outside", tuple(formula.expression for formula in formulas)), make)
    if prepared is None:
        return {}
    parameters = outside_parameters(formulas, own, transaction.moment, prior)
    (row,) = prepared.rows(transaction.connection, parameters)
    return dict(zip(prepared.names, row, strict=True))


def _with_saved_rows(
    transaction: Transaction, entity: CompiledEntity, read: frozenset[str], values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The values with those child rows and links that formulas read and nobody has sent, as saved."""
    missing = [name for name in (*entity.children, *entity.many) if name in read and values.get(name) is None]
    if not missing or values.get("id") is None:
        return values
    found = dict(values)
    for name in missing:
        if name in entity.many:
            found[name] = linked_ids(transaction, entity, name, values["id"])
            continue
        child = transaction.catalog.entity(entity.children[name])
        rows = child_values(transaction, child, values["id"])
        for row in rows:
            add_live_formulas(transaction, child, row)
        found[name] = rows
    return found


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
            default = evaluate_all(transaction, entity, {name: formula}, values)[name]
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
            values[name] = evaluate_all(transaction, entity, {name: formula}, values)[name]


def add_live_formulas(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Computes the fields that read other records, level by level; frozen ones keep what they hold."""
    for level in entity.live_levels:
        formulas = {
            name: formula
            for name in level
            if (formula := entity.fields[name].formula) and not is_frozen(entity, name, values)
        }
        values |= _evaluate_level(transaction, entity, formulas, values)


def _evaluate_level(
    transaction: Transaction,
    entity: CompiledEntity,
    formulas: Mapping[str, Formula],
    values: Mapping[str, Any],
    prior: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of live fields whose own live fields are among `values` already."""
    read = frozenset(name for formula in formulas.values() for name in formula.own)
    values = _with_saved_rows(transaction, entity, read, values)
    if values.get("id") is None:
        prior = {}
    outside = _fetch_outside(transaction, tuple(formulas.values()), values, prior)
    moment = transaction.moment
    return {name: evaluate(formula, values, outside, moment, prior) for name, formula in formulas.items()}


def is_frozen(entity: CompiledEntity, name: str, values: Mapping[str, Any]) -> bool:
    """Whether the record's value of this field is stored for good."""
    stage = entity.fields[name].frozen_at
    return stage is not None and values.get(frozen_marker(stage)) is not None


def conditions(
    transaction: Transaction,
    entity: CompiledEntity,
    kinds: Iterable[str],
    values: Mapping[str, Any],
    prior: Mapping[str, Any] | None = None,
) -> dict[str, frozenset[str]]:
    """For each of show_when, required_when, read_only_when: the fields for which it holds.

    `prior` is the saved record that the values change, as in `evaluate_all`.
    Fields without the condition count as shown, not required by it, not read-only by it.
    """
    found = {}
    for kind in kinds:
        formulas = _conditions(transaction, entity, kind)
        held = evaluate_all(transaction, entity, formulas, values, prior)
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
