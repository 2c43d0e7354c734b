"""Set functions in SQL: each is a subquery over the records, joined to the row that it is computed for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    case,
    distinct,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.sql.elements import Null

from engine.formula.around import around
from engine.formula.functions.characters import MOST_CHARACTERS
from engine.formula.nodes import OWN, Collect, Column
from engine.formula.sql_constants import number
from engine.formula.sql_limits import stays_blank
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_value import Bound, Sql, bind
from engine.formula.types import Kind

ONE: Expression = literal_column("1")
ZERO: Expression = literal_column("0")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The records of a set function: what to select from, which of it is the record, and which rows count."""

    compiler: Compiling
    node: Collect
    record: FromClause
    sources: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...]

    def select(self, *columns: Expression) -> Select[Any]:
        """A query over the rows that count, joined to whatever row it stands in."""
        statement = select(*columns).select_from(*self.sources).correlate_except(*self.sources)
        return statement.where(*self.conditions) if self.conditions else statement

    def one(self, *columns: Expression) -> Expression:
        """The single value of such a query."""
        return self.select(*columns).scalar_subquery()

    def value(self) -> Sql:
        """The value that the function collects."""
        return (
            number(self.compiler, self.node.value)
            if self.node.value.type.is_number
            else (self.compiler.compile(self.node.value))
        )

    def further(self, name: str) -> Sql | None:
        """A further argument."""
        node = self.node.get(name)
        return None if node is None else self.compiler.compile(node)


def compile_collect(compiler: Compiling, node: Collect) -> Sql:
    """A set function as a subquery.

    What it reads of other records of the row it stands in is computed once around it, not for every record.
    """
    parts = [each for each in around(node) if each not in compiler.around]
    if not parts or OWN not in compiler.sources:
        return _collected(compiler, node)
    name = f"around_{len(compiler.around)}"
    values = [compiler.compile(each) for each in parts]
    before = dict(compiler.around)
    for place, (part, value) in enumerate(zip(parts, values, strict=True)):
        moved = value.moved(literal_column(f"{name}.v{place}", value.expression.type))
        compiler.around[part] = moved
    found = _collected(compiler, node)
    compiler.around.clear()
    compiler.around.update(before)
    expression = Bound(found.expression, [each.expression for each in values], found.expression.type, name)
    return found.moved(expression)


def _collected(compiler: Compiling, node: Collect) -> Sql:
    record, sources, conditions = bound_records(compiler, node)
    found = FUNCTIONS[node.function](_Rows(compiler, node, record, tuple(sources), tuple(conditions)))
    del compiler.sources[node.source]
    return found


def bound_records(
    compiler: Compiling, node: Collect
) -> tuple[FromClause, list[FromClause], list[ColumnElement[bool]]]:
    """The records of a set function, what to select from, and the conditions under which they count.

    From then on the compiler knows what the value of the set function reads of them.
    """
    record, sources, conditions = sources_of(compiler, node)
    compiler.sources[node.source] = record
    if node.condition is not None:
        conditions = [*conditions, compiler.condition(node.condition)]
    return record, sources, conditions


def sources_of(
    compiler: Compiling, node: Collect
) -> tuple[FromClause, list[FromClause], list[ColumnElement[bool]]]:
    """The records of a set function, all that is selected from, and what joins it to the row."""
    rows = node.rows
    if rows.base is None:
        record = compiler.tables.source(rows.entity)
        return record, [record], []
    base = rows.base
    at_hand = isinstance(base, Column) and base.name == "id"
    if at_hand and isinstance(base, Column):
        if base.source == OWN and OWN not in compiler.sources:
            record, given = compiler.own_members(rows.name)
            return record, [record], given
        record, _, joined = compiler.tables.member_rows(compiler.sources[base.source], rows.owner, rows.name)
        return record, [record], [joined]
    owner = compiler.tables.source(rows.owner)
    record, _, joined = compiler.tables.member_rows(owner, rows.owner, rows.name)
    return record, [record, owner], [joined, owner.c.id == compiler.compile(base).expression]


def _sum(rows: _Rows) -> Sql:
    total = rows.compiler.arithmetic.total(rows.value())
    return total.moved(rows.one(total.expression))


def _count(rows: _Rows) -> Sql:
    value = rows.node.value
    is_record = isinstance(value, Column) and value.name == "id"
    counted = func.count() if is_record else func.count(rows.value().expression)
    return Sql(rows.one(counted), rows.node.type.digits, 0)


def _count_distinct(rows: _Rows) -> Sql:
    return Sql(rows.one(func.count(distinct(rows.value().expression))), rows.node.type.digits, 0)


def _extreme(least: bool) -> Callable[[_Rows], Sql]:
    def build(rows: _Rows) -> Sql:
        value = rows.value()
        if rows.node.value.type.is_number:
            found = rows.compiler.arithmetic.extreme_of_rows(value, least)
            return found.moved(rows.one(found.expression))
        expression = value.expression
        if expression.type._type_affinity is SqlText and rows.compiler.dialect == "postgresql":  # noqa: SLF001
            expression = expression.collate("C")
        return Sql(rows.one((func.min if least else func.max)(expression, type_=value.expression.type)))

    return build


def _any(rows: _Rows) -> Sql:
    holds = rows.compiler.condition(rows.node.value)
    return Sql(exists(rows.select(ONE).where(holds).correlate_except(*rows.sources)))


