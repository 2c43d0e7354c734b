"""What a list asks for: filter, order, page, count and totals, checked against what the asker may read."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, FromClause, and_, bindparam, case, false, or_, true

from engine.access.field_policy import readable, reads_open
from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.formula.check import Formula, Scope, check_formula
from engine.formula.expression import Expression
from engine.formula.types import BOOLEAN, Kind
from engine.problems import DefinitionRefused, InputRefused, Malformed, Place, Problem, unknown
from engine.records.called_otherwise import called_otherwise, words_of
from engine.records.search import holds, in_title
from engine.records.select import Narrowing, title_of
from engine.records.sought import Sought
from engine.row_sources import RowSources
from engine.text import say
from engine.transaction import Transaction

Searching = Callable[[Transaction, CompiledEntity, FromClause, Sought], ColumnElement[bool]]

COUNTED_AT_MOST = 1_000
LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Query:
    """What to list. `sort` holds (field, descending); `after` is the cursor of the page before.

    `view` names a view of the entity: its filter always holds, its sort holds when `sort` is empty.
    `count` is none, capped (at 1,000) or exact; `totals` maps a field to sum, avg, min, max or count. Of more
    records than `totals_up_to` there are no totals: they are asked for by themselves, when the list is shown.
    """

    filter: str = ""
    search: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 50
    after: str | None = None
    count: str = "none"
    view: str | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] | None = None
    totals_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order, and how its values travel in a cursor.

    With `terms` it is no field but whether the title has all terms of a search, of which these are common.
    """

    name: str
    descending: bool
    nullable: bool
    terms: tuple[bool, ...] = ()


def title_hits(sought: Sought) -> SortKey:
    """The key that puts records first whose title has what was searched for."""
    return SortKey("id", descending=False, nullable=False, terms=sought.common)


def sort_keys(entity: CompiledEntity, allowed: frozenset[str], query: Query) -> tuple[SortKey, ...]:
    """The keys of the order, ending with the id so that no two records tie."""
    sort: Sequence[tuple[str, bool]] = query.sort
    view = entity.definition.views.get(query.view) if query.view else None
    if not sort and view is not None:
        sort = [key for key in view.sort if key[0] in allowed]
    keys = []
    for name, descending in sort:
        each = entity.fields.get(name)
        if each is None or name not in allowed or not each.sortable or not (each.column or each.live):
            known = sorted(allowed)
            sentence = say(
                "{entity} cannot be sorted by '{name}'.", entity=entity.definition.label, name=name
            )
            raise InputRefused([Problem("sort", unknown(sentence, name, known))])
        nullable = each.live or bool(entity.table.c[name].nullable)
        keys.append(SortKey(name, descending, nullable))
        if name == "id":
            return tuple(keys)
    descending_last = keys[-1].descending if keys else True
    return (*keys, SortKey("id", descending_last, nullable=False))


def are_in_index(
    transaction: Transaction,
    entity: CompiledEntity,
    query: Query,
    formula: Formula | None,
    keys: Sequence[SortKey],
) -> bool:
    """Whether an index gives the records in this order, so that the first ones are there at once.

    Links are ordered by titles and choices by their options, which no index holds. An index that begins with
    fields that the filters read (`formula` is the one that was sent) has the order for each of their values.
    """
    filters = (formula, _view_filter(transaction, entity, query))
    narrowed = {name for each in filters if each for name in each.own}
    first = keys[0].name
    kind = transaction.catalog.world.entities[entity.key][first].kind
    leading = set()
    for index in entity.table.indexes:
        names = [each.name for each in index.columns]
        behind = (each for each in names if each == first or each not in narrowed)
        leading |= {names[0], next(behind, names[0])}
    return first == "id" or (first in leading and kind not in {Kind.LINK, Kind.CHOICE})


def _view_filter(transaction: Transaction, entity: CompiledEntity, query: Query) -> Formula | None:
    view = entity.definition.views.get(query.view) if query.view else None
    return transaction.catalog.formula(view.filter) if view and view.filter else None


def sent_filter(transaction: Transaction, entity: CompiledEntity, text: str) -> Formula | None:
    """The checked filter that a person sent; InputRefused names what is wrong or may not be read."""
    if not text.strip():
        return None

    def make() -> Formula:
        place = Place("filter", 1, 1)
        scope = Scope(app=entity.definition.app, entity=entity.key, candidate=None)
        return check_formula(Expression(text.strip(), place), transaction.catalog.world, scope, BOOLEAN)

    try:
        formula = transaction.catalog.once(("filter", entity.key, text), make)
    except DefinitionRefused as refused:
        otherwise = called_otherwise(transaction, entity, words_of(text)).values()
        problems = [Problem("filter", each) for each in otherwise]
        raise InputRefused(
            problems or [Problem("filter", each.message) for each in refused.problems]
        ) from refused
    for read in formula.reads:
        other = transaction.catalog.entity(read.entity)
        if read.field in other.fields and read.field not in readable(transaction, other):
            raise InputRefused(
                [
                    Problem(
                        "filter",
                        unknown(
                            say("{entity} has no field '{name}'.", entity=read.entity, name=read.field),
                            read.field,
                            readable(transaction, other),
                        ),
                    )
                ]
            )
    return formula


