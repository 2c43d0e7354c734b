"""What a card shows, worked out: the groups along its axis in their order, and the figures of each series."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.catalog import CompiledEntity, CompiledField
from engine.definition.figure import Card, Figure, Grouping, Series
from engine.figures.answer import Row, answer, can_be_put_together, put_together
from engine.figures.paths import field_at
from engine.figures.periods import LONGEST_AXIS, every
from engine.figures.question import question_of
from engine.records.query import Query
from engine.transaction import Transaction

OTHER = "…"
"""The key of what is left over when there are more groups than a picture holds."""
GROUPS_SHOWN = 12
PARTS_SHOWN = 8
DECIMALS = Decimal("0.000001")

Key = Any
Narrowed = Callable[[Series], Query]


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of a series along the axis; of one part of it where it is split."""

    series: Series
    figure: Figure
    part: Key
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A card with its figures. `axis` holds the keys of the first grouping, `parts` those of the second."""

    card: Card
    axis: tuple[Key, ...]
    parts: tuple[Key, ...]
    lines: tuple[Line, ...]
    more: bool = False
    """Whether groups were left out."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card as a table: keys of its rows and columns, and the figures in each cell and of whole rows."""

    card: Card
    rows: tuple[tuple[Key, ...], ...]
    columns: tuple[tuple[Key, ...], ...]
    cells: Mapping[tuple[tuple[Key, ...], tuple[Key, ...]], tuple[Any, ...]]
    row_totals: Mapping[tuple[Key, ...], tuple[Any, ...]]
    column_totals: Mapping[tuple[Key, ...], tuple[Any, ...]]
    total: tuple[Any, ...]
    more: bool = False


def figures_of(series: Series, row: Row) -> tuple[Any, ...]:
    """The figures of a group: each measure, divided where it is a rate. A rate of nothing is blank."""
    found = []
    at = 0
    for figure in series.figures:
        value = row.values[at]
        at += 1
        if figure.per:
            value = _rate(value, row.values[at])
            at += 1
        found.append(value)
    return tuple(found)


def numbers(transaction: Transaction, card: Card, narrowed: Narrowed) -> list[Any]:
    """The first figure of each series over all its records."""
    found = []
    for series in card.series:
        question = question_of(transaction, replace(series, groups=()))
        rows = answer(transaction, question, narrowed(series))
        found.append(figures_of(series, rows[0])[0] if rows else None)
    return found


def picture(
    transaction: Transaction, card: Card, narrowed: Narrowed, parts_shown: int = PARTS_SHOWN
) -> Picture:
    """The figures of the card along its axis. Raises NotAllowed, InputRefused."""
    answers = [
        (series, answer(transaction, question_of(transaction, series), narrowed(series)))
        for series in card.series
    ]
    weights: dict[Key, Decimal] = {}
    weights_of_parts: dict[Key, Decimal] = {}
    for series, rows in answers:
        for row in rows:
            weight = _weight(figures_of(series, row)[0])
            weights[row.keys[0]] = weights.get(row.keys[0], Decimal(0)) + weight
            if len(row.keys) > 1:
                weights_of_parts[row.keys[1]] = weights_of_parts.get(row.keys[1], Decimal(0)) + weight
    first = card.series[0]
    entity = transaction.catalog.entity(first.entity)
    axis, left = _ordered(transaction, entity, first.groups[0], weights, card.limit or GROUPS_SHOWN)
    parts: tuple[Key, ...] = (None,)
    left_parts: frozenset[Key] = frozenset()
    if weights_of_parts:
        parts, left_parts = _ordered(transaction, entity, first.groups[1], weights_of_parts, parts_shown)
    lines = []
    for series, rows in answers:
        sums = _collected(series, rows, left, left_parts)
        for part in parts if len(series.groups) > 1 else (None,):
            values = tuple(sums.get((key, part)) for key in axis)
            lines.append(Line(series, series.figures[0], part, values))
    return Picture(card, axis, parts, tuple(lines), bool(left))


def sheet(transaction: Transaction, card: Card, narrowed: Narrowed) -> Sheet:
    """The figures of the card as a table with totals.

    Totals follow from the cells where they do; else each is worked out from its own records.
    """
    series = card.series[0]
    query = narrowed(series)

    entity = transaction.catalog.entity(series.entity)
    down, across = series.groups[: card.rows], series.groups[card.rows :]
    asked = question_of(transaction, series)
    cells = answer(transaction, asked, query)
    adds_up = can_be_put_together(asked, cells)

    def totals(places: Sequence[int]) -> dict[tuple[Key, ...], tuple[Any, ...]]:
        if adds_up:
            rows = put_together(asked, cells, places)
        else:
            groups = tuple(series.groups[place] for place in places)
            rows = answer(transaction, question_of(transaction, replace(series, groups=groups)), query)
        return {row.keys: figures_of(series, row) for row in rows}

    found = {row.keys: figures_of(series, row) for row in cells}
    row_totals = totals(range(card.rows)) if across else found
    column_totals = totals(range(card.rows, len(series.groups))) if across else {}
    total = totals(()).get((), tuple(None for _ in series.figures))
    rows = _sorted(transaction, entity, down, row_totals)
    limit = card.limit or len(rows)
    return Sheet(
        card=card,
        rows=tuple(rows[:limit]),
        columns=tuple(_sorted(transaction, entity, across, column_totals)) if across else (),
        cells={(keys[: card.rows], keys[card.rows :]): values for keys, values in found.items()},
        row_totals=row_totals,
        column_totals=column_totals,
        total=total,
        more=len(rows) > limit,
    )


