"""Conditions in SQL."""

from collections.abc import Callable

from sqlalchemy import (
    ColumnElement,
    and_,
    func,
    literal_column,
    or_,
    true,
)

from engine.formula.nodes import Call, Column, may_be_blank
from engine.formula.sql_gathered import leads_to_parameter
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_texts import EMPTY
from engine.formula.sql_value import Sql, is_filled
from engine.formula.types import Kind


def comparison(operator: str) -> Callable[[Compiling, Call], Sql]:
    """`<`, `<=`, `>` or `>=`: NULL where a blank takes part."""

    def build(compiler: Compiling, node: Call) -> Sql:
        left, right = _comparable(compiler, node, collate=True)
        comparison: ColumnElement[bool] = getattr(left, operator)(right)
        return Sql(comparison)

    return build


def _comparable(compiler: Compiling, node: Call, collate: bool) -> tuple[Expression, Expression]:
    left, right = (compiler.compile(each) for each in node.arguments)
    if node.arguments[0].type.is_number and node.arguments[1].type.is_number:
        return compiler.arithmetic.compare(left, right)
    texts = node.arguments[0].type.kind in {Kind.TEXT, Kind.CHOICE}
    if texts and collate and compiler.dialect == "postgresql":
        # Texts have the order of their code points, as in memory and on SQLite.
        return left.expression.collate("C"), right.expression.collate("C")
    return left.expression, right.expression


def equal(compiler: Compiling, node: Call) -> Sql:
    """Two-valued `==`: a blank equals a blank."""
    gathered = leads_to_parameter(compiler, node)
    if gathered is not None:
        return Sql(gathered)
    left, right = _comparable(compiler, node, collate=False)
    if not all(may_be_blank(each) for each in node.arguments) or is_filled(left) or is_filled(right):
        return Sql(left == right)
    both_blank = and_(*(compiler.compile(each).expression.is_(None) for each in node.arguments))
    by_index = compiler.dialect == "postgresql" and any(isinstance(each, Column) for each in node.arguments)
    if by_index or _is_computed(compiler, node):
        # PostgreSQL uses no index for IS NOT DISTINCT FROM.
        return Sql(or_(left == right, both_blank))
    return Sql(left.is_not_distinct_from(right))


def unequal(compiler: Compiling, node: Call) -> Sql:
    """Two-valued `!=`."""
    left, right = _comparable(compiler, node, collate=False)
    if _is_computed(compiler, node):
        return Sql(equal(compiler, node).expression.is_not(true()))
    return Sql(left.is_distinct_from(right))


def _is_computed(compiler: Compiling, node: Call) -> bool:
    """Whether the numbers are so wide that a function has to compare them."""
    if compiler.dialect != "sqlite" or not node.arguments[0].type.is_number:
        return False
    return not all(
        each.is_narrow
        for each in compiler.arithmetic.align([compiler.compile(one) for one in node.arguments])
    )


def all_hold(compiler: Compiling, node: Call) -> Sql:
    """`and`."""
    return Sql(and_(*(compiler.condition(each) for each in node.arguments)))


def any_holds(compiler: Compiling, node: Call) -> Sql:
    """`or`."""
    return Sql(or_(*(compiler.condition(each) for each in node.arguments)))


def does_not_hold(compiler: Compiling, node: Call) -> Sql:
    """`not`: also true where nothing can be decided."""
    return Sql(compiler.condition(node.arguments[0]).is_not(true()))


def is_blank(compiler: Compiling, node: Call) -> Sql:
    """Whether there is no value; for a quotient also a zero divisor, for a text also an empty one."""
    value = compiler.compile(node.arguments[0])
    tests: list[ColumnElement[bool]] = [value.expression.is_(None)]
    if value.divisor is not None:
        tests += [value.divisor.expression.is_(None), value.divisor.expression == literal_column("0")]
    if node.arguments[0].type.kind is Kind.TEXT:
        tests.append(value.expression == EMPTY)
    return Sql(or_(*tests))


def is_in(compiler: Compiling, node: Call) -> Sql:
    """Whether a value is one of several constants."""
    values = [compiler.compile(each) for each in node.arguments]
    if all(each.type.is_number for each in node.arguments):
        pairs = [compiler.arithmetic.compare(values[0], each) for each in values[1:]]
        return Sql(or_(*(left == right for left, right in pairs)))
    return Sql(values[0].expression.in_([each.expression for each in values[1:]]))


def has(compiler: Compiling, node: Call) -> Sql:
    """Whether a text that lists options or roles between commas has one of them."""
    listed, wanted = (compiler.compile(each).expression for each in node.arguments)
    position = func.instr if compiler.dialect == "sqlite" else func.strpos
    return Sql(position(listed, wanted) > literal_column("0"))
