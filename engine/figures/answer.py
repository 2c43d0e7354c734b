"""The one door through which records are added up: one statement for each question.

The reader's rights are part of it: rows that may not be seen do not count, and a field that may be read on
some records only counts on those. Sums are exact; an average is the exact sum divided by the count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, case, func, select
from sqlalchemy.sql.functions import Function

from engine.access.field_policy import field_conditions
from engine.access.policy import rights_key, visible
from engine.figures.periods import bucket
from engine.figures.question import DAYS, Question
from engine.formula.check import Formula
from engine.formula.compile_sql import moment_parameters
from engine.records.query import Query, narrowing, sent_filter
from engine.records.select import Narrowing, matching_rows
from engine.records.sought import Sought, seek
from engine.row_sources import RowSources
from engine.schema.group_keys import group_keys
from engine.schema.prepared import Prepared
from engine.transaction import Transaction

GROUPS_AT_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One group: the values of its groupings, of its measures, and how many records it has."""

    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    count: int
    parts: tuple[tuple[Any, int], ...] = ()
    """For each measure what the database gave, and of how many records: to put groups together."""


def answer(transaction: Transaction, question: Question, query: Query) -> list[Row]:
    """The groups of the records that the query narrows to, in no order; at most 5,000 of them.

    Without groups it is one row. Raises InputRefused for a filter that cannot be.
    """
    filter_ = sent_filter(transaction, question.entity, query.filter)
    sought = seek(transaction, question.entity, query.search) if query.search.strip() else None
    shape = sought.shape if sought else None
    statement: Prepared = transaction.catalog.once(
        ("figures", question.key, rights_key(transaction), query.filter, shape, query.view),
        lambda: _prepared(transaction, question, query, filter_, sought),
    )
    parameters = {**moment_parameters(transaction.moment), **(sought.parameters if sought else {})}
    return [_row(question, each) for each in statement.rows(transaction.connection, parameters)]


def _row(question: Question, found: Sequence[Any]) -> Row:
    keys = len(question.groups)
    pairs = found[keys + 1 :]
    parts = tuple((pairs[at], pairs[at + 1]) for at in range(0, len(pairs), 2))
    return _finished(question, tuple(found[:keys]), parts, int(found[keys]))


def _finished(
    question: Question, keys: tuple[Any, ...], parts: tuple[tuple[Any, int], ...], count: int
) -> Row:
    values = tuple(
        FINISHED.get(name, _as_found)(*pair) for (name, _), pair in zip(question.measures, parts, strict=True)
    )
    return Row(keys, values, count, parts)


def can_be_put_together(question: Question, rows: Sequence[Row]) -> bool:
    """Whether larger groups follow from these: none was left out, and each measure adds up."""
    return len(rows) < GROUPS_AT_MOST and all(
        name in TOGETHER and (name not in COMPARED or _compares(formula))
        for name, formula in question.measures
    )


def _compares(formula: Formula | None) -> bool:
    """Whether the greatest is the same here as in the database, which orders texts in its own way."""
    return formula is not None and (formula.type.is_number or formula.type.kind in DAYS)


def put_together(question: Question, rows: Sequence[Row], places: Sequence[int]) -> list[Row]:
    """The rows of the same question by fewer groups: those at these places. Without any it is one row."""
    found: dict[tuple[Any, ...], list[Row]] = {} if places else {(): []}
    for row in rows:
        found.setdefault(tuple(row.keys[place] for place in places), []).append(row)
    return [_one_of(question, keys, some) for keys, some in found.items()]


def _one_of(question: Question, keys: tuple[Any, ...], rows: Sequence[Row]) -> Row:
    parts = []
    for at, (name, _) in enumerate(question.measures):
        values = [row.parts[at][0] for row in rows if row.parts[at][0] is not None]
        parts.append((TOGETHER[name](values) if values else None, sum(row.parts[at][1] for row in rows)))
    return _finished(question, keys, tuple(parts), sum(row.count for row in rows))


def has_more(transaction: Transaction, question: Question, query: Query, most: int) -> bool:
    """Whether a question is about more records than that; no more of them are looked at."""
    filter_ = sent_filter(transaction, question.entity, query.filter)
    sought = seek(transaction, question.entity, query.search) if query.search.strip() else None
    if sought and sought.all_common:
        return True

    def make() -> Prepared:
        own = narrowing(transaction, question.entity, query, filter_, (), None, sought)
        _, source, conditions = matching_rows(
            transaction, question.entity, _narrowed(transaction, question, own)
        )
        some = select(source.c.id).where(*conditions).limit(bindparam("most", 0)).subquery()
        return Prepared(select(func.count().label("count")).select_from(some), transaction.connection.dialect)

    shape = sought.shape if sought else None
    about = (question.key, rights_key(transaction), query.filter, shape, query.view)
    parameters = {**moment_parameters(transaction.moment), **(sought.parameters if sought else {})}
    statement = transaction.catalog.once(("figures of many", *about), make)
    return bool(statement.rows(transaction.connection, {**parameters, "most": most + 1})[0][0] > most)


