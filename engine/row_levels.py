"""Live fields of many records: computed level by level, for all of them by one statement.

Every level is a query over the one below that carries only what is still read above it. What links lead to
is joined once, below all levels; sums and counts are gathered by one join and GROUP BY for each level.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, select

from engine.catalog import CompiledEntity
from engine.formula.around import around, reads_only_own
from engine.formula.check import Formula
from engine.formula.compile_sql import Compiler
from engine.formula.follow import follow
from engine.formula.gather import Known, gather, is_gathered
from engine.formula.nodes import OWN, Collect, Column, Hop, Node, children, walk
from engine.formula.sql_value import Sql
from engine.row_sources import RowSources, closure, frozen_value
from engine.schema.names import frozen_marker


def computed_rows(
    sources: RowSources,
    entity: CompiledEntity,
    conditions: Sequence[ColumnElement[bool]],
    wanted: frozenset[str],
) -> FromClause:
    """The entity's rows that fulfil the conditions, with the wanted live fields computed."""
    levels = _levels(sources, entity, wanted)
    table, marker = entity.table, levels.marker
    stored = {each.name: each for each in sources.carried(entity, table)}
    computed = levels.computed(conditions)
    own = [computed.c.id if name == "id" else column for name, column in stored.items()]
    columns = [*own, *(computed.c[name] for name in sorted(wanted))]
    # Not an inner join: databases leave an outer one out where nobody asks for its columns.
    rows: Any = select(*columns).select_from(computed.outerjoin(table, table.c.id == computed.c.id))
    if marker is not None:
        frozen = [stored[frozen_value(name)].label(name) for name in sorted(wanted)]
        frozen_rows = select(*stored.values(), *frozen).where(*conditions, marker.is_not(None))
        rows = rows.union_all(frozen_rows)
    found: FromClause = rows.subquery()
    sources.computed[found] = wanted
    return found


def computed_values(
    sources: RowSources,
    entity: CompiledEntity,
    conditions: Sequence[ColumnElement[bool]],
    wanted: frozenset[str],
) -> FromClause:
    """The ids and the wanted live fields of such rows; frozen rows may be missing."""
    return _levels(sources, entity, wanted).computed(conditions)


def _levels(sources: RowSources, entity: CompiledEntity, wanted: frozenset[str]) -> "_Levels":
    needed = closure(entity, wanted)
    stages = {entity.fields[name].frozen_at for name in needed}
    stage = stages.pop() if len(stages) == 1 else None
    marker = None if stage is None else entity.table.c[frozen_marker(stage)]
    return _Levels(sources, entity, wanted, needed, marker)


