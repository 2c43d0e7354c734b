"""Full-text search: which records hold what was typed, as conditions.

A term is found in the record's own texts, as far as the person may read them, or in the title of a record
that it links to.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
    union,
)

from engine.access.field_policy import field_conditions, readable
from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.formula.types import Kind
from engine.records.index_hits import has_words, hits_of
from engine.records.search_places import limited_classes, searched_links
from engine.records.select import title_of
from engine.records.sought import COMMON, Sought, asked_alone
from engine.records.word_index import Searched, searched
from engine.transaction import Transaction


def holds(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The condition for records of `source` that hold every term."""
    if not sought.indexed:
        return _contains(transaction, entity, source)
    if not sought.terms:
        return false()
    own = searched(transaction, entity.key)
    assert own is not None
    # The rare terms come out of the index, together where they can; the others are asked of what has these.
    alone = asked_alone(transaction, entity, own, sought)
    gathered = [place for place in sought.gathered if place not in alone]
    asked = [place for place in range(len(sought.terms)) if place not in sought.gathered]
    together = [source.c.id.in_(hits_of(transaction, own.number, "so_alone"))] if alone else []
    return and_(
        *together,
        *(source.c.id.in_(union(*_ways(transaction, entity, place, sought))) for place in gathered),
        *(or_(*_ways_of_one(transaction, entity, own, source, place, sought)) for place in asked),
    )


def each_holds(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The same condition asked of one record after the other: for few records, whatever the words."""
    own = searched(transaction, entity.key)
    assert own is not None
    return and_(
        *(
            or_(*_ways_of_one(transaction, entity, own, source, place, sought))
            for place in range(len(sought.terms))
        )
    )


def common_hits(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The condition for some of the records whose open texts hold every term: enough to see they are many."""
    own = searched(transaction, entity.key)
    assert own is not None
    return source.c.id.in_(hits_of(transaction, own.number, "sw_all").limit(COMMON[transaction.dialect]))


def common_newest(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The same by asking the newest records: for terms that stand in titles of links, or only begin so."""
    rows = entity.table.alias()
    newest = select(rows.c.id).order_by(rows.c.id.desc()).limit(COMMON[transaction.dialect])
    return and_(source.c.id.in_(newest), each_holds(transaction, entity, source, sought))


def in_title(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, common: Sequence[bool]
) -> ColumnElement[bool]:
    """Whether the title has all terms, of which these are common."""
    own = searched(transaction, entity.key)
    assert own is not None
    return and_(
        *(
            has_words(transaction, own.number, source.c.id, f"st_{own.number}_{place}")
            if each
            else source.c.id.in_(hits_of(transaction, own.number, f"st_{own.number}_{place}"))
            for place, each in enumerate(common)
        )
    )


def _ways(transaction: Transaction, entity: CompiledEntity, place: int, sought: Sought) -> list[Select[Any]]:
    """The selections of ids by which a record can hold a term."""
    own = searched(transaction, entity.key)
    assert own is not None
    found = [hits_of(transaction, own.number, f"so_{place}")]
    for each, name in limited_classes(transaction, entity, own).items():
        rows = entity.table.alias()
        allowed = field_conditions(transaction, "read", entity, rows)[name]
        hits = hits_of(transaction, own.number, f"sr_{each}_{place}")
        found.append(select(rows.c.id).where(rows.c.id.in_(hits), allowed))
    for name, target, other in searched_links(transaction, entity) if sought.linked[place] else ():
        rows, linked = entity.table.alias(), target.table.alias()
        hits = hits_of(transaction, other.number, f"st_{other.number}_{place}")
        seen = visible(transaction, target.key, linked)
        if seen is not true():
            hits = select(linked.c.id).where(linked.c.id.in_(hits), seen)
        found.append(select(rows.c.id).where(rows.c[name].in_(hits)))
    return found


def _ways_of_one(
    transaction: Transaction,
    entity: CompiledEntity,
    own: Searched,
    source: FromClause,
    place: int,
    sought: Sought,
) -> Iterator[ColumnElement[bool]]:
    """As `_ways`, as conditions on one record of `source` whose words are looked up."""
    yield has_words(transaction, own.number, source.c.id, f"so_{place}")
    limited = limited_classes(transaction, entity, own)
    if limited:
        allowed = field_conditions(transaction, "read", entity, source)
        for each, name in limited.items():
            yield and_(allowed[name], has_words(transaction, own.number, source.c.id, f"sr_{each}_{place}"))
    for name, target, other in searched_links(transaction, entity) if sought.linked[place] else ():
        has = has_words(transaction, other.number, source.c[name], f"st_{other.number}_{place}")
        linked = target.table.alias()
        seen = visible(transaction, target.key, linked)
        if seen is not true():
            has = and_(has, select(linked.c.id).where(linked.c.id == source.c[name], seen).exists())
        yield has


def _contains(transaction: Transaction, entity: CompiledEntity, source: FromClause) -> ColumnElement[bool]:
    """Child rows, and what no publish has indexed yet: whether own texts or titles of links contain it."""
    catalog, allowed = transaction.catalog, readable(transaction, entity)
    meant = catalog.world.entities[entity.key]
    own = [
        (name, each)
        for name, each in entity.fields.items()
        if name in allowed and each.column and not each.live
    ]
    texts = [source.c[name] for name, _ in own if meant[name].kind is Kind.TEXT]
    links = [
        title_of(transaction, target, source.c[name])
        for name, each in own
        if not each.definition.system
        and meant[name].kind is Kind.LINK
        and (target := meant[name].entity) is not None
    ]
    wanted: ColumnElement[str] = bindparam("search", type_=String())
    found = [each.icontains(wanted, escape="/") for each in [*texts, *links]]
    return or_(*found) if found else false()
