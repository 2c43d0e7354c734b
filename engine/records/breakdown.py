"""How computed values come about: every part's value and the records that count, of many records at once.

One statement fetches all values, one more the records of each set function; `described.py` makes of them
what is shown. When values freeze, the same is fetched and kept (`facts.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, func, select, true

from engine.catalog import Catalog, CompiledEntity
from engine.formula.compile_sql import Compiler, moment_parameters
from engine.formula.construct import settle
from engine.formula.explain import Part, dissect, every_part, hops
from engine.formula.nodes import OWN, Collect, Column, outside_key, outside_parts, walk
from engine.formula.set_rows import bound_records
from engine.records.described import (
    Breakdown,
    Described,
    Fetched,
    Records,
    amount_column,
    is_record_itself,
    own_column,
    through_column,
)
from engine.row_sources import RowSources
from engine.transaction import Transaction

LISTED_AT_MOST = 200
"""So many records of a set function are named, those first that count most; the others are counted."""
ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What to ask for the fields of an entity: one statement for all values, one for each set function."""

    values: Select[Any]
    records: Mapping[str, Select[Any]]
    """Text of a set function → the statement for its records."""
    shared: Mapping[str, str]
    """Set functions whose records are those of another one."""


def break_down(
    transaction: Transaction, entity: CompiledEntity, names: Sequence[str], identities: Sequence[int]
) -> dict[int, dict[str, Breakdown]]:
    """Record → computed field → how its value comes about now."""
    parts = parts_of(transaction.catalog, entity, names)
    found = {}
    for identity, row, records in fetch(transaction, entity, names, identities):
        described = Described(entity, transaction.moment, row, records)
        found[identity] = {name: described.field(name, parts[name]) for name in names}
    return found


def fetch(
    transaction: Transaction, entity: CompiledEntity, names: Sequence[str], identities: Sequence[int]
) -> Iterator[tuple[int, Fetched, Records]]:
    """What the breakdowns of these fields need, record by record; a batch at a time is in memory."""
    prepared = transaction.catalog.once(
        ("breakdown", entity.key, tuple(names)), lambda: _prepare(transaction, entity, names)
    )
    for start in range(0, len(identities), ASKED_AT_ONCE):
        asked = identities[start : start + ASKED_AT_ONCE]
        parameters = {**moment_parameters(transaction.moment), "identities": asked}
        records = {
            text: _by_owner(_rows(transaction, statement, parameters))
            for text, statement in prepared.records.items()
        }
        for row in _rows(transaction, prepared.values, parameters):
            identity = row["identity"]
            counted: dict[str, Sequence[Fetched]] = {
                text: owned.get(identity, ()) for text, owned in records.items()
            }
            yield identity, row, with_shared(counted, prepared.shared)


def with_shared(records: Records, shared: Mapping[str, str]) -> Records:
    """The records of all set functions, also of those that share them."""
    ordered = {text: sorted(records[other], key=_record) for text, other in shared.items()}
    return {**records, **ordered}


def _record(row: Fetched) -> int:
    return int(row["record"])


def parts_of(catalog: Catalog, entity: CompiledEntity, names: Sequence[str]) -> Mapping[str, Part]:
    """The formulas of computed fields taken apart."""

    def make() -> dict[str, Part]:
        formulas = {name: entity.fields[name].formula for name in names}
        return {name: dissect(formula, catalog.world) for name, formula in formulas.items() if formula}

    return catalog.once(("parts", entity.key, tuple(names)), make)


