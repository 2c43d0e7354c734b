"""A list as a file: its filters, columns and order, as far as its records may be exported."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import chain, islice
from typing import Any

from flask import Blueprint, Response, request

from blueprints import visitor
from blueprints.again import reading
from blueprints.list_address import Asked, read_address
from blueprints.lists import list_query
from blueprints.navigation import plural
from blueprints.values import label, number
from engine.access.audit import record
from engine.catalog import CompiledEntity
from engine.fields.encryption import HIDDEN
from engine.fields.types.link import Link
from engine.problems import InputRefused, Malformed
from engine.records.export import exported_rows
from engine.records.personal import personal_in
from engine.records.query import Query
from engine.records.sheet import guarded, write_sheet
from engine.records.whole import are_more_than
from engine.records.workbook import write_workbook
from engine.text import say
from engine.transaction import Actor, Transaction
from engine.workspace import Workspace

blueprint = Blueprint("exports", __name__)
EXCEL_AT_MOST = 200_000
"""How many records an Excel file takes: it is put together as a whole, a CSV file while it is sent."""
LINES_AT_ONCE = 500
CHOSEN_AT_MOST = 10_000
IN_A_FORMULA = 200
"""Up to so many chosen records are asked for by their ids; of more, all are read and the others left out."""


Values = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Writing:
    """What a file is written with; `zone` is the reader's."""

    transaction: Transaction
    entity: CompiledEntity
    title: str
    zone: tzinfo


Form = Callable[[Writing, Sequence[str], Iterable[Values]], Iterator[bytes]]


@blueprint.route("/<app>/<entity>/export.<any(csv, xlsx):form>", endpoint="download", methods=["GET", "POST"])
def download(app: str, entity: str, form: str) -> Response:
    """The list that the address asks for; where a form names records by `only`, these alone."""
    key, chosen = f"{app}.{entity}", _chosen()
    with reading() as transaction:
        compiled = transaction.catalog.entity(key)
        asked = read_address(transaction, compiled, request.args)
        wanted = _Wanted(compiled, _query(asked), asked.columns, chosen, plural(compiled, visitor.locale()))
        if form == "xlsx" and are_more_than(transaction, key, wanted.query, EXCEL_AT_MOST):
            sentence = "An Excel file takes {most} records at most. Export this list as CSV, or filter it."
            raise Malformed(say(sentence, most=number(EXCEL_AT_MOST)))
    written = _written(visitor.workspace(), visitor.person(), wanted, FORMS[form], visitor.time_zone())
    try:
        beginning = next(written, b"")
    except InputRefused as refused:
        # What is wrong with the list is told before the file begins.
        raise Malformed(refused.problems[0].message) from refused
    headers = {"Content-Disposition": f'attachment; filename="{compiled.definition.name}.{form}"'}
    body = chain([beginning], written)
    answer = Response(body, content_type=CONTENT_TYPES[form], headers=headers)
    # Whoever breaks it off has what was sent until then, and the audit says so.
    answer.call_on_close(written.close)
    return answer


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is exported: the list, its columns, the records that are wanted alone (none: all)."""

    entity: CompiledEntity
    query: Query
    columns: tuple[str, ...]
    chosen: frozenset[int]
    title: str


def _written(
    workspace: Workspace, actor: Actor, wanted: _Wanted, form: Form, zone: tzinfo
) -> Generator[bytes]:
    """The file piece by piece, while the records are read; then, or when it is broken off, the audit is told.

    A file without any record still has its first line.
    """
    entity, count, complete = wanted.entity, 0, False
    columns: tuple[str, ...] = ()

    def counted(rows: Iterable[Values]) -> Iterator[Values]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    try:
        with workspace.reading(actor) as transaction:
            found = exported_rows(transaction, entity.key, wanted.query, wanted.columns, wanted.chosen)
            columns = found.columns
            yield from form(Writing(transaction, entity, wanted.title, zone), columns, counted(found.rows))
        complete = True
    finally:
        if count or complete:
            detail = {"records": count, "filter": wanted.query.filter} | personal_in(entity, columns)
            with workspace.writing(actor) as transaction:
                record(transaction, "exported", about=entity.key, subject=entity.key, detail=detail)


def _query(asked: Asked) -> Query:
    query = replace(list_query(asked), after=None, count="none", totals={})
    chosen = _chosen()
    if not 0 < len(chosen) <= IN_A_FORMULA:
        return query
    among = f"id in [{', '.join(map(str, sorted(chosen)))}]"
    return replace(query, filter=f"({query.filter}) and {among}" if query.filter else among)


def _chosen() -> frozenset[int]:
    """The ids of the records that are wanted alone; none: all."""
    sent = [each for each in request.form.getlist("only") if each.isdigit() and len(each) < 19]
    return frozenset(int(each) for each in sent[:CHOSEN_AT_MOST])


def _csv(writing: Writing, columns: Sequence[str], rows: Iterable[Values]) -> Iterator[bytes]:
    entity, transaction = writing.entity, writing.transaction
    header = [guarded(label(entity.fields[name].definition.label)) for name in columns]
    cells = ([_words(transaction, entity, name, value) for name, value in row] for row in rows)
    lines = iter(write_sheet(header, cells))
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield piece.encode("utf-8")


def _words(transaction: Transaction, entity: CompiledEntity, name: str, value: Any) -> str:
    each, actor = entity.fields[name], transaction.actor
    if value is None or value is HIDDEN:
        return value or ""
    if each.type.relation is not None:
        return guarded(_titles(value))
    if each.type.group == "number":
        return each.type.edit(each.definition.options, value, actor.locale, actor.time_zone)
    return guarded(each.type.format(each.definition.options, value, actor.locale, actor.time_zone))


def _titles(value: Any) -> str:
    """One link, which is a tuple too, or several."""
    links = (value,) if isinstance(value, Link) else value
    return "; ".join(link.title for link in links)


def _xlsx(writing: Writing, columns: Sequence[str], rows: Iterable[Values]) -> Iterator[bytes]:
    header = [label(writing.entity.fields[name].definition.label) for name in columns]
    cells = ([_typed(writing, name, value) for name, value in row] for row in rows)
    yield write_workbook(writing.title, header, cells)


def _typed(writing: Writing, name: str, value: Any) -> Any:
    """A value as Excel counts with it: numbers and dates as such, everything else in words."""
    each, actor = writing.entity.fields[name], writing.transaction.actor
    if value is HIDDEN:
        return value
    if isinstance(value, datetime):
        return value.astimezone(writing.zone)
    if each.type.group in {"number", "yes_no"} or (each.type.group == "time" and hasattr(value, "year")):
        return value
    if each.type.relation is not None and value is not None:
        return _titles(value)
    if value is None:
        return None
    return each.type.format(each.definition.options, value, actor.locale, actor.time_zone)


FORMS: Mapping[str, Form] = {"csv": _csv, "xlsx": _xlsx}
CONTENT_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
