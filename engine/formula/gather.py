"""Set functions for all rows of a query at once: one join and GROUP BY instead of a subquery for each row.

On PostgreSQL a payroll's sums take half the time this way. What a set function's condition equates with its
records is the key of the join; the rest of the condition may read whatever it likes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import CTE, ColumnElement, FromClause, case, func, literal_column, select

from engine.formula.around import is_around
from engine.formula.check import Formula
from engine.formula.compile_sql import Compiler, Tables
from engine.formula.nodes import OWN, Call, Collect, Column, Node, Rows, walk
from engine.formula.sql_constants import number
from engine.formula.sql_parts import Expression
from engine.formula.sql_sets import sources_of
from engine.formula.sql_value import Sql, is_filled

Known = Mapping[Node, Sql]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Queries with a row for each row of the source that has records, and what formulas get of them."""

    queries: tuple[CTE, ...]
    known: Mapping[Formula, Known]


@dataclass(frozen=True, slots=True)
class _Joined:
    """The records of a set function joined to the rows of a source: what equals the key, and conditions."""

    source: FromClause
    key: Expression
    record: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...]


def gather(
    formulas: Sequence[Formula], tables: Callable[[Formula], Tables], source: FromClause, known: Known
) -> Gathered:
    """The sums and counts of the formulas that can be had for all rows of `source` together.

    `known` are parts of the formulas that `source` has as columns.
    """
    sets: dict[tuple[Rows, Node | None, str], list[tuple[Formula, Collect]]] = {}
    for formula in formulas:
        for node in walk(formula.tree):
            if isinstance(node, Collect) and node.function in TOTALS and _key(node) is not None:
                sets.setdefault((node.rows, node.condition, node.source), []).append((formula, node))
    found: dict[Formula, dict[Node, Sql]] = {formula: dict(known) for formula in formulas}
    queries = []
    for members in sets.values():
        compiler = Compiler.over_rows(members[0][0], tables(members[0][0]), source, "postgresql")
        compiler.around.update(known)
        joined = _joined(compiler, source, members[0][1])
        compiler.sources[members[0][1].source] = joined.record[0]
        totals = [TOTALS[node.function](compiler, node) for _, node in members]
        columns = [total.expression.label(f"total_{place}") for place, total in enumerate(totals)]
        statement = select(source.c.id, *columns).select_from(source, *joined.record)
        query = statement.where(*joined.conditions).group_by(source.c.id).cte().prefix_with("MATERIALIZED")
        queries.append(query)
        del compiler.sources[members[0][1].source]
        for place, ((formula, node), total) in enumerate(zip(members, totals, strict=True)):
            nothing = literal_column("0", total.expression.type)
            value: Expression = func.coalesce(query.c[f"total_{place}"], nothing)
            if not is_filled(joined.key):
                # Blanks equal each other, which a join does not know.
                value = case((joined.key.is_not(None), value), else_=compiler.compile(node).expression)
            found[formula][node] = total.moved(value)
    return Gathered(tuple(queries), found)


def _joined(compiler: Compiler, source: FromClause, node: Collect) -> _Joined:
    record, records, conditions = sources_of(compiler, node)
    compiler.sources[node.source] = record
    key_part = _key(node)
    assert key_part is not None
    inner, outer = (compiler.compile(each).expression for each in _sides(key_part, node))
    conditions = [*conditions, inner == outer]
    conditions += [compiler.condition(each) for each in _parts(node.condition) if each is not key_part]
    key = inner if is_filled(inner) else outer
    del compiler.sources[node.source]
    return _Joined(source, key, tuple(records), tuple(conditions))


def _key(node: Collect) -> Call | None:
    """The part of a condition that equates a field of the records with something around them."""
    inside = {each.source for each in walk(node) if isinstance(each, Collect)} | {OWN}
    elsewhere = any(isinstance(each, Column) and each.source not in inside for each in walk(node))
    if node.rows.base is not None or elsewhere:
        return None
    equalities = [
        each for each in _parts(node.condition) if isinstance(each, Call) and each.function == "equal"
    ]
    return next((each for each in equalities if _sides(each, node)), None)


def _sides(part: Call, node: Collect) -> tuple[Node, ...]:
    """The field of the records and what it equals; empty when it is not like that."""
    for inner, outer in (part.arguments, part.arguments[::-1]):
        own = isinstance(inner, Column) and inner.source == node.source
        if own and is_around(outer, node) and any(isinstance(each, Column) for each in walk(outer)):
            return inner, outer
    return ()


def _parts(condition: Node | None) -> Iterator[Node]:
    if isinstance(condition, Call) and condition.function == "and":
        for each in condition.arguments:
            yield from _parts(each)
    elif condition is not None:
        yield condition


def _sum(compiler: Compiler, node: Collect) -> Sql:
    return compiler.arithmetic.total(number(compiler, node.value))


def _count(compiler: Compiler, node: Collect) -> Sql:
    value = node.value
    is_record = isinstance(value, Column) and value.name == "id"
    counted = func.count() if is_record else func.count(compiler.compile(value).expression)
    return Sql(counted, node.type.digits, 0)


TOTALS: Mapping[str, Callable[[Compiler, Collect], Sql]] = {"sum": _sum, "count": _count}
