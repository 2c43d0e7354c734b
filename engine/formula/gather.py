"""Set functions for all rows of a query at once: one join and GROUP BY instead of a subquery for each row.

What a set function's condition equates with its records is the key of the join; the rest of the condition
may read whatever it likes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import CTE, FromClause, case, func, literal_column, select

from engine.formula.around import conjuncts, equated
from engine.formula.check import Formula
from engine.formula.compile_sql import Compiler, Tables
from engine.formula.follow import follow
from engine.formula.nodes import OWN, Collect, Column, Node, Rows, walk
from engine.formula.set_rows import sources_of
from engine.formula.shared_slices import is_shared, shared_bracket
from engine.formula.sql_constants import number
from engine.formula.sql_parts import Expression
from engine.formula.sql_value import Sql, is_filled

Known = Mapping[Node, Sql]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Queries with a row for each row of the source that has records, and what sets give with them joined."""

    queries: tuple[CTE, ...]
    values: Known


def is_gathered(node: Collect) -> bool:
    """Whether a set function can be had for many rows together."""
    return (
        is_shared(node) if node.function == "bracket" else node.function in TOTALS and _key(node) is not None
    )


def gather(
    nodes: Mapping[Collect, Formula],
    tables: Callable[..., Tables],
    source: FromClause,
    known: Known,
    dialect: str,
) -> Gathered:
    """The gathered set functions for all rows of `source`; each with a formula that it is part of.

    `known` are parts of the formulas that `source` has as columns.
    """
    groups: dict[tuple[Rows, Node | None, str, bool], list[Collect]] = {}
    for node in nodes:
        groups.setdefault((node.rows, node.condition, node.source, node.function in TOTALS), []).append(node)
    values: dict[Node, Sql] = {}
    queries = []
    for (*_, are_totals), members in groups.items():
        formulas = [nodes[each] for each in members]
        compiler = Compiler.over_rows(formulas[0], tables(*formulas), source, dialect)
        compiler.around.update(known)
        if are_totals:
            query, key, totals = _query(compiler, source, members)
            queries.append(query)
            for node, total in zip(members, totals, strict=True):
                values[node] = _value(compiler, node, query, key, total)
        else:
            values |= {node: shared_bracket(compiler, node) for node in members}
    return Gathered(tuple(queries), values)


def _query(
    compiler: Compiler, source: FromClause, nodes: Sequence[Collect]
) -> tuple[CTE, Expression, list[Sql]]:
    """The totals of sets that differ in their value only, by the id of the row; and the key of the join."""
    node = nodes[0]
    record, records, conditions = sources_of(compiler, node)
    compiler.sources[node.source] = record
    before = dict(compiler.around)
    parts = [
        part for each in (node.condition, *(each.value for each in nodes)) if each for part in walk(each)
    ]
    joined = [follow(compiler, parts, node.source, record), *records[1:]]
    key = _key(node)
    assert key is not None
    key_part, *sides = key
    inner, outer = (compiler.compile(each).expression for each in sides)
    conditions = [*conditions, inner == outer]
    conditions += [compiler.condition(each) for each in conjuncts(node.condition) if each is not key_part]
    totals = [TOTALS[each.function](compiler, each) for each in nodes]
    columns = [total.expression.label(f"total_{place}") for place, total in enumerate(totals)]
    statement = select(source.c.id, *columns).select_from(source, *joined).where(*conditions)
    query = statement.group_by(source.c.id).cte().prefix_with("MATERIALIZED")
    compiler.around.clear()
    compiler.around.update(before)
    del compiler.sources[node.source]
    moved = [total.moved(query.c[f"total_{place}"]) for place, total in enumerate(totals)]
    return query, inner if is_filled(inner) else outer, moved


def _value(compiler: Compiler, node: Collect, query: CTE, key: Expression, total: Sql) -> Sql:
    """A gathered total as the value of its row: 0 where there are no records.

    Where the query could not tell it, and where the key is blank (blanks equal each other, which a join does
    not know), it is computed for the row alone.
    """
    nothing = literal_column("0", total.expression.type)
    alone = compiler.compile(node).expression
    if compiler.dialect == "sqlite":
        value: Expression = case(
            (query.c.id.is_(None), nothing), else_=func.coalesce(total.expression, alone)
        )
    else:
        value = func.coalesce(total.expression, nothing)
    if not is_filled(key):
        value = case((key.is_not(None), value), else_=alone)
    return total.moved(value)


def _key(node: Collect) -> tuple[Node, Column, Node] | None:
    """The part of a condition that equates a field of the records with something around them, and the two."""
    inside = {each.source for each in walk(node) if isinstance(each, Collect)} | {OWN}
    elsewhere = any(isinstance(each, Column) and each.source not in inside for each in walk(node))
    if node.rows.base is not None or elsewhere:
        return None
    return next(
        ((part, *sides) for part in conjuncts(node.condition) if (sides := equated(part, node))), None
    )


def _sum(compiler: Compiler, node: Collect) -> Sql:
    return compiler.arithmetic.total(number(compiler, node.value))


def _count(compiler: Compiler, node: Collect) -> Sql:
    value = node.value
    is_record = isinstance(value, Column) and value.name == "id"
    counted = func.count() if is_record else func.count(compiler.compile(value).expression)
    return Sql(counted, node.type.digits, 0)


TOTALS: Mapping[str, Callable[[Compiler, Collect], Sql]] = {"sum": _sum, "count": _count}
