"""How compiled formulas find rows and columns: tables of the catalog, live fields compiled where read."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, FromClause, case, select

from engine.catalog import Catalog
from engine.formula.compile_sql import compile_sql
from engine.schema.names import frozen_marker

Restriction = Callable[[str, FromClause], ColumnElement[bool]]


@dataclass(slots=True)
class RowSources:
    """Implements the formula compiler's `Tables`.

    With `restrict`, only rows for which that condition holds are seen: for formulas that a person sends.
    `computed` names, for a source that is itself a query, the live fields that it already computed.
    """

    catalog: Catalog
    restrict: Restriction | None = None
    computed: dict[FromClause, frozenset[str]] = field(default_factory=dict)

    def source(self, entity: str) -> FromClause:
        """A fresh alias of the entity's rows."""
        table = self.catalog.tables.table(entity)
        if self.restrict is None:
            return table.alias()
        return select(table).where(self.restrict(entity, table)).subquery()

    def column(self, source: FromClause, entity: str, field: str) -> ColumnElement[object]:
        """The stored value, or the expression of a live one (its frozen value once it is frozen)."""
        compiled = self.catalog.entities[entity].fields[field]
        if not compiled.live or field in self.computed.get(source, ()):
            stored: ColumnElement[object] = source.c[field]
            return stored
        return self.live_value(source, entity, field)

    def live_value(self, source: FromClause, entity: str, field: str) -> ColumnElement[object]:
        """The formula of a live field over `source`; a frozen record's stored value instead."""
        compiled = self.catalog.entities[entity].fields[field]
        assert compiled.formula is not None
        formula = compile_sql(compiled.formula, self, source, self.catalog.dialect)
        if compiled.frozen_at is None:
            return formula
        frozen = source.c[frozen_marker(compiled.frozen_at)].is_not(None)
        stored = source.c[frozen_value(field) if source in self.computed else field]
        return case((frozen, stored), else_=formula)

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        """The rows of a set field (child rows, many-to-many links): alias, entity, join condition."""
        catalog = self.catalog
        compiled = catalog.entities[entity]
        if field in compiled.children:
            child = compiled.children[field]
            rows = self.source(child)
            link = catalog.entities[child].parent_link
            assert link is not None
            return rows, child, rows.c[link] == source.c.id
        element = catalog.world.entities[entity][field].element
        assert element is not None
        assert element.entity is not None
        rows, pairs = self.source(element.entity), catalog.tables.links_table(entity, field).alias()
        linked = select(pairs.c.target_id).where(pairs.c.record_id == source.c.id)
        return rows, element.entity, rows.c.id.in_(linked)


def frozen_value(field: str) -> str:
    """The name under which a query that computes live fields carries a field's stored, frozen value."""
    return f"_frozen_value_{field}"
