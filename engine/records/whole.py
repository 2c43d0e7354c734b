"""What is told of all records of a list, of which a page shows some: how many there are, and their totals."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from engine.access.policy import rights_key
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.formula.check import Formula
from engine.formula.compile_sql import moment_parameters
from engine.records.query import COUNTED_AT_MOST, Query, narrowing, sent_filter
from engine.records.search import Sought, common_hits, seek
from engine.records.select import Narrowing, matching_rows
from engine.records.totals import allowed_totals, read_totals, total_columns
from engine.schema.prepared import Prepared
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Whole:
    """All records of a list. `key` names its statements among those kept."""

    key: tuple[Hashable, ...]
    narrowing: Narrowing
    some: Narrowing | None
    """Where common words were searched for: some of the records, which may be more than are counted."""
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sums:
    """How many records a list has, all of them counted, and their totals."""

    count: int
    totals: Mapping[str, Any]


def whole_of(
    transaction: Transaction,
    entity: CompiledEntity,
    query: Query,
    formula: Formula | None,
    sought: Sought | None,
) -> Whole:
    """The records that a query is about, whatever page of them it asks for."""
    common = sought is not None and sought.all_common
    return Whole(
        ("whole", entity.key, rights_key(transaction), query.filter, sought and sought.shape, query.view),
        narrowing(transaction, entity, query, formula, (), None, sought),
        narrowing(transaction, entity, query, formula, (), None, sought, common_hits) if common else None,
        {**moment_parameters(transaction.moment), **(sought.parameters if sought else {})},
    )


def asked_for(transaction: Transaction, key: str, query: Query) -> tuple[CompiledEntity, Whole]:
    """The same from the query alone; raises what a page of it would raise."""
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "read", entity)
    formula = sent_filter(transaction, entity, query.filter)
    sought = seek(transaction, entity, query.search) if query.search.strip() else None
    return entity, whole_of(transaction, entity, query, formula, sought)


def are_more_than(transaction: Transaction, key: str, query: Query, most: int) -> bool:
    """Whether a list has more records than that; no more of them are looked at."""
    entity, whole = asked_for(transaction, key, query)
    return count_up_to(transaction, entity, whole, most) > most


def sums(transaction: Transaction, key: str, query: Query) -> Sums:
    """The exact count and the totals of a list, by one statement over all its records."""
    entity, whole = asked_for(transaction, key, query)
    wanted = allowed_totals(transaction, entity, query.totals)

    def make() -> Prepared:
        return _summing(transaction, entity, whole, wanted, counted=True)

    statement = transaction.catalog.once((*whole.key, "sums", *wanted.items()), make)
    count, *columns = statement.rows(transaction.connection, whole.parameters)[0]
    return Sums(count, read_totals(wanted, columns))


def count(
    transaction: Transaction, entity: CompiledEntity, whole: Whole, kind: str
) -> tuple[int | None, bool]:
    """How many there are, and whether there are more than that; `kind` is none, capped or exact."""
    if kind not in {"capped", "exact"}:
        return None, False
    if kind == "exact":
        return count_up_to(transaction, entity, whole, None), False
    found = count_up_to(transaction, entity, whole, COUNTED_AT_MOST)
    return min(found, COUNTED_AT_MOST), found > COUNTED_AT_MOST


def count_up_to(transaction: Transaction, entity: CompiledEntity, whole: Whole, most: int | None) -> int:
    """How many records there are; one more than `most` where there are more."""
    if whole.some is not None and most is not None:
        some = replace(whole, key=(*whole.key, "some"), narrowing=whole.some, some=None)
        if count_up_to(transaction, entity, some, most) > most:
            return most + 1

    def make() -> Prepared:
        _, source, conditions = matching_rows(transaction, entity, whole.narrowing)
        rows = select(source.c.id).where(*conditions)
        rows = rows if most is None else rows.limit(most + 1)
        counted = select(func.count().label("count")).select_from(rows.subquery())
        return Prepared(counted, transaction.connection.dialect)

    statement = transaction.catalog.once((*whole.key, "count", most), make)
    found: int = statement.rows(transaction.connection, whole.parameters)[0][0]
    return found


def totals(
    transaction: Transaction, entity: CompiledEntity, whole: Whole, wanted: Mapping[str, str]
) -> dict[str, Any]:
    """The totals that the actor may know, field → value."""
    allowed = allowed_totals(transaction, entity, wanted)
    if not allowed:
        return {}

    def make() -> Prepared:
        return _summing(transaction, entity, whole, allowed, counted=False)

    statement = transaction.catalog.once((*whole.key, *allowed.items()), make)
    return read_totals(allowed, statement.rows(transaction.connection, whole.parameters)[0])


def _summing(
    transaction: Transaction,
    entity: CompiledEntity,
    whole: Whole,
    wanted: Mapping[str, str],
    *,
    counted: bool,
) -> Prepared:
    needs = whole.narrowing.needs | (frozenset(wanted) & entity.live)
    sources, source, conditions = matching_rows(transaction, entity, replace(whole.narrowing, needs=needs))
    columns: list[ColumnElement[Any]] = [func.count().label("count")] if counted else []
    columns += total_columns(sources, source, entity, wanted)
    summed: Select[Any] = select(*columns).select_from(source).where(*conditions)
    return Prepared(summed, transaction.connection.dialect)