def _all(rows: _Rows) -> Sql:
    fails = rows.compiler.condition(rows.node.value).is_not(true())
    return Sql(not_(exists(rows.select(ONE).where(fails).correlate_except(*rows.sources))))


def _end(descending: bool) -> Callable[[_Rows], Sql]:
    def build(rows: _Rows) -> Sql:
        value, by = rows.value(), rows.further("by")
        statement = rows.select(value.expression)
        order: list[Expression] = [rows.record.c.id]
        if by is not None:
            statement = statement.where(by.expression.is_not(None))
            order = [_order(rows, "by", by), rows.record.c.id]
        statement = statement.order_by(*[each.desc() if descending else each.asc() for each in order])
        return value.moved(statement.limit(ONE).scalar_subquery())

    return build


def _order(rows: _Rows, name: str, value: Sql) -> Expression:
    node = rows.node.get(name)
    texts = node is not None and node.type.kind in {Kind.TEXT, Kind.CHOICE}
    return (
        value.expression.collate("C") if texts and rows.compiler.dialect == "postgresql" else value.expression
    )


def _latest(rows: _Rows) -> Sql:
    value, day, at = rows.value(), rows.further("on"), rows.further("at")
    assert day is not None
    assert at is not None
    always = day.expression.is_(None)
    known = not isinstance(at.expression, Null)
    in_force = or_(always, day.expression <= at.expression) if known else always
    statement = rows.select(value.expression).where(in_force)
    blank_first = case((day.expression.is_(None), ZERO), else_=ONE)
    statement = statement.order_by(blank_first.desc(), day.expression.desc(), rows.record.c.id.desc())
    return value.moved(statement.limit(ONE).scalar_subquery())


def _join(rows: _Rows) -> Sql:
    by, separator = rows.further("by"), rows.further("separator")
    assert separator is not None
    text = func.nullif(rows.value().expression, literal_column("''"), type_=SqlText())
    order: list[Expression] = [rows.record.c.id]
    if by is not None:
        order = [case((by.expression.is_(None), ONE), else_=ZERO), _order(rows, "by", by), rows.record.c.id]
    ordered = rows.select(text.label("part")).order_by(*order).subquery()
    gather = func.group_concat if rows.compiler.dialect == "sqlite" else func.string_agg
    joined = select(gather(ordered.c.part, separator.expression)).correlate_except(ordered)
    return Sql(func.substr(joined.scalar_subquery(), 1, MOST_CHARACTERS, type_=SqlText()))


def _once(rows: _Rows, compute: Callable[[Sql], Sql]) -> Sql:
    """What `compute` makes of the amount, which is computed once and not for every row."""
    amount, node, found = rows.further("amount"), rows.node.get("amount"), []
    assert amount is not None
    assert node is not None

    def body(name: Expression) -> Expression:
        found.append(compute(amount.moved(name)))
        return stays_blank(node, name, found[-1].expression)

    expression = bind([amount.expression], body, amount.expression.type)
    return found[-1].moved(expression)


def _bracket(rows: _Rows) -> Sql:
    return _once(rows, lambda amount: _slices(rows, amount))


def _slices(rows: _Rows, amount: Sql) -> Sql:
    arithmetic = rows.compiler.arithmetic
    rate, limit = rows.value(), rows.further("limit")
    assert limit is not None
    amount, limit = arithmetic.align([amount, limit])
    order = [case((limit.expression.is_(None), ONE), else_=ZERO), limit.expression, rows.record.c.id]
    slices = rows.select(
        rate.expression.label("rate"),
        limit.expression.label("upper"),
        func.lag(limit.expression).over(order_by=order).label("lower"),
        amount.expression.label("amount"),
    ).subquery()
    upper = limit.moved(func.coalesce(slices.c.upper, slices.c.amount))
    top = arithmetic.extreme([amount.moved(slices.c.amount), upper], least=True)
    bottom = arithmetic.or_zero(limit.moved(slices.c.lower))
    width = arithmetic.extreme([arithmetic.subtract(top, bottom), arithmetic.constant(0, 0)], least=False)
    part = arithmetic.multiply_plain(width, rate.moved(slices.c.rate))
    total = arithmetic.total(part)
    statement = select(total.expression).select_from(slices).correlate_except(slices)
    return total.moved(statement.scalar_subquery())


def _tier(rows: _Rows) -> Sql:
    return _once(rows, lambda amount: _first_limit(rows, amount))


def _first_limit(rows: _Rows, amount: Sql) -> Sql:
    value, limit = rows.value(), rows.further("limit")
    assert limit is not None
    least, most = rows.compiler.arithmetic.compare(amount, limit)
    statement = rows.select(value.expression).where(or_(limit.expression.is_(None), least <= most))
    order = [case((limit.expression.is_(None), ONE), else_=ZERO), limit.expression, rows.record.c.id]
    return value.moved(statement.order_by(*order).limit(ONE).scalar_subquery())


FUNCTIONS: Mapping[str, Callable[[_Rows], Sql]] = {
    "sum": _sum,
    "count": _count,
    "count_distinct": _count_distinct,
    "min": _extreme(least=True),
    "max": _extreme(least=False),
    "any": _any,
    "all": _all,
    "first": _end(descending=False),
    "last": _end(descending=True),
    "latest": _latest,
    "join": _join,
    "bracket": _bracket,
    "tier": _tier,
}
