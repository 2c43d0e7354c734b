"""Records as CSV: a header of field names, one row a record, which an import reads back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from engine.access.field_policy import partly_readable, readable
from engine.access.policy import may, row_condition
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.encryption import HIDDEN
from engine.fields.field_type import Relation
from engine.fields.types.link import ByTitle, Link
from engine.formula.compile_sql import moment_parameters
from engine.problems import NotAllowed
from engine.records.exchange import target_of
from engine.records.named import Titles
from engine.records.query import Query
from engine.records.read import page
from engine.records.select import MASKED
from engine.records.sheet import guarded, write_sheet
from engine.transaction import Transaction

PAGE = 500


def export_csv(transaction: Transaction, key: str, query: Query) -> Iterator[str]:
    """The records of a list that may be exported, as lines of CSV; `import_csv` reads them back.

    Raises NotAllowed at once when no rule gives the right to export anything.
    """
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "export", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    allowed = readable(transaction, entity)
    columns = [
        each
        for name, each in entity.fields.items()
        if name in allowed and each.type.relation is not Relation.ROWS
    ]
    # The id first: it is what an import recognises a record by.
    columns.sort(key=lambda each: each.name != "id")
    return iter(write_sheet([each.name for each in columns], _rows(transaction, entity, query, columns)))


@dataclass(frozen=True, slots=True)
class ExportedRows:
    """The records of a list as values: the columns, and for each record the value of each column.

    The records are read while they are taken, some at a time, so that a million of them need no room.
    """

    columns: tuple[str, ...]
    rows: Iterator[list[tuple[str, Any]]]


def exported_rows(
    transaction: Transaction,
    key: str,
    query: Query,
    columns: Sequence[str],
    only: frozenset[int] = frozenset(),
) -> ExportedRows:
    """The records of a list that may be exported, with these columns as far as they may be read.

    With `only` those with these ids alone.

    Raises NotAllowed at once when no rule gives the right to export anything.
    """
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "export", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    allowed = partly_readable(transaction, entity)
    shown = tuple(name for name in columns if name in allowed and name in entity.fields)
    return ExportedRows(shown, _values(transaction, entity, query, shown, only))


def _values(
    transaction: Transaction,
    entity: CompiledEntity,
    query: Query,
    columns: Sequence[str],
    only: frozenset[int],
) -> Iterator[list[tuple[str, Any]]]:
    after = None
    while True:
        found = page(transaction, entity.key, replace(query, limit=PAGE, after=after))
        granted = _exportable(transaction, entity, [record["id"] for record in found.records])
        for record in found.records:
            if record["id"] in granted and (not only or record["id"] in only):
                hidden = record.get(MASKED, frozenset())
                yield [(name, HIDDEN if name in hidden else record.get(name)) for name in columns]
        after = found.next
        if after is None:
            return


def _rows(
    transaction: Transaction, entity: CompiledEntity, query: Query, columns: Sequence[CompiledField]
) -> Iterator[list[str]]:
    after = query.after
    while True:
        found = page(transaction, entity.key, _from(query, after))
        granted = _exportable(transaction, entity, [record["id"] for record in found.records])
        shown = [record for record in found.records if record["id"] in granted]
        clear = _clear_titles(transaction, columns, shown)
        for record in shown:
            yield [_cell(transaction, each, record.get(each.name), clear) for each in columns]
        after = found.next
        if after is None:
            return


def _from(query: Query, after: str | None) -> Query:
    return Query(
        filter=query.filter, search=query.search, sort=query.sort, view=query.view, limit=PAGE, after=after
    )


def _exportable(transaction: Transaction, entity: CompiledEntity, identities: Sequence[int]) -> set[int]:
    rows = entity.table
    statement = select(rows.c.id).where(
        rows.c.id.in_(identities), row_condition(transaction, "export", entity)
    )
    parameters = moment_parameters(transaction.moment)
    return set(transaction.connection.execute(statement, parameters).scalars())


def _clear_titles(
    transaction: Transaction, columns: Sequence[CompiledField], records: Sequence[Mapping[str, Any]]
) -> set[tuple[str, str]]:
    """The titles, with their entities, that name exactly one record and so can stand for it in a cell."""
    wanted: dict[str, set[str]] = {}
    for each in columns:
        if each.type.relation is None:
            continue
        for record in records:
            for link in _links(record.get(each.name)):
                if not link.seen:
                    continue
                wanted.setdefault(target_of(each), set()).add(link.title)
    titles = Titles(transaction)
    for key, texts in wanted.items():
        titles.learn(key, texts)
    return {named for named, found in titles.known.items() if len(found) == 1}


def _links(value: Any) -> Sequence[Link]:
    """The links of a field that holds one, several or none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, Link) else value


def _cell(transaction: Transaction, each: CompiledField, value: Any, clear: set[tuple[str, str]]) -> str:
    if each.type.relation is not None:
        return guarded(_cell_of_links(each, value, clear))
    actor = transaction.actor
    text = each.type.edit(each.definition.options, value, actor.locale, actor.time_zone)
    return text if each.type.group == "number" else guarded(text)


def _cell_of_links(each: CompiledField, value: Any, clear: set[tuple[str, str]]) -> str:
    return "; ".join(
        link.title
        if link.seen and (target_of(each), link.title) in clear and _reads_back(each, link)
        else str(link.id)
        for link in _links(value)
    )


def _reads_back(each: CompiledField, link: Link) -> bool:
    """Whether a cell with this title is read as a title, and not as a number or as several."""
    read: Any = each.type.parse(each.definition.options, link.title, "en")
    return read in (ByTitle(link.title), (ByTitle(link.title),))