@dataclass(slots=True)
class _Levels:
    """The levels of one query."""

    sources: RowSources
    entity: CompiledEntity
    wanted: frozenset[str]
    needed: frozenset[str]
    """The wanted fields, and those of the record that they read."""
    marker: ColumnElement[Any] | None
    """What tells that a row is frozen, when all fields freeze together: such rows are left out."""
    names: dict[Node, str] = field(default_factory=dict)
    """The columns of parts that are computed once, below the levels that read them."""
    meanings: dict[Node, Sql] = field(default_factory=dict)
    """What kind of value these columns hold."""

    def computed(self, conditions: Sequence[ColumnElement[bool]]) -> FromClause:
        """The uppermost level."""
        if self.marker is not None:
            conditions = [*conditions, self.marker.is_(None)]
        levels = [
            names
            for each in self.entity.live_levels
            if (names := [name for name in each if name in self.needed])
        ]
        rows, parts = self._joined()
        early = {
            node: formula for node, formula in self._sets(self.needed).items() if self._reads_stored(node)
        }
        self._name(early)
        carried = [self._carried_above(levels[place:]) for place in range(len(levels) + 1)]
        read_by_sets = {column for node in early for each in children(node) for column in self._read(each)}
        source = self._lowest(rows, parts, conditions, carried[0] | read_by_sets)
        source = self._with_sets(source, early, carried[0])
        for names, above in zip(levels, carried[1:], strict=True):
            source = self._level(source, names, above)
        return source

    def _name(self, parts: Iterable[Node]) -> None:
        for part in parts:
            self.names[part] = f"_part_{len(self.names)}"

    def _formula(self, name: str) -> Formula:
        formula = self.entity.fields[name].formula
        assert formula is not None
        return formula

    def _sets(self, names: Iterable[str]) -> dict[Collect, Formula]:
        """The set functions that can be had for all rows together, each with a formula that it is part of."""
        found: dict[Collect, Formula] = {}
        for name in names:
            formula = self._formula(name)
            for node in walk(formula.tree):
                if isinstance(node, Collect) and is_gathered(node):
                    found.setdefault(node, formula)
        return found

    def _reads_stored(self, node: Node) -> bool:
        """Whether what it reads of the record are stored fields."""
        if node in self.names:
            return True
        if isinstance(node, Column) and node.source == OWN:
            return not self.entity.fields[node.name].live
        return all(self._reads_stored(each) for each in children(node))

    def _joined(self) -> tuple[FromClause, Known]:
        """The table, joined with what its links lead to, and the parts that can be had from that alone."""
        formulas = [self._formula(name) for name in sorted(self.needed)]
        table = self.entity.table
        sources = self.sources.reading(*formulas)
        compiler = Compiler.over_rows(formulas[0], sources, table, self.sources.catalog.dialect)
        parts = [part for formula in formulas for part in _parts_led_to(formula) if self._reads_stored(part)]
        rows = follow(compiler, parts, OWN, table)
        found = {}
        for part in dict.fromkeys(parts):
            if all(each in compiler.around for each in walk(part) if isinstance(each, Hop)):
                found[part] = compiler.compile(part)
        self._name(found)
        self.meanings |= found
        return rows, found

    def _lowest(
        self,
        rows: FromClause,
        parts: Known,
        conditions: Sequence[ColumnElement[bool]],
        carried: frozenset[str],
    ) -> FromClause:
        stored = [
            each
            for each in self.sources.carried(self.entity, self.entity.table)
            if each.name in carried or each.name == "id"
        ]
        led_to = [
            value.expression.label(self.names[part])
            for part, value in parts.items()
            if self.names[part] in carried
        ]
        return self.sources.level(select(*stored, *led_to).select_from(rows).where(*conditions), frozenset())

    def _carried_above(self, levels: Sequence[Sequence[str]]) -> frozenset[str]:
        """The columns that these levels, or whoever asked, read of what is below them."""
        computed = {name for names in levels for name in names}
        read = {column for name in computed for column in self._columns_of(name)}
        return (frozenset(read) | self.wanted) - computed

    def _columns_of(self, name: str) -> Iterator[str]:
        compiled = self.entity.fields[name]
        if compiled.frozen_at is not None and self.marker is None:
            yield frozen_value(name)
            yield frozen_marker(compiled.frozen_at)
        yield from self._read(self._formula(name).tree)

    def _read(self, node: Node) -> Iterator[str]:
        if node in self.names:
            yield self.names[node]
            return
        if isinstance(node, Column) and node.source == OWN:
            yield node.name
        for each in children(node):
            yield from self._read(each)

    def _level(self, source: FromClause, names: Sequence[str], above: frozenset[str]) -> FromClause:
        late = {node: formula for node, formula in self._sets(names).items() if node not in self.names}
        self._name(late)
        below = self._with_sets(source, late, frozenset(source.c.keys()))
        known = self._known(below)
        values = [self._value(below, name, known).label(name) for name in names]
        carried = [below.c[each.name] for each in source.c if each.name in above or each.name == "id"]
        done = self.sources.computed[source] & above
        return self.sources.level(select(*carried, *values), done | set(names))

    def _value(self, source: FromClause, name: str, known: Known) -> ColumnElement[Any]:
        if self.marker is None:
            return self.sources.live_value(source, self.entity.key, name, known)
        return self.sources.value(self._formula(name), source, known)

    def _with_sets(
        self, source: FromClause, nodes: Mapping[Collect, Formula], carried: frozenset[str]
    ) -> FromClause:
        """The carried columns of `source`, and set functions for all its rows together as further ones."""
        if not nodes:
            return source
        known = self._known(source)
        gathered = gather(nodes, self.sources.reading, source, known, self.sources.catalog.dialect)
        self.meanings |= gathered.values
        joined = source
        for query in gathered.queries:
            joined = joined.outerjoin(query, query.c.id == source.c.id)
        columns = [each for each in source.c if each.name in carried or each.name == "id"]
        columns += [value.expression.label(self.names[node]) for node, value in gathered.values.items()]
        return self.sources.level(select(*columns).select_from(joined), self.sources.computed[source])

    def _known(self, rows: FromClause) -> Known:
        """The parts that the rows have as columns."""
        return {
            part: value.moved(rows.c[self.names[part]])
            for part, value in self.meanings.items()
            if self.names[part] in rows.c
        }


def _parts_led_to(formula: Formula) -> Iterator[Node]:
    """What lies at the end of the record's links, and what set functions read around them by way of links."""
    for node in walk(formula.tree):
        candidates = around(node) if isinstance(node, Collect) else [node] if isinstance(node, Hop) else []
        for part in candidates:
            inside = list(walk(part))
            leads_on = any(isinstance(each, Hop) for each in inside)
            if leads_on and reads_only_own(part) and not any(isinstance(each, Collect) for each in inside):
                yield part
