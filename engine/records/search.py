"""Full-text search: which records hold what was typed, as conditions.

A term is found in the record's own texts, as far as the person may read them, or in the title of a record
that it links to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Function,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from engine.access.field_policy import field_conditions, field_right, readable
from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.formula.types import Kind
from engine.records.select import title_of
from engine.records.word_index import Searched, searched
from engine.schema.kept_words import FUNCTION, asked_of_one
from engine.schema.prepared import Prepared
from engine.schema.search_index import ENTITY_STRIDE, OPEN, TITLE, question
from engine.schema.search_words import Term, terms_of
from engine.schema.word_counts import how_many
from engine.transaction import Transaction

COMMON: Mapping[str, int] = {"sqlite": 20_000, "postgresql": 5_000}
"""With more hits than this a list is not put in the order of its hits: every page would sort all of them."""

_SQLITE = table("dougong_search", column("rowid"), column("words"))
_SQLITE_KEPT = table("dougong_search_content", column("id"), column("c0"))
"""Where FTS5 keeps what was written; to read it there costs a fifth."""
_POSTGRESQL = table("dougong_search", column("number"), column("record_id"), column("words", TSVECTOR()))


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, ready to be looked for in one entity.

    `shape` tells apart the statements that it needs; `parameters` are their bind parameters.
    """

    text: str
    terms: tuple[Term, ...]
    indexed: bool
    common: tuple[bool, ...]
    """For each term whether very many records have it: it is asked of records, not taken out of the index."""
    linked: tuple[bool, ...]
    """For each term whether the title of any record has it that these may link to."""
    parameters: Mapping[str, Any]

    @property
    def shape(self) -> tuple[bool, tuple[bool, ...], tuple[bool, ...]]:
        return self.indexed, self.common, self.linked

    @property
    def gathered(self) -> tuple[int, ...]:
        """The terms whose hits are taken out of the index: the rare ones, all where there is none."""
        rare = tuple(place for place, common in enumerate(self.common) if not common)
        return rare or tuple(range(len(self.terms)))

    @property
    def unlinked(self) -> tuple[int, ...]:
        """The terms that no title has that these may link to."""
        return tuple(place for place, linked in enumerate(self.linked) if not linked)

    @property
    def all_common(self) -> bool:
        """Whether every term is common, so that hits are neither gathered nor sorted by their titles."""
        return self.indexed and bool(self.terms) and all(self.common)

    @property
    def titles_first(self) -> bool:
        """Whether records whose title has the words come first."""
        return self.indexed and bool(self.terms) and not all(self.common)


Counted = dict[tuple[int, Term, tuple[str, ...]], int]
"""How many records have a term: kept for one search that goes through entities which link to the same."""


def seek(
    transaction: Transaction, entity: CompiledEntity, text: str, counted: Counted | None = None
) -> Sought:
    """Prepares a search in the records of an entity."""
    terms = terms_of(text)
    own = searched(transaction, entity.key)
    if own is None:
        return Sought(text, terms, False, (), (), {"search": _pattern(text)})
    parameters = dict(_questions(transaction, entity, own, terms))
    counts: Counted = {} if counted is None else counted
    spread = [
        _spread(transaction, entity, own, place, term, counts, parameters) for place, term in enumerate(terms)
    ]
    sought = Sought(
        text,
        terms,
        True,
        tuple(many for many, _ in spread),
        tuple(linked for _, linked in spread),
        parameters,
    )
    alone = [parameters[f"so_{place}"] for place in _alone(transaction, entity, own, sought)]
    return replace(sought, parameters={**parameters, "so_alone": all_of(transaction.dialect, alone)})


def all_of(dialect: str, questions: Iterable[str]) -> str:
    """One question for records for which all of these hold."""
    return (" AND " if dialect == "sqlite" else " & ").join(questions)


def _alone(
    transaction: Transaction, entity: CompiledEntity, own: Searched, sought: Sought
) -> tuple[int, ...]:
    """The terms that are taken out of the index and can only stand in the record's own open texts."""
    if _limited_classes(transaction, entity, own):
        return ()
    return tuple(place for place in sought.gathered if not sought.linked[place])


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
    alone = _alone(transaction, entity, own, sought)
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
            _has(transaction, own.number, source.c.id, f"st_{own.number}_{place}")
            if each
            else source.c.id.in_(hits_of(transaction, own.number, f"st_{own.number}_{place}"))
            for place, each in enumerate(common)
        )
    )


