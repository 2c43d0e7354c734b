"""A list as a file: its filters, columns and order, as far as its records may be exported."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from blueprints import visitor
from blueprints.again import reading
from blueprints.list_address import Asked, read_address
from blueprints.lists import list_query
from blueprints.navigation import plural
from blueprints.values import label
from engine.access.audit import record
from engine.catalog import CompiledEntity
from engine.fields.encryption import HIDDEN
from engine.fields.types.link import Link
from engine.records.export import ExportedRows, exported_rows
from engine.records.personal import personal_in
from engine.records.query import Query
from engine.records.sheet import guarded, write_sheet
from engine.records.workbook import write_workbook
from engine.transaction import Transaction

blueprint = Blueprint("exports", __name__)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOSEN_AT_MOST = 10_000
IN_A_FORMULA = 200
"""Up to so many chosen records are asked for by their ids; of more, all are read and the others left out."""


@blueprint.route("/<app>/<entity>/export.<any(csv, xlsx):form>", endpoint="download", methods=["GET", "POST"])
def download(app: str, entity: str, form: str) -> Response:
    """The list that the address asks for; where a form names records by `only`, these alone."""
    with reading() as transaction:
        compiled = transaction.catalog.entity(f"{app}.{entity}")
        asked = read_address(transaction, compiled, request.args)
        query = _query(asked)
        rows = exported_rows(transaction, compiled.key, query, asked.columns, _chosen())
        answer = FORMS[form](transaction, compiled, rows)
    with visitor.workspace().writing(visitor.person()) as transaction:
        detail = {"records": len(rows.rows), "filter": query.filter} | personal_in(compiled, rows.columns)
        record(transaction, "exported", about=compiled.key, subject=compiled.key, detail=detail)
    return answer


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


def _csv(transaction: Transaction, entity: CompiledEntity, rows: ExportedRows) -> Response:
    header = [guarded(label(entity.fields[name].definition.label)) for name in rows.columns]
    cells = ([_words(transaction, entity, name, value) for name, value in row] for row in rows.rows)
    lines = write_sheet(header, cells)
    body = "".join(lines).encode("utf-8")
    return Response(body, content_type="text/csv; charset=utf-8", headers=_named(entity, "csv"))


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


def _xlsx(transaction: Transaction, entity: CompiledEntity, rows: ExportedRows) -> Response:
    header = [label(entity.fields[name].definition.label) for name in rows.columns]
    cells: Iterable[list[Any]] = (
        [_typed(transaction, entity, name, value) for name, value in row] for row in rows.rows
    )
    body = write_workbook(plural(entity, visitor.locale()), header, cells)
    return Response(body, content_type=EXCEL, headers=_named(entity, "xlsx"))


def _typed(transaction: Transaction, entity: CompiledEntity, name: str, value: Any) -> Any:
    """A value as Excel counts with it: numbers and dates as such, everything else in words."""
    each, actor = entity.fields[name], transaction.actor
    if value is HIDDEN:
        return value
    if isinstance(value, datetime):
        return value.astimezone(visitor.time_zone())
    if each.type.group in {"number", "yes_no"} or (each.type.group == "time" and hasattr(value, "year")):
        return value
    if each.type.relation is not None and value is not None:
        return _titles(value)
    if value is None:
        return None
    return each.type.format(each.definition.options, value, actor.locale, actor.time_zone)


def _named(entity: CompiledEntity, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{entity.definition.name}.{ending}"'}


FORMS: Mapping[str, Callable[[Transaction, CompiledEntity, ExportedRows], Response]] = {
    "csv": _csv,
    "xlsx": _xlsx,
}
