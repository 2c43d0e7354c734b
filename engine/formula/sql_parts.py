"""What the modules that write SQL share: their view of the compiler, the tables, a database's arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.types import TypeEngine

from engine.formula import postgresql_arithmetic, sqlite_arithmetic
from engine.formula.nodes import Hop, Node
from engine.formula.sql_value import Over, Sql, plain
from engine.formula.types import Type

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Path:
    """A path through links, joined: from `start`, which holds the id of the first record, to `value`."""

    start: Node
    steps: tuple[Hop, ...]
    """The fields read on the way, from the first record on."""
    targets: tuple[FromClause, ...]
    """The records, the first one first."""
    rows: FromClause
    value: Expression

    @property
    def first(self) -> FromClause:
        """The record that `start` leads to."""
        return self.targets[0]


class Tables(Protocol):
    """Where formulas find rows and columns."""

    def source(self, entity: str) -> FromClause:
        """A fresh alias of the entity's rows."""

    def column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        """A field of a row, as it is stored; of a live field its compiled formula."""

    def frozen_column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        """A field of another record of the formula's own entity.

        Of a live field that freezes it is the value that was stored when it froze, NULL until then; of any
        other field the same as `column`.
        """

    def gathers(self, entity: str, field: str) -> bool:
        """Whether the records with one value of a link are to be gathered once, for all rows together."""

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        """The rows of a set field: an alias, its entity, the condition that joins it to `source`.

        A subquery in the condition has to say `.correlate(source)`: it stands two levels below the row.
        """


class Arithmetic(Protocol):
    """Exact numbers in the SQL of one database."""

    def stored_type(self, type_: Type) -> TypeEngine[Any]: ...
    def column(self, expression: Expression, type_: Type) -> Sql: ...
    def constant(self, value: Decimal | int, decimals: int) -> Sql: ...
    def blank(self) -> Sql: ...
    def result(self, value: Sql, type_: Type) -> Expression: ...
    def align(self, values: Sequence[Sql]) -> list[Sql]: ...
    def or_zero(self, value: Sql) -> Sql: ...
    def add(self, left: Sql, right: Sql) -> Sql: ...
    def subtract(self, left: Sql, right: Sql) -> Sql: ...
    def multiply_plain(self, left: Sql, right: Sql) -> Sql: ...
    def negate(self, value: Sql) -> Sql: ...
    def rounded(self, value: Sql, mode: str, decimals: int) -> Sql: ...
    def compare(self, left: Sql, right: Sql) -> tuple[Expression, Expression]: ...
    def modulo(self, left: Sql, right: Sql) -> Sql: ...
    def extreme(self, values: Sequence[Sql], least: bool) -> Sql: ...
    def total(self, value: Sql, over: Over = plain) -> Sql: ...
    def exact_total(self, value: Sql) -> Sql | None: ...
    def extreme_of_rows(self, value: Sql, least: bool) -> Sql: ...


DIALECTS: Mapping[str, Arithmetic] = {
    "sqlite": sqlite_arithmetic,
    "postgresql": postgresql_arithmetic,
}


class Compiling(Protocol):
    """The compiler, as the parts of it see it."""

    tables: Tables
    dialect: str
    sources: dict[str, FromClause]
    around: dict[Node, Sql]

    @property
    def arithmetic(self) -> Arithmetic: ...
    def own_members(self, name: str) -> tuple[FromClause, list[ColumnElement[bool]]]: ...
    def compile(self, node: Node) -> Sql: ...
    def path(self, node: Hop) -> Path: ...
    def condition(self, node: Node) -> ColumnElement[bool]: ...
    def stored(self, expression: Expression, type_: Type) -> Sql: ...
    def column_of(self, source: FromClause, entity: str, name: str, own: bool = False) -> Expression: ...
