"""Full-text search: which records hold what was typed, as conditions for a list and across all entities.

A term is found in the record's own texts, as far as the person may read them, or in the title of a record
that it links to. Records whose title has all terms come first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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

from engine.access.policy import field_conditions, field_right, may, readable, visible
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.formula.types import Kind
from engine.records.select import title_column, title_of
from engine.records.word_index import Searched, searched
from engine.schema.kept_words import FUNCTION, asked_of_one
from engine.schema.prepared import Prepared
from engine.schema.search_index import ENTITY_STRIDE, OPEN, TITLE, question
from engine.schema.search_words import Term, folded, terms_of
from engine.transaction import Transaction

COMMON: Mapping[str, int] = {"sqlite": 20_000, "postgresql": 5_000}
"""With more hits than this a list is not put in the order of its hits: every page would sort all of them."""
LOOKED_AT = 200
"""How many hits of an entity are looked at to find the best ones."""

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
    parameters: Mapping[str, Any]

    @property
    def shape(self) -> tuple[bool, tuple[bool, ...]]:
        return self.indexed, self.common

    @property
    def all_common(self) -> bool:
        """Whether every term is common, so that hits are neither gathered nor sorted by their titles."""
        return self.indexed and bool(self.terms) and all(self.common)

    @property
    def titles_first(self) -> bool:
        """Whether records whose title has the words come first."""
        return self.indexed and bool(self.terms) and not all(self.common)


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was found."""

    entity: str
    id: int
    title: str


def seek(transaction: Transaction, entity: CompiledEntity, text: str) -> Sought:
    """Prepares a search in the records of an entity."""
    terms = terms_of(text)
    own = searched(transaction, entity.key)
    if own is None:
        return Sought(text, terms, indexed=False, common=(), parameters={"search": _pattern(text)})
    parameters = dict(_questions(transaction, entity, own, terms))
    common = tuple(_is_common(transaction, own, place, parameters) for place in range(len(terms)))
    return Sought(text, terms, indexed=True, common=common, parameters=parameters)


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
    # The rare terms come out of the index; the others are asked of what has these.
    return and_(
        *(
            or_(*_ways_of_one(transaction, entity, own, source, place))
            if common and not sought.all_common
            else source.c.id.in_(union(*_ways(transaction, entity, place)))
            for place, common in sorted(enumerate(sought.common), key=lambda each: each[1])
        )
    )


