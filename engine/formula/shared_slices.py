"""bracket(…) over records, for many rows at once: the slices are made, and summed up, only once.

A row then looks for the slice that its amount ends in: what the slices below it come to is known there, as in
the tables with quick deductions (速算扣除数) that tax offices publish.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, and_, case, func, or_, over, select
from sqlalchemy.sql.functions import FunctionElement

from engine.formula.around import conjuncts, equated
from engine.formula.nodes import Collect, Column, Node, walk
from engine.formula.set_rows import ONE, ZERO, SetRows, sources_of
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_slices import once, slices_of, taxed
from engine.formula.sql_value import Sql


@dataclass(frozen=True, slots=True)
class _Key:
    """A condition that equates a field of the records with something that the row reads."""

    condition: Node
    column: Column
    read: Node


def is_shared(node: Collect) -> bool:
    """Whether the records have to fulfil no more than own conditions and have fields equal to the row's.

    One inside another is shared alone: SQLite's parser could not follow both.
    """
    amount = node.get("amount")
    inside = walk(amount) if amount is not None else ()
    nested = any(isinstance(each, Collect) and each.function == "bracket" for each in inside)
    return _keys(node) is not None and not nested


def shared_bracket(compiler: Compiling, node: Collect, among: FromClause | None = None) -> Sql:
    """The progressive sum for each row.

    `among` are the rows, when they are so few that slices for them alone are made.
    """
    keys = _keys(node) or []
    limits = [] if among is None else [_read_by(compiler, key, among) for key in keys]
    record, sources, joined = sources_of(compiler, node)
    compiler.sources[node.source] = record
    rows = SetRows(compiler, node, record, tuple(sources), tuple(joined))
    slices, below = _slices(rows, keys, limits)
    before = dict(compiler.around)
    for place, key in enumerate(keys):
        compiler.around[key.column] = compiler.compile(key.column).moved(slices.c[f"key_{place}"])
    equal = [compiler.condition(key.condition) for key in keys]
    compiler.around.clear()
    compiler.around.update(before)
    of_the_row = replace(rows, sources=(slices,), conditions=tuple(equal))
    found = once(of_the_row, lambda amount: _looked_up(of_the_row, amount, slices, below))
    del compiler.sources[node.source]
    return found


def _keys(node: Collect) -> list[_Key] | None:
    """The equalities between a field of the records and what the row reads; None if that is not all."""
    if node.rows.base is not None:
        return None
    read = [node.value, *(each for name, each in node.further if name != "amount")]
    found = []
    for part in conjuncts(node.condition):
        key = equated(part, node)
        if key is None:
            read.append(part)
        else:
            found.append(_Key(part, *key))
    inside = all(
        each.source == node.source for part in read for each in walk(part) if isinstance(each, Column)
    )
    apart = not any(isinstance(each, Collect) for part in read for each in walk(part))
    return found if inside and apart else None


def _read_by(
    compiler: Compiling, key: _Key, among: FromClause
) -> Callable[[Expression], ColumnElement[bool]]:
    """The condition that some row reads a key, or that it is blank."""
    asked = select(compiler.compile(key.read).expression).select_from(among)
    return lambda column: or_(column.in_(asked), column.is_(None))


def _slices(
    rows: SetRows,
    keys: Sequence[_Key],
    limits: Sequence[Callable[[Expression], ColumnElement[bool]]],
) -> tuple[CTE, Sql]:
    """All slices, and what those below each of them come to.

    That is blank where more than one record has no limit: such amounts are summed slice by slice.
    """
    compiler, node = rows.compiler, rows.node
    columns = [compiler.compile(key.column).expression for key in keys]
    equalities = {key.condition for key in keys}
    own = [each for each in conjuncts(node.condition) if each not in equalities]
    conditions = [*rows.conditions, *(compiler.condition(each) for each in own)]
    conditions += [limit(column) for limit, column in zip(limits, columns, strict=False)]
    plain = slices_of(rows, conditions, columns, places=True).subquery()

    partition = [plain.c[f"key_{place}"] for place in range(len(keys))] or None

    def below(total: FunctionElement[Any]) -> Expression:
        return over(total, partition_by=partition, order_by=plain.c.place, rows=(None, -1))

    running = compiler.arithmetic.total(taxed(rows, None, plain), below)
    limited = over(func.count(plain.c.upper), partition_by=partition)
    known = over(func.count(), partition_by=partition) - limited <= ONE
    statement = select(*plain.c, case((known, running.expression)).label("below"))
    slices = statement.cte().prefix_with("MATERIALIZED")
    return slices, running.moved(slices.c.below)


def _looked_up(rows: SetRows, amount: Sql, slices: CTE, below: Sql) -> Sql:
    arithmetic, limit = rows.compiler.arithmetic, rows.further("limit")
    assert limit is not None
    upper, lower = limit.moved(slices.c.upper), limit.moved(slices.c.lower)
    begins_below, amount_above = arithmetic.compare(arithmetic.or_zero(lower), amount)
    amount_within, ends_above = arithmetic.compare(amount, upper)
    ends_here = and_(begins_below < amount_above, or_(amount_within <= ends_above, slices.c.is_last))
    value = arithmetic.add(below, taxed(rows, amount, slices))
    quick = case((func.count() == ZERO, ZERO), else_=func.max(value.expression))
    found = replace(rows, conditions=(*rows.conditions, ends_here)).one(quick)
    total = rows.total(taxed(rows, amount, slices))
    return total.moved(func.coalesce(found, total.expression))