def _questions(
    transaction: Transaction, entity: CompiledEntity, own: Searched, terms: Sequence[Term]
) -> Iterator[tuple[str, str]]:
    """The bind parameters: for each term what is asked of texts, of the title, of titles of links.

    `sw_all` asks for whole words in open texts, be they unfinished or not.
    """
    dialect = transaction.dialect
    free = _free_classes(transaction, entity, own)
    limited = _limited_classes(transaction, entity, own)
    targets = {other.number for _, _, other in _links(transaction, entity)}
    whole = [replace(term, begins=False) for term in terms]
    together = [question(dialect, own.number, term, free) for term in whole]
    yield "sw_all", all_of(dialect, together)
    for place, term in enumerate(terms):
        asked = [(f"so_{place}", own.number, free)]
        asked += [(f"sr_{each}_{place}", own.number, [each]) for each in limited]
        asked += [(f"st_{number}_{place}", number, [TITLE]) for number in {own.number, *targets}]
        for name, number, over in asked:
            yield name, question(dialect, number, term, over)
            if dialect == "sqlite":
                yield f"each_{name}", asked_of_one(number, term, over)


def _free_classes(transaction: Transaction, entity: CompiledEntity, own: Searched) -> list[str]:
    """The classes that the actor may read on every record."""
    found = {
        each
        for name, each in own.fields.items()
        if each in {OPEN, TITLE} or (name in entity.fields and field_right(transaction, entity, name, "read"))
    }
    return sorted({OPEN, *found} - {TITLE})


def _limited_classes(transaction: Transaction, entity: CompiledEntity, own: Searched) -> dict[str, str]:
    """The classes that the actor may read on some records: class → a field of it."""
    return {
        each: name
        for name, each in own.fields.items()
        if each not in {OPEN, TITLE}
        and name in entity.fields
        and field_right(transaction, entity, name, "read") is None
    }


def _links(
    transaction: Transaction, entity: CompiledEntity
) -> Iterator[tuple[str, CompiledEntity, Searched]]:
    """The link fields that may be read: name, the entity they lead to, and how that is indexed."""
    catalog, allowed = transaction.catalog, readable(transaction, entity)
    for name, each in entity.fields.items():
        meant = catalog.world.entities[entity.key][name]
        if meant.kind is not Kind.LINK or not meant.entity or name not in allowed:
            continue
        other = searched(transaction, meant.entity)
        if each.column and not each.live and not each.definition.system and other is not None:
            yield name, catalog.entity(meant.entity), other


def _ways(transaction: Transaction, entity: CompiledEntity, place: int, sought: Sought) -> list[Select[Any]]:
    """The selections of ids by which a record can hold a term."""
    own = searched(transaction, entity.key)
    assert own is not None
    found = [hits_of(transaction, own.number, f"so_{place}")]
    for each, name in _limited_classes(transaction, entity, own).items():
        rows = entity.table.alias()
        allowed = field_conditions(transaction, "read", entity, rows)[name]
        hits = hits_of(transaction, own.number, f"sr_{each}_{place}")
        found.append(select(rows.c.id).where(rows.c.id.in_(hits), allowed))
    for name, target, other in _links(transaction, entity) if sought.linked[place] else ():
        rows, linked = entity.table.alias(), target.table.alias()
        hits = hits_of(transaction, other.number, f"st_{other.number}_{place}")
        seen = visible(transaction, target.key, linked)
        if seen is not true():
            hits = select(linked.c.id).where(linked.c.id.in_(hits), seen)
        found.append(select(rows.c.id).where(rows.c[name].in_(hits)))
    return found


def hits_of(transaction: Transaction, number: int, parameter: str) -> Select[Any]:
    """The ids of the records for which a question holds."""
    asked = bindparam(parameter, type_=String())
    if transaction.dialect == "sqlite":
        found = literal_column("dougong_search").op("MATCH", is_comparison=True)(asked)
        identity = (_SQLITE.c.rowid - literal_column(str(number * ENTITY_STRIDE))).label("id")
        return select(identity).select_from(_SQLITE).where(found)
    rows = _POSTGRESQL.alias()
    return select(rows.c.record_id.label("id")).where(
        rows.c.words.op("@@", is_comparison=True)(cast(asked, TSQUERY)),
        rows.c.number == literal_column(str(number)),
    )


