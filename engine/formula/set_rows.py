"""The records of a set function: what a subquery over them selects from, and what joins it to its row."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, select

from engine.formula.nodes import OWN, Collect, Column
from engine.formula.sql_constants import number
from engine.formula.sql_parts import Compiling, Expression
from engine.formula.sql_value import Sql

ONE: Expression = literal_column("1")
ZERO: Expression = literal_column("0")


@dataclass(frozen=True, slots=True)
class SetRows:
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

    def total(self, value: Sql) -> Sql:
        """The sum of a value over the rows: where a quick way cannot tell it, by the slower, exact one."""
        arithmetic = self.compiler.arithmetic
        quick, exact = arithmetic.total(value), arithmetic.exact_total(value)
        found = self.one(quick.expression)
        if exact is not None:
            found = func.coalesce(found, self.one(exact.expression))
        return quick.moved(found)


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
