"""The rows and totals of a list, as they are shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from blueprints import visitor
from blueprints.escaping import filled, written
from blueprints.list_columns import Column
from blueprints.values import entity_url, look_of, masked_look, number, show, text_of
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


def shown_rows(
    entity: CompiledEntity, columns: Sequence[Column], records: Iterable[Mapping[str, Any]]
) -> tuple[Markup, ...]:
    """The records as rows of the table."""
    base, drawn = entity_url(entity.key), [_drawn(each) for each in columns]
    select = visitor.translated("Select {title}")
    return tuple(_row(base, select, drawn, record) for record in records)


def shown_row(entity: CompiledEntity, columns: Sequence[Column], record: Mapping[str, Any]) -> Markup:
    """A record as a row of the table."""
    return shown_rows(entity, columns, [record])[0]


CELL = '<td class="%s%s%s" data-label="%s" data-field="%s"%s tabindex="-1">'
CLOSED = "</td>\n"
EDITABLE = Markup(" data-edit")


class _Drawn(NamedTuple):
    """How a column is drawn: what stands before each value, and its look. A page has hundreds of values."""

    name: str
    head: bool
    filled: Markup
    blank: Markup
    look: Callable[[Any], str]


def _drawn(column: Column) -> _Drawn:
    filled, blank = _opening(column, blank=False), _opening(column, blank=True)
    look = text_of(column.field) if column.head else look_of(column.field)
    return _Drawn(column.field.name, column.head, filled, blank, look)


def _opening(column: Column, *, blank: bool) -> Markup:
    classes = ("row-head " if column.head else "", "end " if column.end else "", "blank" if blank else "")
    editable = EDITABLE if column.editable else ""
    return filled(CELL, *classes, column.label, column.field.name, editable)


def _row(base: str, select: str, columns: Iterable[_Drawn], record: Mapping[str, Any]) -> Markup:
    """A row; it is put together here, since a template would ask for each of its hundreds of parts."""
    identity = record["id"]
    url, title = written(f"{base}/{identity}"), f"#{identity}"
    hidden = record.get(MASKED, ())
    cells: list[str] = []
    for name, head, opening, of_blank, look in columns:
        value = record.get(name)
        if hidden and name in hidden:
            cells += (opening, masked_look(), CLOSED)
        elif head:
            words = "" if value is None else look(value)
            title = words or title
            cells += (opening if words else of_blank, '<a class="row-title" href="', url, '">')
            cells += (written(title), "</a>", CLOSED)
        else:
            shown = look(value)
            cells += (opening if shown else of_blank, shown, CLOSED)
    before = (
        f'<tr data-row="{identity}" data-url="{url}" tabindex="-1">\n'
        f'  <td class="pick"><input class="tick" type="checkbox" value="{identity}" '
        f'aria-label="{written(select.format(title=title))}" data-pick></td>\n'
    )
    return Markup("".join((before, *cells, "</tr>\n")))  # noqa: S704 (each part is escaped)


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
