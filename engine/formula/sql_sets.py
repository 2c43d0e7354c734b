"""Set functions in SQL: each is a subquery over the records, joined to the row that it is computed for."""

from collections.abc import Callable, Mapping

from sqlalchemy import Text as SqlText
from sqlalchemy import case, distinct, exists, func, literal_column, not_, or_, select, true
from sqlalchemy.sql.elements import Null

from engine.formula.around import around
from engine.formula.functions.characters import MOST_CHARACTERS
from engine.formula.nodes import OWN, Collect, Column
from engine.formula.set_rows import ONE, ZERO, SetRows, bound_records
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_slices import bracket, tier
from engine.formula.sql_value import Bound, Sql
from engine.formula.types import Kind


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
    found = FUNCTIONS[node.function](SetRows(compiler, node, record, tuple(sources), tuple(conditions)))
    del compiler.sources[node.source]
    return found


def _sum(rows: SetRows) -> Sql:
    return rows.total(rows.value())


def _count(rows: SetRows) -> Sql:
    value = rows.node.value
    is_record = isinstance(value, Column) and value.name == "id"
    counted = func.count() if is_record else func.count(rows.value().expression)
    return Sql(rows.one(counted), rows.node.type.digits, 0)


def _count_distinct(rows: SetRows) -> Sql:
    return Sql(rows.one(func.count(distinct(rows.value().expression))), rows.node.type.digits, 0)


def _extreme(least: bool) -> Callable[[SetRows], Sql]:
    def build(rows: SetRows) -> Sql:
        value = rows.value()
        if rows.node.value.type.is_number:
            found = rows.compiler.arithmetic.extreme_of_rows(value, least)
            return found.moved(rows.one(found.expression))
        expression = value.expression
        if expression.type._type_affinity is SqlText and rows.compiler.dialect == "postgresql":  # noqa: SLF001
            expression = expression.collate("C")
        return Sql(rows.one((func.min if least else func.max)(expression, type_=value.expression.type)))

    return build


def _any(rows: SetRows) -> Sql:
    holds = rows.compiler.condition(rows.node.value)
    return Sql(exists(rows.select(ONE).where(holds).correlate_except(*rows.sources)))


def _all(rows: SetRows) -> Sql:
    fails = rows.compiler.condition(rows.node.value).is_not(true())
    return Sql(not_(exists(rows.select(ONE).where(fails).correlate_except(*rows.sources))))


def _end(descending: bool) -> Callable[[SetRows], Sql]:
    def build(rows: SetRows) -> Sql:
        value, by = rows.value(), rows.further("by")
        statement = rows.select(value.expression)
        order: list[Expression] = [rows.record.c.id]
        if by is not None:
            statement = statement.where(by.expression.is_not(None))
            order = [_order(rows, "by", by), rows.record.c.id]
        statement = statement.order_by(*[each.desc() if descending else each.asc() for each in order])
        return value.moved(statement.limit(ONE).scalar_subquery())

    return build


def _order(rows: SetRows, name: str, value: Sql) -> Expression:
    node = rows.node.get(name)
    texts = node is not None and node.type.kind in {Kind.TEXT, Kind.CHOICE}
    return (
        value.expression.collate("C") if texts and rows.compiler.dialect == "postgresql" else value.expression
    )


def _latest(rows: SetRows) -> Sql:
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


def _join(rows: SetRows) -> Sql:
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


FUNCTIONS: Mapping[str, Callable[[SetRows], Sql]] = {
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
    "bracket": bracket,
    "tier": tier,
}
