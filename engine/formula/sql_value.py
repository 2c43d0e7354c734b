"""What a part of a formula becomes in SQL, and the few constructs that SQLAlchemy does not bring.

Numbers are NUMERIC on PostgreSQL. On SQLite they are whole numbers scaled by a fixed number of decimals:
INTEGER where the value fits in 64 bits, else its digits as TEXT, which only functions registered on the
connection read.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Date, FromClause, Time, TypeCoerce, literal_column
from sqlalchemy import Boolean as SqlBoolean
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Case, ClauseElement, ColumnClause, Grouping, Null
from sqlalchemy.sql.functions import Function, FunctionElement
from sqlalchemy.sql.selectable import CTE, Alias, ScalarSelect, SelectBase, TableClause
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from engine.formula.sql_types import DurationSeconds, ExactNumeric, UtcDateTime, WholeNumber
from engine.formula.types import Kind, Type

NARROW = 18
"""Numbers of so many digits fit in SQLite's 64-bit integers, twice their size included."""
Over = Callable[[FunctionElement[Any]], ColumnElement[Any]]
"""What makes of an aggregate one over a window; `plain` leaves it as it is."""
LARGEST = 2**63 - 1
"""The largest of SQLite's integers."""


def plain(aggregate: FunctionElement[Any]) -> ColumnElement[Any]:
    """The aggregate over all rows of its query."""
    return aggregate


@dataclass(frozen=True, slots=True)
class Calculation:
    """Sums, differences and products of `operands`, in postfix order: `0 1 + k100 *` is (o0 + o1) × 100."""

    operands: tuple[ColumnElement[Any], ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sql:
    """An SQL expression.

    A number also has its digits and decimals, its divisor if it is a quotient, and if it is constant its
    value, scaled by its decimals.
    """

    expression: ColumnElement[Any]
    digits: int = 0
    decimals: int = 0
    divisor: "Sql | None" = None
    constant: int | None = None
    calculation: "Calculation | None" = None
    """On SQLite, how a number that may be wider than 64 bits is calculated from its operands."""
    limit: int | None = None
    """How large the scaled number can be, either way, where that is known better than by its digits."""

    def moved(self, expression: ColumnElement[Any]) -> "Sql":
        """The same number where it is read from somewhere else, such as a subquery that computed it."""
        return Sql(expression, self.digits, self.decimals, limit=self.limit)

    @property
    def size(self) -> int:
        """How large the number can be, scaled by its decimals, either way."""
        return 10**self.digits - 1 if self.limit is None else self.limit

    @property
    def is_narrow(self) -> bool:
        """Whether it fits in one of SQLite's integers."""
        return self.size <= LARGEST


STORAGE: dict[Kind, Callable[[Type], TypeEngine[Any]]] = {
    Kind.BOOLEAN: lambda _: SqlBoolean(),
    Kind.INTEGER: lambda type_: BigInteger() if type_.digits <= NARROW else WholeNumber(),
    Kind.DECIMAL: lambda type_: ExactNumeric(type_.digits, type_.decimals),
    Kind.MONEY: lambda type_: ExactNumeric(type_.digits, type_.decimals),
    Kind.TEXT: lambda _: SqlText(),
    Kind.CHOICE: lambda _: SqlText(),
    Kind.DATE: lambda _: Date(),
    Kind.MONTH: lambda _: Date(),
    Kind.DATETIME: lambda _: UtcDateTime(),
    Kind.TIME: lambda _: Time(),
    Kind.DURATION: lambda _: DurationSeconds(),
    Kind.LINK: lambda _: BigInteger(),
    Kind.SET: lambda _: SqlText(),
    Kind.BLANK: lambda _: SqlText(),
}


def storage_type(type_: Type) -> TypeEngine[Any]:
    """The column type in which a formula's value of this type is stored and comes out of a statement."""
    return STORAGE[type_.kind](type_)


class Bound(ColumnElement[Any]):
    """`clauses` are a body and expressions that it names v0, v1 …: each is computed once.

    Without it, rounding would repeat its operand, and a formula of a few levels would grow to kilobytes.
    """

    __visit_name__ = "bound"
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own form
        ("clauses", InternalTraversal.dp_clauseelement_list),
        ("type", InternalTraversal.dp_type),
        ("name", InternalTraversal.dp_string),
    ]

    def __init__(
        self,
        body: ColumnElement[Any],
        values: list[ColumnElement[Any]],
        type_: TypeEngine[Any],
        name: str = "bound",
    ) -> None:
        self.clauses = [body, *values]
        self.depth = BOUND_DEPTH + max(stack_depth(each) for each in self.clauses)
        self.type = type_
        self.name = name

    @property
    def _from_objects(self) -> list[FromClause]:
        return [source for each in self.clauses for source in each._from_objects]  # noqa: SLF001


