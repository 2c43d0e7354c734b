"""Constants in SQL."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Date,
    Time,
    case,
    false,
    literal,
    literal_column,
    null,
    true,
)
from sqlalchemy import Text as SqlText

from engine.formula.nodes import Constant, Node
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_types import UtcDateTime
from engine.formula.sql_value import Sql
from engine.formula.types import Kind, Type


def constant_sql(compiler: Compiling, node: Constant) -> Sql:
    """A literal value."""
    match node.value:
        case None:
            return Sql(null(), 1, 0)
        case bool():
            return Sql(true() if node.value else false())
        case int() | Decimal():
            return compiler.arithmetic.constant(node.value, node.type.decimals)
        case datetime():
            return Sql(literal(node.value, UtcDateTime()))
        case date():
            return Sql(literal(node.value, Date()))
        case time():
            return Sql(literal(node.value, Time()))
        case timedelta():
            return Sql(literal_column(str(node.value.days * 86_400 + node.value.seconds), BigInteger()))
        case _:
            return Sql(literal(node.value, SqlText()))


def number(compiler: Compiling, node: Node) -> Sql:
    """A part as a number; a blank as no number."""
    return compiler.arithmetic.blank() if node.type.kind is Kind.BLANK else compiler.compile(node)


def pick(compiler: Compiling, base: Expression, values: Mapping[str, Sql], type_: Type) -> Sql:
    """The value for the option that `base` holds; blank for any other."""
    if not values:
        return Sql(null())
    options = [literal(option, SqlText()) for option in values]
    found = list(values.values())
    if type_.is_number:
        found = compiler.arithmetic.align(found)
    cases = [(base == option, value.expression) for option, value in zip(options, found, strict=True)]
    expression = case(*cases)
    return Sql(expression, type_.digits, max(each.decimals for each in found))


# Arithmetic