def _rate(value: Any, by: Any) -> Decimal | None:
    if value is None or not by:
        return None
    return (Decimal(value) / Decimal(by)).quantize(DECIMALS, ROUND_HALF_UP)


def _weight(value: Any) -> Decimal:
    return abs(Decimal(value)) if isinstance(value, (int, Decimal)) else Decimal(0)


def _collected(
    series: Series, rows: Iterable[Row], left: frozenset[Key], left_parts: frozenset[Key]
) -> dict[tuple[Key, Key], Any]:
    """Figures by axis and part; what is left over is added up where that makes sense."""
    found: dict[tuple[Key, Key], Any] = {}
    for row in rows:
        key = OTHER if row.keys[0] in left else row.keys[0]
        part = (OTHER if row.keys[1] in left_parts else row.keys[1]) if len(row.keys) > 1 else None
        value = figures_of(series, row)[0]
        if (key, part) in found and _adds_up(series):
            found[key, part] = (found[key, part] or 0) + (value or 0)
        elif (key, part) not in found:
            found[key, part] = value if OTHER not in (key, part) or _adds_up(series) else None
    return found


def _adds_up(series: Series) -> bool:
    figure = series.figures[0]
    return figure.value.function in ("sum", "count") and figure.per is None


def _ordered(
    transaction: Transaction,
    entity: CompiledEntity,
    grouping: Grouping,
    weights: Mapping[Key, Decimal],
    limit: int,
) -> tuple[tuple[Key, ...], frozenset[Key]]:
    """The keys in the order of the axis, and those that there is no room for."""
    field = field_at(transaction.catalog, entity, grouping.expression.text)
    if grouping.period or any(isinstance(key, date) for key in weights):
        return _days(grouping.period or "day", weights), frozenset()
    options = field.definition.options.get("options") if field else None
    if options:
        known = [name for name in options if name in weights]
        return (*known, *([None] if None in weights else [])), frozenset()
    order = sorted(weights, key=lambda key: (-weights[key], str(key)))
    if len(order) <= limit:
        return tuple(order), frozenset()
    return (*order[: limit - 1], OTHER), frozenset(order[limit - 1 :])


def _days(period: str, weights: Mapping[Key, Decimal]) -> tuple[Key, ...]:
    """All periods from the first to the last, those without records among them."""
    known = sorted(key for key in weights if key is not None)
    if not known:
        return ()
    whole = []
    for day in every(period, known[0], known[-1]):
        whole.append(day)
        if len(whole) > LONGEST_AXIS:
            return tuple(known)
    return tuple(whole)


def _sorted(
    transaction: Transaction,
    entity: CompiledEntity,
    groups: Sequence[Grouping],
    totals: Mapping[tuple[Key, ...], tuple[Any, ...]],
) -> list[tuple[Key, ...]]:
    """Rows in the order of their options, days or numbers; others with the largest first."""
    fields = [field_at(transaction.catalog, entity, each.expression.text) for each in groups]
    weights: dict[tuple[Key, ...], Decimal] = {}
    for keys, values in totals.items():
        for length in range(1, len(keys) + 1):
            weight = _weight(values[0] if values else None)
            weights[keys[:length]] = weights.get(keys[:length], Decimal(0)) + weight

    def rank(keys: tuple[Key, ...]) -> list[Any]:
        ranked = []
        for at, (field, key) in enumerate(zip(fields, keys, strict=True)):
            ranked += [_rank(field, key), -weights[keys[: at + 1]], str(key)]
        return ranked

    return sorted(totals, key=rank)


def _rank(field: CompiledField | None, key: Key) -> tuple[int, float, str]:
    options = field.definition.options.get("options") if field else None
    if key is None:
        return (2, 0.0, "")
    if options and key in options:
        return (0, float(list(options).index(key)), "")
    if isinstance(key, date):
        return (0, float(key.toordinal()), "")
    target = field.type.target(field.definition.options) if field else None
    if target is None and isinstance(key, (int, Decimal)):
        return (0, float(key), "")
    return (1, 0.0, "") if target else (1, 0.0, str(key))
