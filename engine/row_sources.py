"""How compiled formulas find rows and columns: tables of the catalog, live fields computed level by level.

A live field of a row is never put into another formula as text inside text: what a formula reads of other
entities' live fields comes from a common table expression, and so do the levels of one entity's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, literal_column, select

from engine.catalog import Catalog, CompiledEntity
from engine.formula.check import Formula, Read
from engine.formula.compile_sql import Compiler, compile_sql, condition
from engine.formula.gather import Known
from engine.formula.nodes import Collect, Node, walk
from engine.formula.shared_slices import is_shared, shared_bracket
from engine.formula.sql_value import Sql
from engine.schema.names import frozen_marker

Restriction = Callable[[str, FromClause], ColumnElement[bool]]
FENCE: ColumnElement[int] = literal_column("0")
"""An offset of no rows: databases do not merge such a query into the one around it."""


@dataclass(frozen=True, slots=True)
class RowSources:
    """Implements the formula compiler's `Tables` for one statement.

    With `restrict`, only rows for which that condition holds are seen: for formulas that a person sends.
    `computed` names, for a source that is itself a query, the live fields that it already computed.
    """

    catalog: Catalog
    restrict: Restriction | None = None
    computed: dict[FromClause, frozenset[str]] = field(default_factory=dict)
    lookups: dict[tuple[str, frozenset[str]], Any] = field(default_factory=dict)
    reads: frozenset[Read] = frozenset()
    """What the formula that is being compiled reads."""
    own: frozenset[str | None] = frozenset()
    """The entity whose formula it is."""
    of_many: bool = False
    """Whether a condition is asked of so many rows that what links lead to is gathered once for all."""

    def value(self, formula: Formula, source: FromClause, known: Known | None = None) -> ColumnElement[Any]:
        """The formula's value for each row of `source`; `known` are parts that were computed already."""
        return compile_sql(formula, self.reading(formula), source, self.catalog.dialect, known)

    def holds(self, formula: Formula, source: FromClause) -> ColumnElement[bool]:
        """The formula as a condition on the rows of `source`."""
        return condition(formula, self.reading(formula), source, self.catalog.dialect)

    def reading(self, *formulas: Formula) -> "RowSources":
        """These sources, for compiling the formulas."""
        return replace(
            self,
            reads=frozenset(read for formula in formulas for read in formula.reads),
            own=frozenset(formula.scope.entity for formula in formulas),
        )

    def source(self, entity: str) -> FromClause:
        """A fresh alias of the entity's rows, with the live fields that the formula reads of them."""
        compiled = self.catalog.entities[entity]
        live = frozenset(
            read.field
            for read in self.reads
            if read.entity == entity and not read.frozen and self._is_computed(compiled, read.field)
        )
        if not live and self.restrict is None:
            return compiled.table.alias()
        key = (entity, live)
        if key not in self.lookups:
            self.lookups[key] = self._lookup(compiled, live)
        rows: FromClause = self.lookups[key].alias()
        self.computed[rows] = live
        return rows

    def _is_computed(self, entity: CompiledEntity, field: str) -> bool:
        """Whether formulas compute a field of other records; of their own entity they read frozen values."""
        frozen = entity.key in self.own and entity.fields[field].frozen_at is not None
        return field in entity.live and not frozen

    def column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        """The stored value, or that of a live field, which the source computed or which is computed here."""
        compiled = self.catalog.entities[entity].fields[field]
        if compiled.live and field not in self.computed.get(source, ()):
            return self.live_value(source, entity, field)
        stored: ColumnElement[Any] = source.c[field]
        return stored

    def frozen_column(self, source: FromClause, entity: str, field: str) -> ColumnElement[Any]:
        """The frozen value of a live field that freezes, blank until then; of other fields the value."""
        compiled = self.catalog.entities[entity].fields[field]
        if not compiled.live or compiled.frozen_at is None:
            return self.column(source, entity, field)
        stored: ColumnElement[Any] = source.c[frozen_value(field) if source in self.computed else field]
        return stored

    def live_value(
        self, source: FromClause, entity: str, field: str, known: Known | None = None
    ) -> ColumnElement[Any]:
        """The formula of a live field over `source`; a frozen record's stored value instead."""
        compiled = self.catalog.entities[entity].fields[field]
        assert compiled.formula is not None
        formula = self.value(compiled.formula, source, known)
        if compiled.frozen_at is None:
            return formula
        frozen = source.c[frozen_marker(compiled.frozen_at)].is_not(None)
        return case((frozen, self.frozen_column(source, entity, field)), else_=formula)

    def gathers(self, entity: str, field: str) -> bool:
        """Whether the records with one value of a stored link are gathered once, for all rows together."""
        return self.of_many and self.restrict is None and not self.catalog.entities[entity].fields[field].live

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        """The rows of a set field (child rows, many-to-many links): alias, entity, join condition."""
        compiled = self.catalog.entities[entity]
        if field in compiled.children:
            child = self.catalog.entities[compiled.children[field]]
            rows = self.source(child.key)
            assert child.parent_link is not None
            return rows, child.key, rows.c[child.parent_link] == source.c.id
        target = compiled.many[field]
        rows, pairs = self.source(target), self.catalog.tables.links_table(entity, field).alias()
        linked = select(pairs.c.target_id).where(pairs.c.record_id == source.c.id).correlate(source)
        return rows, target, rows.c.id.in_(linked)

    def first_level(
        self, entity: CompiledEntity, conditions: Iterable[ColumnElement[bool]], when_asked: bool = False
    ) -> FromClause:
        """The entity's rows that fulfil the conditions, as a query on which live fields can be computed."""
        rows = select(*self.carried(entity, entity.table)).where(*conditions)
        return self.level(rows, frozenset(), when_asked)

    def with_live(
        self, entity: CompiledEntity, source: FromClause, wanted: frozenset[str], when_asked: bool = False
    ) -> FromClause:
        """`source` with the wanted live fields computed, and those of its own that they read."""
        needed = closure(entity, wanted)
        for names in entity.live_levels:
            done = self.computed.get(source, frozenset())
            new = [name for name in names if name in needed and name not in done]
            if new:
                shared = self._shared(entity, source, new) if not when_asked else {}
                values = [self.live_value(source, entity.key, name, shared).label(name) for name in new]
                rows = select(*self.carried(entity, source), *values)
                source = self.level(rows, done | set(new), when_asked)
        return source

    def _shared(self, entity: CompiledEntity, source: FromClause, names: Iterable[str]) -> Known:
        """What set functions look up in slices that are made once for all rows of `source`."""
        found: dict[Node, Sql] = {}
        for name in names:
            formula = entity.fields[name].formula
            assert formula is not None
            compiler = Compiler.over_rows(formula, self.reading(formula), source, self.catalog.dialect)
            for node in walk(formula.tree):
                if isinstance(node, Collect) and node.function == "bracket" and is_shared(node):
                    found[node] = shared_bracket(compiler, node, source)
        return found

    def carried(self, entity: CompiledEntity, source: FromClause) -> list[ColumnElement[Any]]:
        """All columns that a query passes on to the next level; stored values of live fields renamed."""
        if source in self.computed:
            return list(source.c)
        columns: list[ColumnElement[Any]] = []
        for name, each in entity.fields.items():
            if each.column:
                columns.append(source.c[name].label(frozen_value(name) if each.live else name))
        columns += [source.c[frozen_marker(stage)] for stage in sorted(entity.freezing_stages)]
        return columns

    def level(self, rows: Select[Any], computed: frozenset[str], when_asked: bool = False) -> FromClause:
        """A query as a common table expression that computed these live fields.

        Each value is computed once for each row: kept where several queries read the level, else handed on
        row by row. `when_asked`, it is computed only for the rows that are then chosen, each time anew.
        """
        source = rows.cte().prefix_with("NOT MATERIALIZED") if when_asked else rows.offset(FENCE).cte()
        self.computed[source] = computed
        return source

    def _lookup(self, entity: CompiledEntity, live: frozenset[str]) -> Any:
        """The rows that formulas look up, computed only for those that they then choose."""
        conditions = [self.restrict(entity.key, entity.table)] if self.restrict else []
        trusted = replace(self, restrict=None)
        rows = trusted.first_level(entity, conditions, when_asked=True)
        return trusted.with_live(entity, rows, live, when_asked=True)


def frozen_value(field: str) -> str:
    """The name under which a query that computes live fields carries a field's stored, frozen value."""
    return f"_frozen_value_{field}"


def closure(entity: CompiledEntity, wanted: frozenset[str]) -> frozenset[str]:
    """The wanted live fields and the live fields of the same record that they read."""
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        formula = entity.fields[name].formula
        if name not in needed and formula:
            needed.add(name)
            waiting += formula.own & entity.live
    return frozenset(needed)