@compiles(Bound)
def _compile_bound(element: Bound, compiler: SQLCompiler, **keywords: Any) -> str:
    return _render_bound(element, compiler, "", **keywords)


@compiles(Bound, "postgresql")
def _compile_bound_postgresql(element: Bound, compiler: SQLCompiler, **keywords: Any) -> str:
    # OFFSET 0 keeps the planner from copying the expressions back to where they are used.
    return _render_bound(element, compiler, " OFFSET 0", **keywords)


def _render_bound(element: Bound, compiler: SQLCompiler, barrier: str, **keywords: Any) -> str:
    body, *values = [compiler.process(each, **keywords) for each in element.clauses]
    named = ", ".join(f"{value} AS v{index}" for index, value in enumerate(values))
    # The parts are what the SQL compiler has rendered, with its bind parameters.
    return f"(SELECT {body} FROM (SELECT {named}{barrier}) AS {element.name})"  # noqa: S608


def bind(
    values: list[ColumnElement[Any]],
    body: Callable[..., ColumnElement[Any]],
    type_: TypeEngine[Any],
    cheap: int = 0,
) -> ColumnElement[Any]:
    """`body` over the values, each of which is computed only once even when the body repeats it.

    Values of no more than `cheap` operations on columns are repeated.
    """
    if all(is_small(each) or operations(each) <= cheap for each in values):
        return body(*values)
    names = [literal_column(f"bound.v{index}", value.type) for index, value in enumerate(values)]
    return Bound(body(*names), values, type_)


def is_small(expression: ColumnElement[Any]) -> bool:
    """Whether an expression may be repeated: a column, a parameter, a constant."""
    expression = _unwrapped(expression)
    if isinstance(expression, Function) and expression.name == "coalesce":
        return all(is_small(each) for each in expression.clauses)
    return isinstance(expression, (ColumnClause, BindParameter, Null, Column))


def operations(expression: ColumnElement[Any]) -> float:
    """How many operations on columns and constants an expression is; infinite with a query in it."""
    if isinstance(expression, (ColumnClause, BindParameter, Null)):
        return 0
    if isinstance(expression, (SelectBase, ScalarSelect, Bound)):
        return math.inf
    parts: Iterable[Any] = expression.get_children()
    return 1 + sum(operations(each) for each in parts)


def is_filled(expression: ColumnElement[Any]) -> bool:
    """Whether it is a column that is NOT NULL: with it, an index finds what equals."""
    expression = _unwrapped(expression)
    bases = expression.base_columns if isinstance(expression, ColumnClause) else ()
    return any(isinstance(each, Column) and each.nullable is False for each in bases)


def is_column(expression: ColumnElement[Any]) -> bool:
    """Whether it is a column, whose values have all the decimals of its type."""
    expression = _unwrapped(expression)
    return isinstance(expression, ColumnClause) and not expression.is_literal


def _unwrapped(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    while isinstance(expression, (TypeCoerce, Grouping)):
        inner: Any = expression.clause if isinstance(expression, TypeCoerce) else expression.element
        expression = inner
    return expression


BOUND_DEPTH = 12
DEPTHS: tuple[tuple[type[Any], int], ...] = (
    (SelectBase, 10),
    (FunctionElement, 3),
    (Case, 4),
    (ClauseElement, 1),
)


def stack_depth(element: ClauseElement) -> int:
    """About how many of the 100 entries of SQLite's parser stack an expression needs."""
    if isinstance(element, Bound):
        return element.depth
    if isinstance(element, (ColumnClause, BindParameter, Null, TableClause, Alias, CTE)):
        return 1
    own = next(depth for kind, depth in DEPTHS if isinstance(element, kind))
    return own + max((stack_depth(each) for each in element.get_children()), default=0)