def each_holds(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The same condition asked of one record after the other: for few records, whatever the words."""
    own = searched(transaction, entity.key)
    assert own is not None
    return and_(
        *(or_(*_ways_of_one(transaction, entity, own, source, place)) for place in range(len(sought.terms)))
    )


def common_hits(
    transaction: Transaction, entity: CompiledEntity, source: FromClause, sought: Sought
) -> ColumnElement[bool]:
    """The condition for some of the records whose open texts hold every term: enough to see they are many."""
    own = searched(transaction, entity.key)
    assert own is not None
    return source.c.id.in_(_hits(transaction, own.number, "sw_all").limit(COMMON[transaction.dialect]))


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
            else source.c.id.in_(_hits(transaction, own.number, f"st_{own.number}_{place}"))
            for place, each in enumerate(common)
        )
    )


def search_everywhere(
    transaction: Transaction, text: str, limit: int = 20, entities: Sequence[str] | None = None
) -> list[Found]:
    """The best hits in all records that the actor may see, those whose title is most like it first."""
    found: list[tuple[tuple[int, int, int], Found]] = []
    catalog = transaction.catalog
    for order, (key, entity) in enumerate(catalog.entities.items()):
        if entities is not None and key not in entities:
            continue
        if searched(transaction, key) is None or not may(transaction, "read", entity).allowed:
            continue
        found += [
            ((_likeness(text, each.title), order, -each.id), each)
            for each in best_of(transaction, entity, text, limit)
        ]
    found.sort(key=lambda pair: pair[0])
    return [each for _, each in found[:limit]]


def best_of(
    transaction: Transaction,
    entity: CompiledEntity,
    text: str,
    limit: int,
    further: Callable[[FromClause], ColumnElement[bool]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> list[Found]:
    """The best hits among the records of one entity that the actor may see and for which `further` holds."""
    sought = seek(transaction, entity, text)
    if sought.indexed and not sought.terms:
        return []
    rows = entity.table.alias()
    statement = select(rows.c.id, title_column(transaction, entity.key, rows).label("title")).where(
        visible(transaction, entity.key, rows), holds(transaction, entity, rows, sought)
    )
    if further is not None:
        statement = statement.where(further(rows))
    if sought.titles_first:
        statement = statement.order_by(in_title(transaction, entity, rows, sought.common).desc())
    statement = statement.order_by(rows.c.id.desc()).limit(LOOKED_AT)
    bound = {**moment_parameters(transaction.moment), **sought.parameters, **(parameters or {})}
    hits = [
        Found(entity.key, identity, str(title or ""))
        for identity, title in transaction.connection.execute(statement, bound)
    ]
    return sorted(hits, key=lambda each: (_likeness(text, each.title), each.title, each.id))[:limit]


def _likeness(text: str, title: str) -> int:
    """0 the same, 1 begins so, 2 contains it, 3 something else made it a hit."""
    wanted, named = folded(text).strip(), folded(title)
    if named == wanted:
        return 0
    return 1 if named.startswith(wanted) else 2 if wanted in named else 3


def _questions(
    transaction: Transaction, entity: CompiledEntity, own: Searched, terms: Sequence[Term]
) -> Iterator[tuple[str, str]]:
    """The bind parameters: for each term what is asked of texts, of the title, of titles of links.

    Those that begin with `sw` ask for whole words in open texts, be they unfinished or not.
    """
    dialect = transaction.dialect
    free = _free_classes(transaction, entity, own)
    limited = _limited_classes(transaction, entity, own)
    targets = {other.number for _, _, other in _links(transaction, entity)}
    whole = [replace(term, begins=False) for term in terms]
    together = [question(dialect, own.number, term, free) for term in whole]
    yield from ((f"sw_{place}", each) for place, each in enumerate(together))
    yield "sw_all", (" AND " if dialect == "sqlite" else " & ").join(together)
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


def _ways(transaction: Transaction, entity: CompiledEntity, place: int) -> list[Select[Any]]:
    """The selections of ids by which a record can hold a term."""
    own = searched(transaction, entity.key)
    assert own is not None
    found = [_hits(transaction, own.number, f"so_{place}")]
    for each, name in _limited_classes(transaction, entity, own).items():
        rows = entity.table.alias()
        allowed = field_conditions(transaction, "read", entity, rows)[name]
        hits = _hits(transaction, own.number, f"sr_{each}_{place}")
        found.append(select(rows.c.id).where(rows.c.id.in_(hits), allowed))
    for name, target, other in _links(transaction, entity):
        rows, linked = entity.table.alias(), target.table.alias()
        hits = _hits(transaction, other.number, f"st_{other.number}_{place}")
        seen = visible(transaction, target.key, linked)
        if seen is not true():
            hits = select(linked.c.id).where(linked.c.id.in_(hits), seen)
        found.append(select(rows.c.id).where(rows.c[name].in_(hits)))
    return found


def _hits(transaction: Transaction, number: int, parameter: str) -> Select[Any]:
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


def _ways_of_one(
    transaction: Transaction, entity: CompiledEntity, own: Searched, source: FromClause, place: int
) -> Iterator[ColumnElement[bool]]:
    """As `_ways`, as conditions on one record of `source` whose words are looked up."""
    yield _has(transaction, own.number, source.c.id, f"so_{place}")
    limited = _limited_classes(transaction, entity, own)
    if limited:
        allowed = field_conditions(transaction, "read", entity, source)
        for each, name in limited.items():
            yield and_(allowed[name], _has(transaction, own.number, source.c.id, f"sr_{each}_{place}"))
    for name, target, other in _links(transaction, entity):
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


def _is_common(transaction: Transaction, own: Searched, place: int, parameters: Mapping[str, Any]) -> bool:
    """Whether a term is in the texts of very many records."""
    # Words as they were typed are counted in no time; those that only begin so have to be gathered first.
    for name in (f"sw_{place}", f"so_{place}"):
        statement = transaction.catalog.once(
            ("common", own.number, name), partial(_counting, transaction, own.number, name)
        )
        if statement.rows(transaction.connection, parameters)[0][0] > COMMON[transaction.dialect]:
            return True
    return False


def _counting(transaction: Transaction, number: int, name: str) -> Prepared:
    hits = _hits(transaction, number, name).limit(COMMON[transaction.dialect] + 1)
    counted = select(func.count().label("count")).select_from(hits.subquery())
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
