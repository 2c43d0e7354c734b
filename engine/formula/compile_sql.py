"""Turns a checked formula into an SQL expression over the rows of its entity.

The compiler walks the tree; what differs between the databases lies in the arithmetic modules and in the
table of functions. Use the expression in a statement that selects from `source`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeEngine

from engine.formula.check import Formula
from engine.formula.evaluate import Moment, role_list
from engine.formula.lower import OWN_PREFIX, PRIOR_PREFIX
from engine.formula.nodes import (
    OWN,
    PRIOR,
    Attribute,
    Call,
    Collect,
    Column,
    Constant,
    Hop,
    Node,
    Parameter,
)
from engine.formula.own_values import own_rows, own_type
from engine.formula.sql_calls import compile_call
from engine.formula.sql_constants import constant_sql, pick
from engine.formula.sql_parts import DIALECTS, Arithmetic, Path, Tables
from engine.formula.sql_sets import compile_collect
from engine.formula.sql_types import UtcDateTime
from engine.formula.sql_value import Sql, storage_type
from engine.formula.types import INTEGER, Kind, Type


def compile_sql(
    formula: Formula,
    tables: Tables,
    source: FromClause,
    dialect: str,
    known: Mapping[Node, Sql] | None = None,
) -> ColumnElement[Any]:
    """The formula's value for each row of `source`, typed so that results come out as in memory.

    With `dialect` "sqlite" or "postgresql". Where the formula's scope has a candidate, `source` are the
    candidates, and the record's own fields are the bind parameters own_<field>. `known` are parts of the
    formula that were computed already.
    """
    compiler = Compiler.over_rows(formula, tables, source, dialect)
    compiler.around.update(known or {})
    return compiler.result(formula.tree, formula.type)


def condition(formula: Formula, tables: Tables, source: FromClause, dialect: str) -> ColumnElement[bool]:
    """The formula as a condition for WHERE; what cannot be decided is not true."""
    return Compiler.over_rows(formula, tables, source, dialect).condition(formula.tree)


def moment_parameters(moment: Moment) -> dict[str, Any]:
    """Values for the bind parameters that depend on who asks and when."""
    return {
        "dg_user": moment.user,
        "dg_now": moment.now.astimezone(UTC),
        "dg_today": moment.today,
        "dg_roles": role_list(moment.roles),
        "dg_time_zone": moment.time_zone,
    }


__all__ = ["Compiler", "Tables", "compile_sql", "condition", "moment_parameters"]


@dataclass(slots=True)
class Compiler:
    """Compiles parts of one formula. `sources` are the rows at hand, by the names that the check gave them.

    `own_sources` are set fields of the record that come as bind parameters, not as rows.
    """

    tables: Tables
    dialect: str
    entity: str | None
    sources: dict[str, FromClause] = field(default_factory=dict)
    candidate: tuple[str, FromClause] | None = None
    own_types: Mapping[str, Type] = field(default_factory=dict)
    own_rows: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    """Own fields of child rows → the fields of the rows."""
    given: set[FromClause] = field(default_factory=set)
    around: dict[Node, Sql] = field(default_factory=dict)
    """Parts that were computed around the set function that they stand in."""

    @classmethod
    def over_rows(cls, formula: Formula, tables: Tables, source: FromClause, dialect: str) -> "Compiler":
        """A compiler for the rows of `source`."""
        scope = formula.scope
        if scope.candidate is not None:
            candidate = (scope.candidate[0], source)
            return cls.without_row(formula, tables, dialect, candidate)
        return cls(tables, dialect, scope.entity, sources={OWN: source})

    @classmethod
    def without_row(
        cls, formula: Formula, tables: Tables, dialect: str, candidate: tuple[str, FromClause] | None = None
    ) -> "Compiler":
        """A compiler for a record that comes as bind parameters."""
        entity, types, rows = formula.scope.entity, formula.own_types, formula.rows_types
        return cls(tables, dialect, entity, candidate=candidate, own_types=types, own_rows=rows)

    @property
    def arithmetic(self) -> Arithmetic:
        """How this database calculates."""
        return DIALECTS[self.dialect]

    def result(self, node: Node, type_: Type) -> ColumnElement[Any]:
        """The part as a value of `type_`."""
        value = self.compile(node)
        if type_.is_number:
            number = value if node.type.is_number else self.arithmetic.blank()
            return self.arithmetic.result(number, type_)
        expression = value.expression
        if type_.kind is Kind.TEXT and isinstance(node, (Call, Constant)):
            expression = func.nullif(func.substr(expression, 1, 10_000), literal_column("''"))
        return type_coerce(expression, storage_type(type_))

    def compile(self, node: Node) -> Sql:
        """The part in SQL; a condition that is not decided is false."""
        if self.around and node in self.around:
            return self.around[node]
        match node:
            case Constant():
                return constant_sql(self, node)
            case Column():
                return self._column(node)
            case Hop():
                return self._hop(node)
            case Parameter():
                return Sql(bindparam(f"dg_{node.name}", type_=PARAMETER_TYPES[node.name]))
            case Attribute():
                return self._attribute(node)
            case Call():
                return compile_call(self, node)
            case Collect():
                return compile_collect(self, node)
            case _:
                raise AssertionError(node)

    def condition(self, node: Node) -> ColumnElement[bool]:
        """The part as a condition: true where it holds, else false or NULL."""
        if isinstance(node, Constant):
            return true() if node.value else false()
        if isinstance(node, Call):
            value: ColumnElement[bool] = compile_call(self, node, decided=False).expression
            return value
        return self.compile(node).expression

    def stored(self, expression: ColumnElement[Any], type_: Type) -> Sql:
        """A stored value, ready to calculate with."""
        if type_.is_number:
            return self.arithmetic.column(expression, type_)
        if type_.kind in {Kind.DURATION, Kind.LINK}:
            return Sql(type_coerce(expression, BigInteger()))
        if type_.kind in {Kind.SET, Kind.CHOICE, Kind.TEXT}:
            return Sql(type_coerce(expression, SqlText()))
        return Sql(expression)

    def column_of(self, source: FromClause, entity: str, name: str, own: bool = False) -> ColumnElement[Any]:
        """A field of a row; of other records of the own entity the frozen value."""
        if source in self.given:
            return source.c[name]
        if entity == self.entity and not own:
            return self.tables.frozen_column(source, entity, name)
        return self.tables.column(source, entity, name)

    def own_members(self, name: str) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """The rows of one of the record's own set fields, which come as a bind parameter."""
        if name in self.own_rows:
            rows = own_rows(name, self.own_rows[name], self.dialect)
            self.given.add(rows)
            return rows, []
        element = self.own_types[name].element
        assert element is not None
        assert element.entity is not None
        record = self.tables.source(element.entity)
        linked = own_rows(name, {"id": INTEGER}, self.dialect)
        return record, [record.c.id.in_(select(linked.c.id))]

    def _column(self, node: Column) -> Sql:
        if self.candidate and node.source == OWN and node.name == self.candidate[0]:
            return Sql(self.candidate[1].c.id)
        own = node.source in {OWN, PRIOR}
        # A row that is read is not being changed: what was saved is what it holds.
        source = self.sources.get(OWN if own else node.source)
        if source is None:
            assert own
            return self._given(node)
        return self.stored(self.column_of(source, node.entity, node.name, own), node.type)

    def _given(self, node: Column) -> Sql:
        """An own field that comes as a bind parameter, whose type turns the value into its stored form."""
        prefix = PRIOR_PREFIX if node.source == PRIOR else OWN_PREFIX
        value: ColumnElement[Any] = bindparam(prefix + node.name, type_=own_type(node.type))
        if node.type.is_number or node.type.kind is Kind.DURATION:
            # Not type_coerce(), which would change the type of the parameter itself.
            value = cast(value, self.arithmetic.stored_type(node.type))
        if node.type.is_number:
            return self.arithmetic.column(value, node.type)
        return Sql(value)

    def _hop(self, node: Hop) -> Sql:
        base = node.base
        if (
            self.candidate
            and isinstance(base, Column)
            and base.source == OWN
            and base.name == self.candidate[0]
        ):
            return self.stored(self.tables.column(self.candidate[1], node.entity, node.name), node.type)
        if node.name == "id":
            return self.stored(self.compile(base).expression, node.type)
        path = self.path(node)
        row = (
            select(path.value)
            .select_from(path.rows)
            .where(path.first.c.id == self.compile(path.start).expression)
        )
        return self.stored(row.correlate_except(*path.targets).scalar_subquery(), node.type)

    def path(self, node: Hop) -> Path:
        """The records that a path leads through, joined.

        One query has them all: queries within queries soon are too deep for SQLite.
        """
        steps, base = [node], node.base
        while isinstance(base, Hop) and self._is_step(base):
            steps.append(base)
            base = base.base
        targets = tuple(self.tables.source(each.entity) for each in reversed(steps))
        rows = targets[0]
        value = self.column_of(targets[0], steps[-1].entity, steps[-1].name)
        for target, each in zip(targets[1:], reversed(steps[:-1]), strict=True):
            rows = rows.join(target, target.c.id == value)
            value = self.column_of(target, each.entity, each.name)
        return Path(base, tuple(reversed(steps)), targets, rows, value)

    def _is_step(self, node: Hop) -> bool:
        """Whether a part of a path is fetched together with what follows it."""
        candidate = self.candidate and isinstance(node.base, Column) and node.base.name == self.candidate[0]
        return node.name != "id" and not candidate and node not in self.around

    def _attribute(self, node: Attribute) -> Sql:
        from_constants = {
            option: constant_sql(self, Constant(node.type, node.at, value))
            for option, value in node.values.items()
        }
        return pick(self, self.compile(node.base).expression, from_constants, node.type)


PARAMETER_TYPES: Mapping[str, TypeEngine[Any]] = {
    "user": BigInteger(),
    "now": UtcDateTime(),
    "today": Date(),
    "roles": SqlText(),
    "time_zone": SqlText(),
}