def _rows(
    transaction: Transaction, statement: Select[Any], parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows as plain dictionaries, which cost less than what they are made of."""
    found = transaction.connection.execute(statement, parameters)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found.all()]


def _by_owner(rows: Iterable[Mapping[Any, Any]]) -> dict[int, list[Mapping[Any, Any]]]:
    found: dict[int, list[Mapping[Any, Any]]] = {}
    for row in rows:
        found.setdefault(row["owner"], []).append(row)
    return found


def _prepare(transaction: Transaction, entity: CompiledEntity, names: Sequence[str]) -> _Prepared:
    catalog = transaction.catalog
    parts = parts_of(catalog, entity, names)
    pieces = [each for part in parts.values() for each in every_part(part) if each.formula is not None]
    read = {name for each in pieces if each.formula for name in each.formula.own} | set(names)
    own = [name for name, each in entity.fields.items() if name in read and (each.column or each.live)]
    sources = RowSources(catalog)
    wanted = entity.table.c.id.in_(bindparam("identities", expanding=True))
    source = sources.with_live(entity, sources.first_level(entity, [wanted]), frozenset(read) & entity.live)
    columns: dict[str, ColumnElement[Any]] = {"identity": source.c.id}
    columns |= {own_column(name): sources.column(source, entity.key, name) for name in own}
    records = {}
    shared = shared_sets(parts.values())
    for piece in pieces:
        columns |= _outside_columns(piece, sources, source, catalog.dialect)
        collect = piece.collect
        if collect is not None and piece.text not in shared:
            # Only what decides about these records is computed for them.
            needed = frozenset(_deciding(collect)) & entity.live
            rows = sources.with_live(entity, sources.first_level(entity, [wanted]), needed)
            records[piece.text] = _records_of(piece, collect, sources, rows, catalog.dialect)
    for name in names:
        columns |= _known(entity, name, columns[own_column(name)])
    values = select(*(column.label(name) for name, column in columns.items()))
    return _Prepared(values, records, shared)


def shared_sets(parts: Iterable[Part]) -> dict[str, str]:
    """Text of a set function that only counts → that of one over the same records with their values."""
    collects = {
        each.text: each.collect for part in parts for each in every_part(part) if each.collect is not None
    }
    valued = {
        (each.rows, each.condition, each.source): text
        for text, each in collects.items()
        if not is_record_itself(each.value)
    }
    return {
        text: valued[each.rows, each.condition, each.source]
        for text, each in collects.items()
        if is_record_itself(each.value) and (each.rows, each.condition, each.source) in valued
    }


def _deciding(node: Collect) -> Iterator[str]:
    """The fields of the record itself that decide which records count, and what they give."""
    further = [part for name, part in node.further if name != "amount"]
    for start in (node.rows.base, node.condition, node.value, *further):
        parts = walk(start) if start is not None else ()
        yield from (each.name for each in parts if isinstance(each, Column) and each.source == OWN)


def _known(entity: CompiledEntity, name: str, value: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """A field that is a set function and nothing else has its value already."""
    formula = entity.fields[name].formula
    if formula is None or not isinstance(formula.tree, Collect):
        return {}
    type_ = settle(formula.tree).type
    alike = type_.kind is formula.type.kind and type_.decimals == formula.type.decimals
    return {outside_key(formula.tree): value} if alike else {}


def _outside_columns(
    piece: Part, sources: RowSources, source: FromClause, dialect: str
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    formula = piece.formula
    assert formula is not None
    compiler = Compiler.over_rows(formula, sources.reading(formula), source, dialect)
    for node in outside_parts(formula.tree):
        yield outside_key(node), compiler.result(node, settle(node).type)
    amount = piece.collect and piece.collect.get("amount")
    if piece.collect is not None and amount is not None:
        yield amount_column(piece.collect), compiler.result(amount, settle(amount).type)
    for hop in hops(formula.tree):
        yield through_column(hop), compiler.result(hop.base, hop.base.type)


def _records_of(
    piece: Part, node: Collect, sources: RowSources, source: FromClause, dialect: str
) -> Select[Any]:
    """The records of a set function for each row of `source`, the largest first, each with what it gives."""
    formula = piece.formula
    assert formula is not None
    compiler = Compiler.over_rows(formula, sources.reading(formula), source, dialect)
    record, tables, conditions = bound_records(compiler, node)
    title = sources.catalog.formula(sources.catalog.entities[node.rows.entity].definition.title)
    columns = {
        "owner": source.c.id,
        "record": record.c.id,
        "title": sources.value(title, record),
        "count": func.count().over(partition_by=source.c.id),
    }
    order: list[Any] = [record.c.id]
    if not is_record_itself(node.value):
        value = compiler.result(node.value, settle(node.value).type)
        columns["value"] = value
        order = [value.desc().nulls_last(), record.c.id] if node.value.type.is_number else order
    limit = node.get("limit")
    if limit is not None:
        columns["limit"] = compiler.result(limit, settle(limit).type)
        order = [columns["limit"].asc().nulls_last(), record.c.id]
    columns["place"] = func.row_number().over(partition_by=source.c.id, order_by=order)
    rows = select(*(column.label(name) for name, column in columns.items()))
    *others, last = tables
    joined: FromClause = source
    for each in others:
        joined = joined.join(each, true())
    counted = rows.select_from(joined.join(last, and_(true(), *conditions))).subquery()
    listed = select(counted).where(counted.c.place <= LISTED_AT_MOST)
    return listed.order_by(counted.c.owner, counted.c.place)