def narrowing(
    transaction: Transaction,
    entity: CompiledEntity,
    query: Query,
    formula: Formula | None,
    keys: Sequence[SortKey],
    cursor: Sequence[Any] | None,
    sought: Sought | None = None,
    searched: Searching = holds,
) -> Narrowing:
    """The narrowing for a query; a condition is late only when it reads a live field.

    `searched` is the condition for what was searched for.
    """
    catalog = transaction.catalog
    view_filter = _view_filter(transaction, entity, query)
    sorted_live = frozenset(key.name for key in keys) & entity.live
    needs = sorted_live
    for each in (formula, view_filter):
        needs |= (each.own & entity.live) if each else frozenset()

    def conditions(late: bool) -> Any:
        def make(sources: RowSources, source: FromClause) -> list[ColumnElement[bool]]:
            found = []
            if view_filter and bool(view_filter.own & entity.live) == late:
                found.append(sources.holds(view_filter, source))
                open_ = reads_open(transaction, entity, view_filter, source)
                found += [] if open_ is true() else [open_]
            if formula and bool(formula.own & entity.live) == late:
                restricted = RowSources(
                    catalog,
                    lambda key, rows: visible(transaction, key, rows),
                    sources.computed,
                )
                found.append(restricted.holds(formula, source))
            if sought and not late:
                found.append(searched(transaction, entity, source, sought))
            if cursor is not None and bool(sorted_live) == late:
                found.append(_after(transaction, entity, sources, source, keys, cursor))
            return found

        return make

    def order(sources: RowSources, source: FromClause) -> list[ColumnElement[Any]]:
        return [_ordering(_expression(transaction, entity, sources, source, key), key) for key in keys]

    return Narrowing(
        early=conditions(late=False),
        late=conditions(late=True),
        order=order,
        needs=needs,
        limit=bindparam("page_limit", query.limit + 1),
        ids_first=bool(keys) and not are_in_index(transaction, entity, query, formula, keys),
    )


def write_cursor(entity: CompiledEntity, keys: Sequence[SortKey], values: Sequence[Any]) -> str:
    """The text from which the next page begins."""
    sent = [
        _travels(entity, key, value, lambda each, options, found: each.to_json(options, found))
        for key, value in zip(keys, values, strict=True)
    ]
    return base64.urlsafe_b64encode(orjson.dumps(sent)).decode().rstrip("=")


def read_cursor(entity: CompiledEntity, keys: Sequence[SortKey], text: str) -> list[Any]:
    """The values behind a cursor; Malformed when it is not one of ours for this order."""
    refused = Malformed(say("'after' is not a cursor of this list: “{value}”.", value=text))
    try:
        sent = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise refused from error
    if not isinstance(sent, list) or len(sent) != len(keys):
        raise refused
    try:
        return [
            _travels(entity, key, value, lambda each, options, found: each.accept(options, found))
            for key, value in zip(keys, sent, strict=True)
        ]
    except Exception as error:
        raise refused from error


def cursor_parameters(cursor: Sequence[Any] | None) -> dict[str, Any]:
    """The bind parameters of the condition for rows behind a cursor."""
    return {f"after_{number}": value for number, value in enumerate(cursor or ())}


def _travels(entity: CompiledEntity, key: SortKey, value: Any, convert: Any) -> Any:
    if key.terms:
        return int(value)
    each = entity.fields[key.name]
    kind = each.type.formula_type(each.definition.options).kind
    if value is None or kind in {Kind.LINK, Kind.CHOICE}:
        # They are ordered by title and by rank, which are JSON as they are.
        return value
    return convert(each.type, each.definition.options, value)


def _expression(
    transaction: Transaction,
    entity: CompiledEntity,
    sources: RowSources,
    source: FromClause,
    key: SortKey,
) -> ColumnElement[Any]:
    """What is compared: links by their title, choices by the order of their options."""
    if key.terms:
        return case((in_title(transaction, entity, source, key.terms), 0), else_=1)
    column: ColumnElement[Any] = sources.column(source, entity.key, key.name)
    meant = transaction.catalog.world.entities[entity.key][key.name]
    if meant.kind is Kind.LINK and meant.entity:
        return title_of(transaction, meant.entity, column)
    if meant.kind is Kind.CHOICE:
        ranks = {option: rank for rank, option in enumerate(meant.options)}
        return case(ranks, value=column, else_=None) if ranks else column
    return column


def _ordering(expression: ColumnElement[Any], key: SortKey) -> ColumnElement[Any]:
    """Blank is the largest value on both databases, as PostgreSQL's indexes have it."""
    if not key.nullable:
        return expression.desc() if key.descending else expression.asc()
    return expression.desc().nulls_first() if key.descending else expression.asc().nulls_last()


def _after(
    transaction: Transaction,
    entity: CompiledEntity,
    sources: RowSources,
    source: FromClause,
    keys: Sequence[SortKey],
    cursor: Sequence[Any],
) -> ColumnElement[bool]:
    """Rows behind the cursor in the order of `keys`, blank being the largest."""
    branches: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    bound: ColumnElement[bool] = true()
    for number, (key, value) in enumerate(zip(keys, cursor, strict=True)):
        column = _expression(transaction, entity, sources, source, key)
        if value is None:
            beyond: ColumnElement[bool] = column.is_not(None) if key.descending else false()
            equal_here: ColumnElement[bool] = column.is_(None)
        else:
            at = bindparam(f"after_{number}", type_=column.type)
            beyond = column < at if key.descending else column > at
            if key.nullable and not key.descending:
                beyond = or_(beyond, column.is_(None))
            equal_here = column == at
            if number == 0 and not key.nullable:
                # Lets the database start its index scan at the cursor.
                bound = column <= at if key.descending else column >= at
        branches.append(and_(*equal, beyond))
        equal.append(equal_here)
    return and_(bound, or_(*branches))
