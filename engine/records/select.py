"""The SELECT statements that read records: stored columns, live formulas level by level, titles of links.

Live formulas that read other live formulas are computed in levels, each a common table expression over the
one before that the database does not merge into the next: putting every formula into the next one makes
statements of tens of kilobytes. Rows are narrowed (rights, filter, page) as early as the conditions allow.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    String,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.field_policy import field_conditions, masked, readable, reads_open
from engine.access.implied import read_where_seen
from engine.access.policy import row_condition, rows_condition, visible
from engine.catalog import CompiledEntity
from engine.fields.types.link import Link
from engine.row_levels import computed_rows, computed_values
from engine.row_sources import RowSources
from engine.schema.prepared import Prepared
from engine.transaction import Transaction

Record = dict[str, Any]
Conditions = Callable[[RowSources, FromClause], Sequence[ColumnElement[bool]]]
Order = Callable[[RowSources, FromClause], Sequence[ColumnElement[Any]]]

RESERVED = "_readable_"
MASKED = "_masked"
"""The key of a record under which stand the personal fields that are there and have to be asked for."""
PARAMETERS_AT_MOST = 500
Identities = Sequence[int] | BindParameter[Any]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which records: conditions over their stored columns, conditions that read live fields, order, limit.

    `needs` names the live fields that the late conditions and the order read. With `ids_first` the records of
    a page are chosen by their ids alone: where all have to be put in order, it is without what they show.
    """

    early: Conditions = lambda _sources, _source: ()
    late: Conditions = lambda _sources, _source: ()
    order: Order = lambda _sources, _source: ()
    needs: frozenset[str] = frozenset()
    limit: ColumnElement[int] | None = None
    ids_first: bool = False


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """A statement and how its rows become records."""

    prepared: Prepared
    names: tuple[str, ...]
    links: tuple[tuple[str, int], ...]
    """Link field → position of its title in the row."""
    conditional: tuple[tuple[str, int], ...]
    """Field that only some records show → position of the answer."""
    masked: tuple[tuple[str, int], ...]
    """Personal field → position of the answer whether it has a value that is not shown."""
    extra: int
    """Position of the first column of `order`, for cursors."""

    def rows(self, transaction: Transaction, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """The rows as they come out, for `record`."""
        return self.prepared.rows(transaction.connection, parameters)

    def record(self, row: Sequence[Any]) -> Record:
        """The record of a row: field → value, links as Link(id, title)."""
        record = dict(zip(self.names, row, strict=False))
        for name, position in self.links:
            if record[name] is not None:
                title = row[position]
                record[name] = Link(record[name], "" if title is None else str(title), title is not None)
        for name, position in self.conditional:
            if not row[position]:
                del record[name]
        if self.masked:
            hidden = frozenset(name for name, position in self.masked if row[position])
            if hidden:
                record[MASKED] = hidden
        return record


def record_statement(
    transaction: Transaction,
    entity: CompiledEntity,
    narrowing: Narrowing,
    fields: frozenset[str] | None = None,
    action: str = "read",
) -> RecordStatement:
    """Reads the records that the actor may see (or on which `action` is allowed), as narrowed.

    `fields` limits the fields; those the actor may not read are never among them.
    """
    sources = RowSources(transaction.catalog)
    conditional = frozenset(field_conditions(transaction, "read", entity, entity.table))
    shown = _shown(transaction, entity, fields, conditional)
    if action == "read":
        conditional -= read_where_seen(transaction, entity)
    source: FromClause = entity.table
    allowed = row_condition if narrowing.limit is None else rows_condition
    early = [allowed(transaction, action, entity), *narrowing.early(sources, source)]
    narrowed = False
    if narrowing.needs:
        source = computed_rows(sources, entity, early, narrowing.needs)
        early = []
    conditions = [*early, *narrowing.late(sources, source)]
    order = list(narrowing.order(sources, source))
    wanted = frozenset(shown) & entity.live
    if wanted - sources.computed.get(source, frozenset()):
        page = select(*sources.carried(entity, source)).where(*conditions)
        page = page.order_by(*order).limit(narrowing.limit) if narrowing.limit is not None else page
        source = sources.level(page, sources.computed.get(source, frozenset()))
        source = sources.with_live(entity, source, wanted)
        order = list(narrowing.order(sources, source))
        narrowed = True
    if narrowing.ids_first and not narrowed and source is entity.table and narrowing.limit is not None:
        page = select(source.c.id).where(*conditions).order_by(*order).limit(narrowing.limit)
        conditions = [source.c.id.in_(page.correlate(None))]
    output = _output(transaction, entity, sources, source, shown, conditional)
    sorted_by = [_bare(each).label(f"_sort_{number}") for number, each in enumerate(order)]
    final: Select[Any] = select(*output.columns, *sorted_by).order_by(*order)
    if not narrowed:
        final = final.where(*conditions)
        final = final if narrowing.limit is None else final.limit(narrowing.limit)
    release = transaction.catalog.release if frozenset(shown) & entity.live else None
    prepared = Prepared(final, transaction.connection.dialect, release)
    return RecordStatement(
        prepared, tuple(shown), output.links, output.conditional, output.masked, len(output.columns)
    )


def matching_rows(
    transaction: Transaction, entity: CompiledEntity, narrowing: Narrowing
) -> tuple[RowSources, FromClause, list[ColumnElement[bool]]]:
    """The rows of a narrowing without its order and limit, to count and to sum over."""
    sources = RowSources(transaction.catalog)
    source: FromClause = entity.table
    early = [rows_condition(transaction, "read", entity), *narrowing.early(sources, source)]
    if narrowing.needs:
        source = computed_rows(sources, entity, early, narrowing.needs)
        early = []
    return sources, source, [*early, *narrowing.late(sources, source)]


def live_rows(
    transaction: Transaction, entity: CompiledEntity, names: frozenset[str], identities: Identities
) -> tuple[RowSources, FromClause]:
    """The ids and the named live fields of the rows with these ids, whoever asks; frozen ones may be missing.

    A parameter for the ids stands for a few; a statement with it can be kept.
    """
    sources = RowSources(transaction.catalog)
    chosen = [among(entity.table.c.id, identities, transaction.dialect)]
    if isinstance(identities, BindParameter) or len(identities) <= PARAMETERS_AT_MOST:
        return sources, sources.with_live(entity, sources.first_level(entity, chosen), names)
    return sources, computed_values(sources, entity, chosen, names)


def among(column: ColumnElement[int], identities: Identities, dialect: str) -> ColumnElement[bool]:
    """Whether an id is one of these; many go as one parameter, because statements have only so many."""
    if isinstance(identities, BindParameter) or len(identities) <= PARAMETERS_AT_MOST:
        return column.in_(identities)
    if dialect == "sqlite":
        listed = literal(json.dumps([int(each) for each in identities]), Text())
        return column.in_(select(func.json_each(listed).table_valued("value").c.value))
    # An array tells PostgreSQL how many there are, and so how to join them.
    return column == any_(literal(list(identities), ARRAY(BigInteger)))


def title_of(transaction: Transaction, entity: str, identity: ColumnElement[Any]) -> ColumnElement[Any]:
    """The title of the record of `entity` with this id; null where the actor may not see the record."""
    rows = transaction.catalog.tables.table(entity).alias()
    title = title_column(transaction, entity, rows)
    if transaction.dialect == "postgresql" and not isinstance(title.type, String):
        # PostgreSQL puts no text in the place of a day or a number.
        title = cast(title, String())
    title = func.coalesce(title, "")
    statement = select(title).where(rows.c.id == identity)
    seen = visible(transaction, entity, rows)
    return (statement if seen is true() else statement.where(seen)).scalar_subquery()


def title_column(transaction: Transaction, entity: str, rows: FromClause) -> ColumnElement[Any]:
    """What names the records of `rows`: the number, where its parts may not all be read."""
    catalog = transaction.catalog
    formula = catalog.formula(catalog.entities[entity].definition.title)
    title = RowSources(catalog).value(formula, rows)
    open_ = reads_open(transaction, catalog.entities[entity], formula, rows)
    if open_ is true():
        return title
    return case((open_, title), else_=literal("#") + cast(rows.c.id, String()))


def _shown(
    transaction: Transaction,
    entity: CompiledEntity,
    fields: frozenset[str] | None,
    conditional: frozenset[str],
) -> list[str]:
    allowed = readable(transaction, entity) | conditional
    always = {"id", "revision", "stage"}
    return [
        name
        for name, each in entity.fields.items()
        if name in allowed
        and (each.column or each.live)
        and (fields is None or name in fields or name in always)
    ]


@dataclass(frozen=True, slots=True)
class _Output:
    """The columns that make a record, and which of them are titles and answers about rights."""

    columns: list[Any]
    links: tuple[tuple[str, int], ...]
    conditional: tuple[tuple[str, int], ...]
    masked: tuple[tuple[str, int], ...]


def _output(
    transaction: Transaction,
    entity: CompiledEntity,
    sources: RowSources,
    source: FromClause,
    shown: Sequence[str],
    conditional: frozenset[str],
) -> _Output:
    catalog = transaction.catalog
    columns: list[Any] = [sources.column(source, entity.key, name).label(name) for name in shown]
    links = []
    for name in shown:
        target = catalog.world.entities[entity.key][name].entity
        if target is not None:
            links.append((name, len(columns)))
            identity = sources.column(source, entity.key, name)
            columns.append(title_of(transaction, target, identity).label(f"_title_{name}"))
    answers, hidden = [], []
    if conditional:
        conditions = field_conditions(transaction, "read", entity, source)
        for name, condition in conditions.items():
            if name in conditional and name in shown:
                answers.append((name, len(columns)))
                columns.append(condition.label(f"{RESERVED}{name}"))
        for name in sorted(masked(transaction, entity) & frozenset(shown)):
            hidden.append((name, len(columns)))
            value = sources.column(source, entity.key, name)
            columns.append(
                and_(conditions[name].is_not(true()), value.is_not(None)).label(f"{MASKED}_{name}")
            )
    return _Output(columns, tuple(links), tuple(answers), tuple(hidden))


def _bare(ordering: ColumnElement[Any]) -> ColumnElement[Any]:
    """The expression of `expression DESC NULLS FIRST`."""
    bare: Any = ordering
    while getattr(bare, "modifier", None) is not None:
        bare = bare.element
    return bare  # type: ignore[no-any-return]
