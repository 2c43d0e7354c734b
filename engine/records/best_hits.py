"""The best hits of a search: across all entities, and in one of them, as a link field offers them.

Where every word is common, all hits are never gathered: the newest records are asked whether they have the
words, and then some of those that the index has. So a million records answer as quickly as a thousand.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, select, true

from engine.access.policy import may, rights_key, visible
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.records.index_hits import newest_hits
from engine.records.search import each_holds, holds, in_title
from engine.records.select import title_column
from engine.records.sought import Counted, Sought, all_of, seek
from engine.records.word_index import searched
from engine.schema.prepared import Prepared
from engine.schema.search_words import folded
from engine.transaction import Transaction

LOOKED_AT = 200
"""How many hits of an entity are looked at to find the best ones."""
NEWEST = (250, 1_500)
"""How many of the newest records are asked whether they have common words, first and further on."""
OF_FEW = 20_000
"""The same at last where rights leave few of all, among which the words may be rare."""
OUT_OF_INDEX = 5_000
"""How many records that have common words are taken out of the index where the newest ones do not suffice."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was found."""

    entity: str
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """A further condition for the records. `key` tells its statements apart."""

    key: Hashable
    condition: Callable[[FromClause], ColumnElement[bool]]
    parameters: Mapping[str, Any]


def search_everywhere(
    transaction: Transaction, text: str, limit: int = 20, entities: Sequence[str] | None = None
) -> list[Found]:
    """The best hits in all records that the actor may see, those whose title is most like it first."""
    found: list[tuple[tuple[int, int, int], Found]] = []
    counted: Counted = {}
    for order, (key, entity) in enumerate(transaction.catalog.entities.items()):
        if entities is not None and key not in entities:
            continue
        if searched(transaction, key) is None or not may(transaction, "read", entity).allowed:
            continue
        found += [
            ((_likeness(text, each.title), order, -each.id), each)
            for each in best_of(transaction, entity, text, limit, counted=counted)
        ]
    found.sort(key=lambda pair: pair[0])
    return [each for _, each in found[:limit]]


def best_of(
    transaction: Transaction,
    entity: CompiledEntity,
    text: str,
    limit: int,
    fitting: Fitting | None = None,
    counted: Counted | None = None,
) -> list[Found]:
    """The best hits among the records of one entity that the actor may see and that are `fitting`."""
    sought = seek(transaction, entity, text, counted)
    if sought.indexed and not sought.terms:
        return []
    hits = _of_common(transaction, entity, sought, fitting, limit) if sought.all_common else None
    if hits is None:
        hits = _gathered(transaction, entity, sought, fitting)
    named = [Found(entity.key, identity, str(title or "")) for identity, title, *_ in hits]
    return sorted(named, key=lambda each: (_likeness(text, each.title), each.title, each.id))[:limit]


def _likeness(text: str, title: str) -> int:
    """0 the same, 1 begins so, 2 contains it, 3 something else made it a hit."""
    wanted, named = folded(text).strip(), folded(title)
    if named == wanted:
        return 0
    return 1 if named.startswith(wanted) else 2 if wanted in named else 3


def _gathered(
    transaction: Transaction, entity: CompiledEntity, sought: Sought, fitting: Fitting | None
) -> list[list[Any]]:
    """Ids and titles of records that have the words, those first that have them in their title."""

    def make() -> Select[Any]:
        rows = entity.table.alias()
        statement = select(rows.c.id, title_column(transaction, entity.key, rows).label("title")).where(
            *_seen(transaction, entity, rows, fitting), holds(transaction, entity, rows, sought)
        )
        if sought.titles_first:
            statement = statement.order_by(in_title(transaction, entity, rows, sought.common).desc())
        return statement.order_by(rows.c.id.desc()).limit(LOOKED_AT)

    return _rows(transaction, entity, sought, fitting, make)


def _of_common(
    transaction: Transaction,
    entity: CompiledEntity,
    sought: Sought,
    fitting: Fitting | None,
    wanted: int,
) -> list[list[Any]]:
    """The same where every word is common: among the newest records, then among some that the index has."""

    def make() -> Select[Any]:
        table = entity.table
        newest = (
            select(table)
            .where(*_seen(transaction, entity, table, fitting), table.c.id <= bindparam("until"))
            .order_by(table.c.id.desc())
            .limit(bindparam("newest", 0))
            .subquery()
        )
        title = title_column(transaction, entity.key, newest).label("title")
        has = each_holds(transaction, entity, newest, sought).label("has")
        return select(newest.c.id, title, has).order_by(newest.c.id.desc())

    found: list[list[Any]] = []
    until = LARGEST_ID
    every_row = visible(transaction, entity.key, entity.table) is true()
    for most in NEWEST if every_row else (*NEWEST, OF_FEW):
        sent = {"until": until, "newest": most}
        rows = _rows(transaction, entity, sought, fitting, make, sent)
        found += [row for row in rows if row[2]]
        if len(found) >= wanted or len(rows) < most:
            return found
        until = rows[-1][0] - 1
    further = _out_of_index(transaction, entity, sought, fitting)
    return list({row[0]: row for row in (*found, *further)}.values())


def _out_of_index(
    transaction: Transaction, entity: CompiledEntity, sought: Sought, fitting: Fitting | None
) -> list[list[Any]]:
    """Some of the records that have the words in their own open texts; in titles of links they are asked."""
    own = searched(transaction, entity.key)
    assert own is not None
    number = own.number
    together = sought.unlinked or tuple(range(len(sought.terms)))
    asked = all_of(transaction.dialect, [sought.parameters[f"so_{place}"] for place in together])

    def make() -> Select[Any]:
        rows = entity.table.alias()
        some = newest_hits(transaction, number, "so_some").limit(OUT_OF_INDEX)
        asked_each = [each_holds(transaction, entity, rows, sought)] if any(sought.linked) else []
        return (
            select(rows.c.id, title_column(transaction, entity.key, rows).label("title"))
            .where(rows.c.id.in_(some), *_seen(transaction, entity, rows, fitting), *asked_each)
            .order_by(rows.c.id.desc())
            .limit(LOOKED_AT)
        )

    return _rows(transaction, entity, sought, fitting, make, {"so_some": asked})


def _seen(
    transaction: Transaction, entity: CompiledEntity, rows: FromClause, fitting: Fitting | None
) -> list[ColumnElement[bool]]:
    """The conditions for records that the actor may see and that are fitting."""
    return [visible(transaction, entity.key, rows), *([fitting.condition(rows)] if fitting else [])]


def _rows(
    transaction: Transaction,
    entity: CompiledEntity,
    sought: Sought,
    fitting: Fitting | None,
    make: Callable[[], Select[Any]],
    further: Mapping[str, Any] | None = None,
) -> list[list[Any]]:
    """What a statement gives; it is kept for searches of the same shape by actors with the same rights."""
    names = tuple(further or ())
    key = ("best", entity.key, rights_key(transaction), sought.shape, fitting and fitting.key, names)
    statement = transaction.catalog.once(key, lambda: Prepared(make(), transaction.connection.dialect))
    sent = {**moment_parameters(transaction.moment), **sought.parameters, **(further or {})}
    return statement.rows(transaction.connection, sent | dict(fitting.parameters if fitting else {}))
