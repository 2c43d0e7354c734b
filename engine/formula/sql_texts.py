"""Texts in SQL, and calls of the Python functions that are registered with SQLite."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from sqlalchemy import (
    BigInteger,
    Interval,
    Numeric,
    case,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy import Text as SqlText

from engine.formula.nodes import Call, Constant
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_value import Sql, storage_type
from engine.formula.storage import write_signature
from engine.formula.types import Kind, Type

EMPTY = literal_column("''", SqlText())


def or_empty(compiler: Compiling, node: Call) -> Sql:
    """An empty text for a blank."""
    return Sql(func.coalesce(compiler.compile(node.arguments[0]).expression, EMPTY, type_=SqlText()))


def join_text(compiler: Compiling, node: Call) -> Sql:
    """Texts joined; none of them is NULL."""
    parts = [type_coerce(compiler.compile(each).expression, SqlText()) for each in node.arguments]
    return Sql(reduce(lambda one, other: one.concat(other), parts))


def join_present(compiler: Compiling, node: Call) -> Sql:
    """The texts that are not blank, joined with a separator."""
    separator, *given = [type_coerce(compiler.compile(each).expression, SqlText()) for each in node.arguments]
    present = [func.nullif(each, EMPTY, type_=SqlText()) for each in given]
    if compiler.dialect == "postgresql":
        return Sql(func.concat_ws(separator, *present))
    parts: list[Expression] = [
        func.coalesce(separator.concat(each), EMPTY, type_=SqlText()) for each in present
    ]
    joined: Expression = reduce(lambda one, other: one.concat(other), parts)
    return Sql(func.substr(joined, func.length(separator) + literal_column("1")))


def to_text(compiler: Compiling, node: Call) -> Sql:
    """A value as text, written as in memory."""
    value = node.arguments[0]
    if compiler.dialect == "sqlite":
        return registered(compiler, node)
    compiled = compiler.compile(value)
    if value.type.is_number:
        return Sql(cast(func.trim_scale(cast(compiled.expression, Numeric)), SqlText))
    return Sql(POSTGRESQL_TEXTS[value.type.kind](compiled.expression))


POSTGRESQL_TEXTS: Mapping[Kind, Callable[[Expression], Expression]] = {
    Kind.BOOLEAN: lambda value: case((value, literal_column("'yes'")), (~value, literal_column("'no'"))),
    Kind.DATE: lambda value: func.to_char(value, literal_column("'YYYY-MM-DD'")),
    Kind.MONTH: lambda value: func.to_char(value, literal_column("'YYYY-MM-DD'")),
    Kind.TIME: lambda value: func.to_char(cast(value, Interval), literal_column("'HH24:MI'")),
    Kind.DURATION: lambda value: cast(value, SqlText),
}


def fixed_text(compiler: Compiling, node: Call) -> Sql:
    """A number as text with a fixed number of decimals."""
    if compiler.dialect == "sqlite":
        return registered(compiler, node)
    value, places = node.arguments
    assert isinstance(places, Constant)
    number_of = cast(compiler.compile(value).expression, Numeric)
    return Sql(cast(func.round(number_of, literal_column(str(places.value))), SqlText))


# Limits written as lists


def storage_for(compiler: Compiling, type_: Type) -> Any:
    """The SQL type of an intermediate value."""
    if type_.is_number:
        return BigInteger() if compiler.dialect == "sqlite" else Numeric()
    return storage_type(type_)


# Functions of the table


def registered(compiler: Compiling, node: Call) -> Sql:
    """A call of the Python function from SQLite."""
    types, values = [], []
    for each in node.arguments:
        value = compiler.compile(each)
        types.append(replace(each.type, decimals=value.decimals))
        values.append(value.expression)
    signature = write_signature(node.function, types, node.type)
    written: Expression = literal_column(f"'{signature}'")
    type_ = storage_for(compiler, node.type)
    return Sql(func.dg_call(written, *values, type_=type_), node.type.digits, node.type.decimals)
