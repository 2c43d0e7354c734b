"""The rows and totals of a list, as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from blueprints import visitor
from blueprints.list_columns import Column
from blueprints.values import as_text, entity_url, masked_look, number, show
from engine.catalog import CompiledEntity
from engine.definition.model import View
from engine.records.select import MASKED

TOTAL_LABELS = {
    "sum": "Sum of {field}",
    "avg": "Average of {field}",
    "min": "Smallest {field}",
    "max": "Largest {field}",
    "count": "Filled: {field}",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a column; `label` tells what a total is."""

    column: Column
    shown: Markup | str
    blank: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A record in the table; `cells` are those of its columns as they stand in the page."""

    id: int
    url: str
    title: str
    cells: Markup


def shown_rows(
    entity: CompiledEntity, columns: Sequence[Column], records: Iterable[Mapping[str, Any]]
) -> tuple[Row, ...]:
    """The records as rows."""
    base = entity_url(entity.key)
    opened = [_Opened(each, _opening(each, blank=False), _opening(each, blank=True)) for each in columns]
    return tuple(_row(base, opened, record) for record in records)


def shown_row(entity: CompiledEntity, columns: Sequence[Column], record: Mapping[str, Any]) -> Row:
    """A record as a row."""
    return shown_rows(entity, columns, [record])[0]


CELL = Markup('<td class="%s%s%s" data-label="%s" data-field="%s"%s tabindex="-1">')
EDITABLE = Markup(" data-edit")
HEAD = Markup('<a class="row-title" href="%s">%s</a>')
CLOSED = Markup("</td>\n")


class _Opened(NamedTuple):
    """A column with what stands before each of its values: a page has hundreds of them."""

    column: Column
    filled: Markup
    blank: Markup


def _opening(column: Column, *, blank: bool) -> Markup:
    classes = ("row-head " if column.head else "", "end " if column.end else "", "blank" if blank else "")
    editable = EDITABLE if column.editable else ""
    return CELL % (*classes, column.label, column.field.name, editable)


def _row(base: str, opened: Iterable[_Opened], record: Mapping[str, Any]) -> Row:
    identity = record["id"]
    url, title = f"{base}/{identity}", f"#{identity}"
    parts: list[Markup] = []
    hidden = record.get(MASKED, ())
    for column, filled, blank in opened:
        value = record.get(column.field.name)
        if hidden and column.field.name in hidden:
            parts += (filled, masked_look(), CLOSED)
        elif column.head:
            words = "" if value is None else as_text(column.field, value)
            title = words or title
            parts += (filled if words else blank, HEAD % (url, title), CLOSED)
        else:
            shown = show(column.field, value)
            parts += (filled if shown else blank, shown, CLOSED)
    return Row(identity, url, title, Markup("").join(parts))


def shown_totals(columns: Sequence[Column], view: View, totals: Mapping[str, Any]) -> list[Cell]:
    """A cell for each column, filled where the view has a total of it."""
    cells = []
    for column in columns:
        name = column.field.name
        value = totals.get(name)
        kind = view.totals.get(name, "")
        words = visitor.translated(TOTAL_LABELS[kind], field=column.label) if kind else ""
        shown: Markup | str = ""
        if value is not None:
            shown = number(value) if kind == "count" else show(column.field, value)
        cells.append(Cell(column, shown, not shown, words))
    return cells
