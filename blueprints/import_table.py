"""The rows of a file that were refused, as a table in which every problem stands at its cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints import visitor
from blueprints.values import label, number
from engine.catalog import CompiledEntity
from engine.records.exchange import RefusedRow
from engine.records.imports import ImportFile
from engine.records.sheet import Sheet

ROWS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class TroubledCell:
    """A cell as it stands in the file, and what is wrong with it."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TroubledRow:
    """A row that was refused; `problems` are those of no single cell, such as of a field without a column."""

    number: int
    problems: tuple[str, ...]
    cells: tuple[TroubledCell, ...]


@dataclass(frozen=True, slots=True)
class TroubleTable:
    """The columns that are read and the rows that were refused; `more` says how many are not shown."""

    columns: tuple[str, ...]
    rows: tuple[TroubledRow, ...]
    more: str


def rows_in_trouble(
    entity: CompiledEntity, file: ImportFile, sheet: Sheet | None, refused: Sequence[RefusedRow]
) -> TroubleTable:
    """The table for the rows that an import refused."""
    read = [(place, name) for place, name in enumerate(file.columns) if name]
    cells = dict(sheet.rows) if sheet else {}
    rows = tuple(_row(entity, read, cells.get(each.number, ()), each) for each in refused[:ROWS_AT_MOST])
    more = len(refused) - len(rows)
    labels = tuple(label(entity.fields[name].definition.label) for _, name in read)
    return TroubleTable(labels, rows, number(more) if more else "")


def _row(
    entity: CompiledEntity, read: Sequence[tuple[int, str]], cells: Sequence[str], refused: RefusedRow
) -> TroubledRow:
    locale = visitor.locale()
    told: dict[str, list[str]] = {}
    for problem in refused.problems:
        told.setdefault(str(problem.where).partition("[")[0], []).append(problem.message.to(locale))
    shown = tuple(
        TroubledCell(cells[place] if place < len(cells) else "", tuple(told.pop(name, ())))
        for place, name in read
    )
    rest = tuple(
        f"{label(entity.fields[where].definition.label)}: {sentence}" if where in entity.fields else sentence
        for where, sentences in told.items()
        for sentence in sentences
    )
    return TroubledRow(refused.number, rest, shown)
