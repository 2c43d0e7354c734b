"""Totals over the records of a list: sums, averages, smallest, largest, how many are filled."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity
from engine.row_sources import RowSources
from engine.transaction import Transaction

Totals = Mapping[str, str]
"""Field → sum, avg, min, max or count."""

_KINDS: Mapping[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    "sum": lambda column: func.sum(column, type_=column.type),
    "avg": lambda column: func.sum(column, type_=column.type),
    "min": func.min,
    "max": func.max,
    "count": func.count,
}


def allowed_totals(transaction: Transaction, entity: CompiledEntity, totals: Totals) -> dict[str, str]:
    """Those of the totals whose field the actor may read on every record."""
    allowed = readable(transaction, entity)
    return {
        name: kind for name, kind in totals.items() if name in allowed and not entity.fields[name].encrypted
    }


def total_columns(
    sources: RowSources, source: FromClause, entity: CompiledEntity, totals: Totals
) -> list[ColumnElement[Any]]:
    """Two columns for each total: its value, and how many records have one."""
    columns: list[ColumnElement[Any]] = []
    for name, kind in totals.items():
        column = sources.column(source, entity.key, name)
        columns += [_KINDS[kind](column), func.count(column)]
    return columns


def read_totals(totals: Totals, row: Sequence[Any]) -> dict[str, Any]:
    """The totals that the columns of `total_columns` answered."""
    found = {}
    for number, (name, kind) in enumerate(totals.items()):
        value, filled = row[2 * number], row[2 * number + 1]
        found[name] = _average(value, filled) if kind == "avg" else value
    return found


def totals_of_nothing(totals: Totals) -> dict[str, Any]:
    """The totals where there is no record."""
    return {name: 0 if kind == "count" else None for name, kind in totals.items()}


def _average(total: Any, filled: int) -> Decimal | None:
    if not filled:
        return None
    exact = Decimal(total) / filled
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
