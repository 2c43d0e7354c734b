"""What was typed into a search, ready to be looked for in one entity."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import (
    bindparam,
    func,
    select,
)

from engine.catalog import CompiledEntity
from engine.records.index_hits import hits_of
from engine.records.search_places import free_classes, limited_classes, searched_links
from engine.records.word_index import Searched, searched
from engine.schema.kept_words import asked_of_one
from engine.schema.prepared import Prepared
from engine.schema.search_index import TITLE, question
from engine.schema.search_words import Term, terms_of
from engine.schema.word_counts import how_many
from engine.transaction import Transaction

COMMON: Mapping[str, int] = {"sqlite": 20_000, "postgresql": 5_000}
"""With more hits than this a list is not put in the order of its hits: every page would sort all of them."""


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
    alone = [parameters[f"so_{place}"] for place in asked_alone(transaction, entity, own, sought)]
    return replace(sought, parameters={**parameters, "so_alone": all_of(transaction.dialect, alone)})


def all_of(dialect: str, questions: Iterable[str]) -> str:
    """One question for records for which all of these hold."""
    return (" AND " if dialect == "sqlite" else " & ").join(questions)


def asked_alone(
    transaction: Transaction, entity: CompiledEntity, own: Searched, sought: Sought
) -> tuple[int, ...]:
    """The terms that are taken out of the index and can only stand in the record's own open texts."""
    if limited_classes(transaction, entity, own):
        return ()
    return tuple(place for place in sought.gathered if not sought.linked[place])


def _questions(
    transaction: Transaction, entity: CompiledEntity, own: Searched, terms: Sequence[Term]
) -> Iterator[tuple[str, str]]:
    """The bind parameters: for each term what is asked of texts, of the title, of titles of links.

    `sw_all` asks for whole words in open texts, be they unfinished or not.
    """
    dialect = transaction.dialect
    free = free_classes(transaction, entity, own)
    limited = limited_classes(transaction, entity, own)
    targets = {other.number for _, _, other in searched_links(transaction, entity)}
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

    many, linked = count(own.number, tuple(free_classes(transaction, entity, own))) > most, False
    for name, _, other in searched_links(transaction, entity):
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