def _prepared(
    transaction: Transaction,
    question: Question,
    query: Query,
    filter_: Formula | None,
    sought: Sought | None,
) -> Prepared:
    entity = question.entity
    own = narrowing(transaction, entity, query, filter_, (), None, sought)
    narrowed = _narrowed(transaction, question, own)
    sources, source, conditions = matching_rows(transaction, entity, narrowed)
    if question.sent:
        sources = RowSources(
            transaction.catalog, lambda key, rows: visible(transaction, key, rows), sources.computed
        )
    limited = field_conditions(transaction, "read", entity, source)
    columns: list[ColumnElement[Any]] = []
    for number, (group, period) in enumerate(question.groups):
        value = _grouped(transaction, sources, source, group, period)
        columns.append(_allowed(value, group, limited).label(f"g{number}"))
    for number, (_, formula) in enumerate(question.measures):
        if formula:
            value = sources.value(formula, source)
            columns.append(_allowed(value, formula, limited).label(f"v{number}"))
    # One level below, so that the expressions with their parameters are written once.
    rows = select(*(columns or [source.c.id])).where(*conditions).subquery()
    keys: list[Any] = [rows.c[f"g{number}"] for number in range(len(question.groups))]
    measures: list[ColumnElement[Any]] = []
    for number, (name, formula) in enumerate(question.measures):
        if formula is None:
            measures += [func.count(), func.count()]
        else:
            column = rows.c[f"v{number}"]
            measures += [FUNCTIONS[name](column), func.count(column)]
    named = [each.label(f"m{number}") for number, each in enumerate(measures)]
    found = select(*keys, func.count().label("records"), *named).select_from(rows)
    if keys:
        found = found.group_by(*group_keys(transaction.dialect, keys, conditions)).limit(GROUPS_AT_MOST)
    return Prepared(found, transaction.connection.dialect)


def _narrowed(transaction: Transaction, question: Question, narrowed: Narrowing) -> Narrowing:
    """The narrowing with the question's own condition, and the live fields that its formulas read."""
    live = question.entity.live
    where = question.where
    formulas = (*question.formulas, *((where,) if where else ()))
    needs = frozenset(name for each in formulas for name in each.own & live)
    if where is None:
        return replace(narrowed, needs=narrowed.needs | needs)
    is_late = bool(where.own & live)

    def early(sources: RowSources, source: FromClause) -> list[ColumnElement[bool]]:
        return [*narrowed.early(sources, source), *([] if is_late else [sources.holds(where, source)])]

    def late(sources: RowSources, source: FromClause) -> list[ColumnElement[bool]]:
        return [*narrowed.late(sources, source), *([sources.holds(where, source)] if is_late else [])]

    return replace(narrowed, early=early, late=late, needs=narrowed.needs | needs)


def _grouped(
    transaction: Transaction, sources: RowSources, source: FromClause, formula: Formula, period: str | None
) -> ColumnElement[Any]:
    value = sources.value(formula, source)
    return bucket(transaction.dialect, period, value) if period else value


def _allowed(
    value: ColumnElement[Any], formula: Formula, limited: Mapping[str, ColumnElement[bool]]
) -> ColumnElement[Any]:
    """The value, blank on records whose fields the actor may not read."""
    conditions = [limited[name] for name in sorted(formula.own) if name in limited]
    for condition in conditions:
        value = case((condition, value), else_=None)
    return value


def _sum(column: ColumnElement[Any]) -> Function[Any]:
    return func.sum(column, type_=column.type)


FUNCTIONS: Mapping[str, Any] = {
    "sum": _sum,
    "avg": _sum,
    "min": func.min,
    "max": func.max,
    "count": func.count,
    "count_distinct": lambda column: func.count(column.distinct()),
}


def _as_found(value: Any, _filled: int) -> Any:
    return value


def _average(total: Any, filled: int) -> Decimal | None:
    if not filled:
        return None
    return (Decimal(total) / filled).quantize(Decimal("0.0001"), ROUND_HALF_UP)


COMPARED = ("min", "max")
TOGETHER: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum,
    "avg": sum,
    "min": min,
    "max": max,
    "count": sum,
}
"""Function → what groups have that are put together; different values have to be counted anew."""
FINISHED: Mapping[str, Any] = {"avg": _average, "sum": lambda total, _filled: total or 0}
