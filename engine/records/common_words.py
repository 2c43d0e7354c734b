"""Pages of lists that were searched for words which very many records have.

Taking all hits out of the index to sort them would take as long as there are many. Instead the list is read
in its order, some records at a time, and each is asked whether it has the words: where they are common, a
page is full after few. Where it is not, the hits are taken out of the index after all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, true

from engine.access.policy import row_condition
from engine.catalog import CompiledEntity
from engine.records.query import Query
from engine.records.search import each_holds
from engine.records.select import Narrowing, among, record_statement
from engine.records.sought import Sought
from engine.schema.prepared import each_of, places
from engine.transaction import Transaction

LOOKED_AT = (250, 1_500, 6_000)
"""How many records are looked at, first and further on."""
OF_FEW = 20_000
"""The same at last where rights or filters leave few of all, among which the words may be rare."""


def first_hits(
    transaction: Transaction,
    entity: CompiledEntity,
    query: Query,
    without_search: Narrowing,
    sought: Sought,
    parameters: Mapping[str, Any],
    statement_key: tuple[Any, ...],
) -> list[int] | None:
    """The ids of a page and of one record more, in no order; None where looking for them would take too long.

    `without_search` narrows the list to what lies behind its cursor; `parameters` are all that the list has.
    """
    if not sought.all_common or without_search.ids_first:
        return None
    wanted, found = query.limit + 1, list[int]()
    statement = transaction.catalog.once(
        ("in order", *statement_key),
        lambda: record_statement(transaction, entity, without_search, frozenset({"id"})),
    )
    for most in (*LOOKED_AT, *([OF_FEW] if _is_narrowed(transaction, entity, query) else [])):
        rows = statement.rows(transaction, {**parameters, "page_limit": most})
        place = statement.names.index("id")
        ids = [row[place] for row in rows]
        holding = _holding(transaction, entity, sought, ids, parameters)
        found = [each for each in ids if each in holding]
        if len(found) >= wanted or len(ids) < most:
            return found[:wanted]
    return None


def _is_narrowed(transaction: Transaction, entity: CompiledEntity, query: Query) -> bool:
    """Whether rights or filters leave some of the records."""
    view = entity.definition.views.get(query.view or "")
    filtered = bool(query.filter.strip()) or (view is not None and view.filter is not None)
    return filtered or row_condition(transaction, "read", entity) is not true()


def _holding(
    transaction: Transaction,
    entity: CompiledEntity,
    sought: Sought,
    ids: Sequence[int],
    parameters: Mapping[str, Any],
) -> set[int]:
    """Those of the records that have the words."""
    if not ids:
        return set()
    table = entity.table
    chosen = among(table.c.id, ids, transaction.dialect)
    statement = select(table.c.id).where(chosen, each_holds(transaction, entity, table, sought))
    return set(transaction.connection.execute(statement, dict(parameters)).scalars())


def only_these(ids: Sequence[int], narrowing: Narrowing) -> Narrowing:
    """The narrowing for the records of a page that are known by their ids, sent as `placed` names them."""
    names = places(len(ids))
    return replace(
        narrowing,
        early=lambda _sources, source: [each_of(source.c.id, names)],
        late=lambda _sources, _source: (),
    )
