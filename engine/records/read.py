"""Reading records: one of the only two doors to rows. What the actor may not see does not come out."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, select, true

from engine.access.field_policy import field_conditions, field_right, readable
from engine.access.policy import rights_key, visible
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID, Link
from engine.formula.compile_sql import moment_parameters
from engine.problems import NotFound
from engine.records.best_hits import Fitting, best_of
from engine.records.common_words import first_hits, only_these
from engine.records.compute import own_parameters
from engine.records.query import (
    LARGEST_PAGE,
    Query,
    cursor_parameters,
    narrowing,
    read_cursor,
    sent_filter,
    sort_keys,
    title_hits,
    write_cursor,
)
from engine.records.select import (
    Narrowing,
    Record,
    RecordStatement,
    record_statement,
    title_column,
)
from engine.records.sought import seek
from engine.records.whole import tell, whole_of
from engine.row_sources import RowSources
from engine.schema.prepared import Prepared, each_of, placed, places
from engine.text import say
from engine.transaction import Transaction

TITLES_AT_ONCE = 512
NO_RECORD = -1
OFFERED_FROM = 1_000
"""Where nothing is typed yet, a link field offers the first titles of so many newest records."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a list; `next` is the cursor of the page after, None on the last one."""

    records: list[Record]
    next: str | None
    count: int | None = None
    count_capped: bool = False
    totals: Mapping[str, Any] = field(default_factory=dict)
    totals_left_out: bool = False
    """Whether there are too many records to have their totals with the page."""


def get(transaction: Transaction, key: str, identity: int) -> Record:
    """The record with titles of links, child rows and live values; NotFound also when it may not be seen."""
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "read", entity)
    statement = transaction.catalog.once(
        ("get", key, rights_key(transaction)),
        lambda: record_statement(
            transaction,
            entity,
            Narrowing(early=lambda _sources, source: [source.c.id == bindparam("identity")]),
        ),
    )
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    rows = statement.rows(transaction, parameters) if 0 < identity <= LARGEST_ID else []
    if not rows:
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    record = statement.record(rows[0])
    attach_many(transaction, entity, [record])
    attach_children(transaction, entity, record)
    return record


def exists(transaction: Transaction, key: str, identity: int, action: str = "read") -> bool:
    """Whether the record is there and the actor may do `action` on it."""
    entity = transaction.catalog.entity(key)
    statement = transaction.catalog.once(
        ("exists", key, action, rights_key(transaction)),
        lambda: record_statement(
            transaction,
            entity,
            Narrowing(early=lambda _sources, source: [source.c.id == bindparam("identity")]),
            frozenset({"id"}),
            action,
        ),
    )
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    return 0 < identity <= LARGEST_ID and bool(statement.rows(transaction, parameters))


