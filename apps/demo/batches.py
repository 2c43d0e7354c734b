"""Rows of the demonstration company in the order in which they can be written; a Reference names another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """The `row`th row (from 0) that is written to `entity`, before its id is known."""

    entity: str
    row: int


@dataclass(slots=True)
class Batches:
    """Rows in writing order. A row only refers to rows of earlier batches."""

    items: list[tuple[str, list[Row]]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, entity: str, rows: Iterable[Row]) -> list[Reference]:
        """Appends a batch of new rows; the references by which later rows name them."""
        batch = list(rows)
        if not batch:
            return []
        first = self._counts.get(entity, 0)
        self._counts[entity] = first + len(batch)
        self.items.append((entity, batch))
        return [Reference(entity, first + number) for number in range(len(batch))]

    def __iter__(self) -> Iterator[tuple[str, list[Row]]]:
        return iter(self.items)
