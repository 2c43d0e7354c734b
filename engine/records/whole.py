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
from engine.records.search import common_hits, common_newest
from engine.records.select import Narrowing, matching_rows
from engine.records.sought import Sought, seek
from engine.records.totals import allowed_totals, read_totals, total_columns, totals_of_nothing
from engine.schema.prepared import Prepared
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Whole:
    """All records of a list. `key` names its statements among those kept."""

    key: tuple[Hashable, ...]
    narrowing: Narrowing
    some: tuple[Narrowing, ...]
    """Where common words were searched for: some of the records, which may be more than are counted."""
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """How many records there are, or that there are more than `count`; their totals, if not left out."""

    count: int | None
    capped: bool
    totals: Mapping[str, Any]
    left_out: bool = False


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
        tuple(
            narrowing(transaction, entity, query, formula, (), None, sought, each)
            for each in ((common_hits, common_newest) if common else ())
        ),
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


def takes_long(transaction: Transaction, key: str, query: Query, most: int) -> bool:
    """Whether all records of a list are better looked at later: there are or may be more than that."""
    entity, whole = asked_for(transaction, key, query)
    return _takes_long(transaction, entity, whole, most)


def _takes_long(transaction: Transaction, entity: CompiledEntity, whole: Whole, most: int) -> bool:
    # To be sure how many records have common words takes as long as there are.
    return bool(whole.some) or count_up_to(transaction, entity, whole, most) > most


def tell(
    transaction: Transaction, entity: CompiledEntity, whole: Whole, query: Query, known: int | None = None
) -> Told:
    """The count and the totals that a query asks for; `known` is how many records there are, where it is."""
    wanted = allowed_totals(transaction, entity, query.totals)
    if known is not None and query.count != "none" and known <= COUNTED_AT_MOST:
        totals = _totals(transaction, entity, whole, wanted) if known else totals_of_nothing(wanted)
        return Told(known, capped=False, totals=totals)
    if query.count == "exact":
        return _exactly(transaction, entity, whole, wanted)
    count, capped = None, False
    if query.count == "capped":
        count, capped = _capped(transaction, entity, whole)
    most = query.totals_up_to
    if wanted and capped and most is not None and _takes_long(transaction, entity, whole, most):
        return Told(count, capped, {}, left_out=True)
    return Told(count, capped, _totals(transaction, entity, whole, wanted))


def _capped(transaction: Transaction, entity: CompiledEntity, whole: Whole) -> tuple[int, bool]:
    """How many records there are as far as they are counted, and whether there may be more.

    Of common words only some are counted: to find all that have them takes as long as there are many.
    """
    most = 0
    for each in _somes(whole) or [whole]:
        most = max(most, count_up_to(transaction, entity, each, COUNTED_AT_MOST))
        if most > COUNTED_AT_MOST:
            return COUNTED_AT_MOST, True
    return most, bool(whole.some)


def _somes(whole: Whole) -> list[Whole]:
    """Some of the records alone, where common words were searched for."""
    return [
        replace(whole, key=(*whole.key, "some", number), narrowing=each, some=())
        for number, each in enumerate(whole.some)
    ]


def _exactly(
    transaction: Transaction, entity: CompiledEntity, whole: Whole, wanted: Mapping[str, str]
) -> Told:
    """Count and totals by one statement over all records."""

    def make() -> Prepared:
        return _summing(transaction, entity, whole, wanted, counted=True)

    statement = transaction.catalog.once((*whole.key, "exact", *wanted.items()), make)
    count, *columns = statement.rows(transaction.connection, whole.parameters)[0]
    return Told(count, capped=False, totals=read_totals(wanted, columns))


def count_up_to(transaction: Transaction, entity: CompiledEntity, whole: Whole, most: int | None) -> int:
    """How many records there are; one more than `most` where there are more."""
    if most is not None:
        for some in _somes(whole):
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


def _totals(
    transaction: Transaction, entity: CompiledEntity, whole: Whole, wanted: Mapping[str, str]
) -> dict[str, Any]:
    if not wanted:
        return {}

    def make() -> Prepared:
        return _summing(transaction, entity, whole, wanted, counted=False)

    statement = transaction.catalog.once((*whole.key, *wanted.items()), make)
    return read_totals(wanted, statement.rows(transaction.connection, whole.parameters)[0])


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