def page(transaction: Transaction, key: str, query: Query) -> Page:
    """One page of a list, with its count and totals when asked for.

    Raises InputRefused for a filter or sort that cannot be, Malformed for a foreign cursor.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "read", entity)
    query = replace(query, limit=max(1, min(query.limit, LARGEST_PAGE)))
    keys = sort_keys(entity, readable(transaction, entity), query)
    formula = sent_filter(transaction, entity, query.filter)
    sought = seek(transaction, entity, query.search) if query.search.strip() else None
    if sought and sought.titles_first and not query.sort:
        keys = (title_hits(sought), *keys)
    cursor = read_cursor(entity, keys, query.after) if query.after else None
    narrowed = narrowing(transaction, entity, query, formula, keys, cursor, sought)
    blanks = tuple(value is None for value in cursor) if cursor is not None else None
    shape: Hashable = sought and sought.shape
    parameters = {
        **moment_parameters(transaction.moment),
        **cursor_parameters(cursor),
        "page_limit": query.limit + 1,
    }
    if sought:
        parameters |= sought.parameters
        every = narrowing(transaction, entity, query, formula, keys, cursor)
        about = (key, rights_key(transaction), query.filter, query.view, keys, blanks)
        ids = first_hits(transaction, entity, query, every, sought, parameters, about)
        if ids is not None:
            # A page without any record asks for one that cannot be.
            ids = ids or [NO_RECORD]
            narrowed, shape = only_these(ids, narrowed), ("ids", len(places(len(ids))))
            parameters |= placed(ids)
    statement: RecordStatement = transaction.catalog.once(
        ("page", key, rights_key(transaction), query.filter, shape, query.view, keys, blanks, query.fields),
        lambda: record_statement(transaction, entity, narrowed, query.fields),
    )
    rows = statement.rows(transaction, parameters)
    records = [statement.record(row) for row in rows[: query.limit]]
    attach_many(transaction, entity, records, query.fields)
    following = None
    if len(rows) > query.limit:
        last = rows[query.limit - 1]
        following = write_cursor(entity, keys, last[statement.extra : statement.extra + len(keys)])
    whole = whole_of(transaction, entity, query, formula, sought)
    # A list that ends on its first page has been counted by reading it.
    known = len(records) if following is None and cursor is None else None
    told = tell(transaction, entity, whole, query, known)
    return Page(records, following, told.count, told.capped, told.totals, told.left_out)


def choices(
    transaction: Transaction,
    key: str,
    field: str,
    text: str,
    values: Mapping[str, Any],
    limit: int = 20,
) -> list[Link]:
    """Records that a link field may hold: seen by the actor, allowed by `only`, found by `text`.

    `values` are the other values of the form, which `only` may read.
    """
    catalog = transaction.catalog
    each = catalog.entity(key).fields[field]
    if field_right(transaction, catalog.entity(key), field, "read") is False:
        label = catalog.entity(key).definition.label
        raise NotFound(say("{entity} has no field '{name}'.", entity=label, name=field))
    meant = catalog.world.entities[key][field]
    target = catalog.entity((meant.entity or (meant.element and meant.element.entity)) or "")
    only = catalog.formula(each.definition.only) if each.definition.only else None
    own = own_parameters(values, only.own) if only else {}

    def fits(rows: FromClause) -> ColumnElement[bool]:
        return RowSources(catalog).holds(only, rows) if only else true()

    if text.strip():
        fitting = Fitting(("choices", key, field), fits, own)
        return [Link(hit.id, hit.title) for hit in best_of(transaction, target, text, limit, fitting)]
    rows = target.table.alias()
    newest = (
        select(rows.c.id, title_column(transaction, target.key, rows).label("title"))
        .where(visible(transaction, target.key, rows), fits(rows))
        .order_by(rows.c.id.desc())
        .limit(OFFERED_FROM)
        .subquery()
    )
    statement = select(newest).order_by(newest.c.title, newest.c.id).limit(limit)
    found = transaction.connection.execute(statement, moment_parameters(transaction.moment) | own)
    return [Link(identity, str(name or "")) for identity, name in found]


def titles(transaction: Transaction, key: str, identities: Iterable[int]) -> dict[int, str]:
    """The titles of those of the records that the actor may see."""
    wanted = sorted({each for each in identities if 0 < each <= LARGEST_ID})
    moment, found = moment_parameters(transaction.moment), dict[int, str]()
    for first in range(0, len(wanted), TITLES_AT_ONCE):
        some = wanted[first : first + TITLES_AT_ONCE]
        statement = _titles(transaction, key, places(len(some)))
        rows = statement.rows(transaction.connection, moment | placed(some))
        found |= {identity: str(name or "") for identity, name in rows}
    return found


def _titles(transaction: Transaction, key: str, names: tuple[str, ...]) -> Prepared:
    """The statement for the ids and titles of as many records as there are names for them."""

    def make() -> Prepared:
        rows = transaction.catalog.tables.table(key).alias()
        statement = select(rows.c.id, title_column(transaction, key, rows)).where(
            each_of(rows.c.id, names), visible(transaction, key, rows)
        )
        return Prepared(statement, transaction.connection.dialect)

    return transaction.catalog.once(("titles", key, len(names), rights_key(transaction)), make)


def attach_many(
    transaction: Transaction,
    entity: CompiledEntity,
    records: Sequence[Record],
    fields: frozenset[str] | None = None,
) -> None:
    """Puts the values of many-to-many fields into the records: tuples of Link."""
    for name, target_key in entity.many.items():
        if fields is not None and name not in fields:
            continue
        identities = showing(transaction, entity, name, [record["id"] for record in records])
        if not identities:
            continue
        pairs = transaction.catalog.tables.links_table(entity.key, name)
        found = transaction.connection.execute(
            select(pairs.c.record_id, pairs.c.target_id)
            .where(pairs.c.record_id.in_(identities))
            .order_by(pairs.c.record_id, pairs.c.target_id)
        ).all()
        named = titles(transaction, target_key, (target for _, target in found))
        for record in records:
            if record["id"] in identities:
                record[name] = tuple(
                    named_link(target, named) for owner, target in found if owner == record["id"]
                )


def named_link(identity: int, names: Mapping[int, str]) -> Link:
    """The link to a record with the name that `titles` gave it; without one it may not be seen."""
    return Link(identity, names.get(identity, ""), identity in names)


def showing(
    transaction: Transaction, entity: CompiledEntity, name: str, identities: Sequence[int]
) -> frozenset[int]:
    """Those of the records that show a field which does not lie in their own row."""
    right = field_right(transaction, entity, name, "read")
    if right is not None:
        return frozenset(identities) if right else frozenset()
    table = entity.table
    shown = field_conditions(transaction, "read", entity, table)[name]
    found = transaction.connection.execute(
        select(table.c.id).where(table.c.id.in_(identities), shown), moment_parameters(transaction.moment)
    )
    return frozenset(found.scalars())


def attach_children(transaction: Transaction, entity: CompiledEntity, record: Record) -> None:
    """Puts the child rows into a record: lists of records in their order."""
    for name, child_key in entity.children.items():
        if showing(transaction, entity, name, [record["id"]]):
            record[name] = child_rows(transaction, child_key, record["id"])


def child_rows(transaction: Transaction, child_key: str, owner: int) -> list[Record]:
    """The rows of one owner, in their order."""
    child = transaction.catalog.entity(child_key)
    link = child.parent_link
    assert link is not None
    statement = transaction.catalog.once(
        ("children", child_key, rights_key(transaction)),
        lambda: record_statement(
            transaction,
            child,
            Narrowing(
                early=lambda _sources, source: [source.c[link] == bindparam("owner")],
                order=lambda _sources, source: [source.c.position, source.c.id],
            ),
        ),
    )
    parameters = {**moment_parameters(transaction.moment), "owner": owner}
    rows = statement.rows(transaction, parameters)
    records = [statement.record(row) for row in rows]
    attach_many(transaction, child, records)
    for record in records:
        attach_children(transaction, child, record)
    return records
