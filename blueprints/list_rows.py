"""The rows and totals of a list, as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from blueprints import visitor
from blueprints.list_columns import Column
from blueprints.values import as_text, entity_url, number, show
from engine.catalog import CompiledEntity
from engine.definition.model import View

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
    """A record in the table."""

    id: int
    url: str
    title: str
    revision: int
    cells: tuple[Cell, ...]


def shown_rows(
    entity: CompiledEntity, columns: Sequence[Column], records: Iterable[Mapping[str, Any]]
) -> tuple[Row, ...]:
    """The records as rows."""
    return tuple(shown_row(entity, columns, record) for record in records)


def shown_row(entity: CompiledEntity, columns: Sequence[Column], record: Mapping[str, Any]) -> Row:
    """A record as a row."""
    cells = []
    for column in columns:
        value = record.get(column.field.name)
        shown: Markup | str = (
            as_text(column.field, value) if column.head and value is not None else show(column.field, value)
        )
        cells.append(Cell(column, shown, blank=not shown))
    title = str(cells[0].shown) if cells and not cells[0].blank else f"#{record['id']}"
    return Row(
        record["id"], entity_url(entity.key, record["id"]), title, record.get("revision", 0), tuple(cells)
    )


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
