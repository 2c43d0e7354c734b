"""The records of a list in groups: how many have each value of a field, with totals, by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.formula.compile_sql import moment_parameters
from engine.formula.types import Kind
from engine.problems import InputRefused, Problem, unknown
from engine.records.query import Query, narrowing, sent_filter
from engine.records.read import titles
from engine.records.select import matching_rows
from engine.records.sought import seek
from engine.records.totals import allowed_totals, read_totals, total_columns
from engine.schema.group_keys import group_keys
from engine.text import say
from engine.transaction import Transaction

GROUPS_AT_MOST = 200
GROUPING = frozenset({Kind.CHOICE, Kind.LINK, Kind.BOOLEAN, Kind.DATE, Kind.TEXT})


@dataclass(frozen=True, slots=True)
class Group:
    """The records with one value (a Link where the field links; None: blank)."""

    value: Any
    count: int
    totals: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups in the order of their values; `more` where there are too many to show."""

    groups: tuple[Group, ...]
    more: bool


def groupable(entity: CompiledEntity, each: CompiledField) -> bool:
    """Whether a list can be put in groups by the field."""
    kind = each.type.formula_type(each.definition.options).kind
    return kind in GROUPING and each.sortable and (each.column or each.live) and each.name != "id"


def groups(transaction: Transaction, key: str, query: Query, field: str) -> Grouped:
    """The groups of the records that a query is about; InputRefused where the field cannot group them."""
    entity = transaction.catalog.entity(key)
    each = entity.fields.get(field)
    allowed = readable(transaction, entity)
    if each is None or field not in allowed or not groupable(entity, each):
        sentence = say("{entity} cannot be grouped by '{name}'.", entity=entity.definition.label, name=field)
        raise InputRefused([Problem("group", unknown(sentence, field, sorted(allowed)))])
    formula = sent_filter(transaction, entity, query.filter)
    sought = seek(transaction, entity, query.search) if query.search.strip() else None
    narrowed = narrowing(transaction, entity, query, formula, (), None, sought)
    totals = allowed_totals(transaction, entity, query.totals)
    narrowed = replace(narrowed, needs=narrowed.needs | (frozenset({field, *totals}) & entity.live))
    sources, source, conditions = matching_rows(transaction, entity, narrowed)
    value = sources.column(source, entity.key, field)
    statement = (
        select(value, func.count().label("how_many"), *total_columns(sources, source, entity, totals))
        .where(*conditions)
        .group_by(*group_keys(transaction.dialect, [value], conditions))
        .order_by(func.count().desc())
        .limit(GROUPS_AT_MOST + 1)
    )
    parameters = {**moment_parameters(transaction.moment), **(sought.parameters if sought else {})}
    rows = transaction.connection.execute(statement, parameters).all()
    found = [Group(row[0], row[1], read_totals(totals, row[2:])) for row in rows[:GROUPS_AT_MOST]]
    return Grouped(tuple(_in_order(transaction, each, found)), more=len(rows) > GROUPS_AT_MOST)


def _in_order(transaction: Transaction, each: CompiledField, found: Sequence[Group]) -> list[Group]:
    """Choices as the definition lists them, links by title, other values by themselves; blank at the end."""
    target = each.type.target(each.definition.options)
    if target:
        named = titles(transaction, target, (group.value for group in found if group.value is not None))
        linked = [
            group
            if group.value is None
            else replace(group, value=Link(group.value, named.get(group.value, "")))
            for group in found
        ]
        return sorted(linked, key=lambda group: (group.value is None, getattr(group.value, "title", "")))
    options = list(each.definition.options.get("options") or ())
    ranks = {option: rank for rank, option in enumerate(options)}
    return sorted(
        found,
        key=lambda group: (
            group.value is None,
            ranks.get(group.value, len(ranks)) if ranks else 0,
            str(group.value),
        ),
    )