def newest_hits(transaction: Transaction, number: int, parameter: str) -> Select[Any]:
    """The same, newest first where the index has them in that order."""
    found = hits_of(transaction, number, parameter)
    return found.order_by(_SQLITE.c.rowid.desc()) if transaction.dialect == "sqlite" else found


def _ways_of_one(
    transaction: Transaction,
    entity: CompiledEntity,
    own: Searched,
    source: FromClause,
    place: int,
    sought: Sought,
) -> Iterator[ColumnElement[bool]]:
    """As `_ways`, as conditions on one record of `source` whose words are looked up."""
    yield _has(transaction, own.number, source.c.id, f"so_{place}")
    limited = _limited_classes(transaction, entity, own)
    if limited:
        allowed = field_conditions(transaction, "read", entity, source)
        for each, name in limited.items():
            yield and_(allowed[name], _has(transaction, own.number, source.c.id, f"sr_{each}_{place}"))
    for name, target, other in _links(transaction, entity) if sought.linked[place] else ():
        has = _has(transaction, other.number, source.c[name], f"st_{other.number}_{place}")
        linked = target.table.alias()
        seen = visible(transaction, target.key, linked)
        if seen is not true():
            has = and_(has, select(linked.c.id).where(linked.c.id == source.c[name], seen).exists())
        yield has


def _has(
    transaction: Transaction, number: int, identity: ColumnElement[Any], parameter: str
) -> ColumnElement[bool]:
    """Whether the words that are kept of one record answer a question."""
    if transaction.dialect == "sqlite":
        row: ColumnElement[int] = literal_column(str(number * ENTITY_STRIDE)) + identity
        words = select(_SQLITE_KEPT.c.c0).where(_SQLITE_KEPT.c.id == row).scalar_subquery()
        asked = bindparam(f"each_{parameter}", type_=String())
        return Function(FUNCTION, words, asked, type_=Boolean())
    rows = _POSTGRESQL.alias()
    found = rows.c.words.op("@@", is_comparison=True)(cast(bindparam(parameter, type_=String()), TSQUERY))
    own = (rows.c.number == literal_column(str(number)), rows.c.record_id == identity)
    # A value, not EXISTS: PostgreSQL would turn that into a join with all hits.
    return func.coalesce(select(found).where(*own).scalar_subquery(), false())


def _spread(
    transaction: Transaction,
    entity: CompiledEntity,
    own: Searched,
    place: int,
    term: Term,
    counted: Counted,
    parameters: Mapping[str, Any],
) -> tuple[bool, bool]:
    """Whether very many records have a term, and whether a title has it that they may link to."""
    most = COMMON[transaction.dialect]

    def count(number: int, classes: tuple[str, ...]) -> int:
        key = (number, term, classes)
        if key not in counted:
            counted[key] = how_many(transaction.connection, number, term, classes, most)
        return counted[key]

    many, linked = count(own.number, tuple(_free_classes(transaction, entity, own))) > most, False
    for name, _, other in _links(transaction, entity):
        titled = count(other.number, (TITLE,))
        linked = linked or titled > 0
        if not many and titled:
            many = titled > most or _are_linked(transaction, entity, name, other, place, parameters)
    return many, linked


def _are_linked(
    transaction: Transaction,
    entity: CompiledEntity,
    name: str,
    other: Searched,
    place: int,
    parameters: Mapping[str, Any],
) -> bool:
    """Whether very many records link to one whose title has a term."""
    most = COMMON[transaction.dialect]
    statement = transaction.catalog.once(
        ("linked hits", entity.key, name, place), partial(_linking, transaction, entity, name, other, place)
    )
    return bool(statement.rows(transaction.connection, {**parameters, "most": most + 1})[0][0] > most)


def _linking(
    transaction: Transaction, entity: CompiledEntity, name: str, other: Searched, place: int
) -> Prepared:
    hits = hits_of(transaction, other.number, f"st_{other.number}_{place}")
    rows = select(entity.table.c.id).where(entity.table.c[name].in_(hits)).limit(bindparam("most", 0))
    counted = select(func.count().label("count")).select_from(rows.subquery())
    return Prepared(counted, transaction.connection.dialect)


def _pattern(text: str) -> str:
    """What was searched for, with the wildcards of LIKE meaning themselves."""
    return text.strip().replace("/", "//").replace("%", "/%").replace("_", "/_")


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
