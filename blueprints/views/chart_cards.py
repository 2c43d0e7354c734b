"""Cards with figures as a page shows them: the picture's data, the table beside it, and where each leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from blueprints import visitor
from blueprints.list_address import TOLD_AT_ONCE
from blueprints.values import HUES, label
from blueprints.views.drawing import both
from blueprints.views.figures import hues_of, key_condition, keys_in_words, measured
from blueprints.views.told_groups import tell_groups
from engine.catalog import CompiledEntity
from engine.definition.chart_type_registry import CHART_TYPES
from engine.definition.figure import Card, Grouping, Series
from engine.figures.answer import has_more
from engine.figures.paths import field_at
from engine.figures.picture import Line, Narrowed, Picture, numbers, picture, sheet
from engine.figures.question import question_of
from engine.problems import InputRefused, NotAllowed
from engine.transaction import Transaction

PALETTE = ("blue", "teal", "orange", "purple", "pink", "cyan", "yellow", "indigo", "lime", "red")
WIDTHS = {"number": 1, "gauge": 1, "pie": 2, "funnel": 2, "pivot": 4}
"""How many of the four columns a card takes when it does not say it."""
LYING_FROM = 5
"""From how many groups on that are no periods bars lie, so that there is room for their names."""
WIDTH_CLASSES = {1: "figure-width-1", 2: "figure-width-2", 3: "figure-width-3", 4: "figure-width-4"}


@dataclass(frozen=True, slots=True)
class TableCell:
    """A figure in the table, and the list that it counts."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class TableShown:
    """Figures as rows and columns; `heads` are the headings of the columns of `rows`, keys first."""

    key_heads: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[TableCell, ...]], ...]
    total: tuple[TableCell, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class NumberShown:
    """One number; `change` compares it with the period before, `goal` says how much of one is reached."""

    text: str
    url: str
    change: str = ""
    rising: bool | None = None
    goal: str = ""
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card on a page."""

    name: str
    label: str
    chart: str
    icon: str
    width: int
    refused: str = ""
    number: NumberShown | None = None
    table: TableShown | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    legend: tuple["Part", ...] = ()
    steps: tuple["Part", ...] = ()
    """Of a funnel: what is left at each step."""
    empty: bool = False
    later_url: str = ""
    """Where the card is with its figures, when they are of so many records that the page comes first."""

    @property
    def look(self) -> str:
        """The classes of the card."""
        return f"{WIDTH_CLASSES[self.width]} {'figure-small' if self.number else ''}".strip()


@dataclass(frozen=True, slots=True)
class Part:
    """A series, or a part of a whole, with its colour; `share` is in percent, of the largest for a step."""

    label: str
    hue: str
    text: str = ""
    share: int = 0
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What a card is shown within: how each of its series is narrowed, and the address of the records."""

    narrowed: Narrowed
    earlier: Narrowed | None
    """The same for the period before; None where there is none."""
    records_url: Callable[[Series, str], str]
    """The list of the records of a series that fulfil a further condition."""
    later_url: Callable[[Card], str] | None = None
    """Where a card of very many records is shown; None where it is shown at once."""


def card_shown(transaction: Transaction, card: Card, around: Around) -> CardShown:
    """The card under the rights of whoever looks; one that they may not see says so."""
    bare = CardShown(
        card.name,
        label(card.label),
        card.chart,
        CHART_TYPES[card.chart].icon,
        card.width or WIDTHS.get(card.chart, 2),
    )
    try:
        if around.later_url is not None and _is_of_many(transaction, card, around.narrowed):
            return replace(bare, later_url=around.later_url(card))
        return SHOWN[card.chart](transaction, card, around, bare)
    except NotAllowed as refused:
        return replace(bare, refused=refused.message.to(visitor.locale()))
    except InputRefused as refused:
        return replace(bare, refused=refused.problems[0].message.to(visitor.locale()))


def _is_of_many(transaction: Transaction, card: Card, narrowed: Narrowed) -> bool:
    return any(
        has_more(transaction, question_of(transaction, series), narrowed(series), TOLD_AT_ONCE)
        for series in card.series
    )


def _number(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    series = card.series[0]
    entity = transaction.catalog.entity(series.entity)
    (value, *_) = numbers(transaction, card, around.narrowed)
    earlier = numbers(transaction, card, around.earlier)[0] if around.earlier and series.date else None
    change = _change(value, earlier)
    goal = _goal(card)
    number = NumberShown(
        text=measured(transaction, entity, series.figures[0], value, brief=True) or "–",
        url=around.records_url(series, ""),
        change=change,
        rising=None if not change or value == earlier else value > earlier,
        goal=measured(transaction, entity, series.figures[0], goal, brief=True) if goal else "",
        reached=_reached(value, goal),
    )
    return replace(bare, number=number)


def _gauge(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    series = card.series[0]
    entity = transaction.catalog.entity(series.entity)
    value, *others = numbers(transaction, card, around.narrowed)
    goal = others[0] if others else _goal(card)
    number = NumberShown(
        text=measured(transaction, entity, series.figures[0], value, brief=True) or "–",
        url=around.records_url(series, ""),
        goal=measured(transaction, entity, series.figures[0], goal, brief=True) if goal else "",
        reached=_reached(value, goal),
    )
    return replace(bare, number=number)


def _funnel(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    drawn = _drawn(transaction, card, around, bare)
    parts = _parts(drawn.data)
    largest = max((value or 0 for value in drawn.data["series"][0]["values"]), default=0) or 1
    steps = tuple(
        replace(part, share=round((value or 0) / largest * 100))
        for part, value in zip(parts, drawn.data["series"][0]["values"], strict=True)
    )
    return replace(drawn, steps=steps, data={})


def _pie(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    drawn = _drawn(transaction, card, around, bare)
    parts = _parts(drawn.data)
    data = {**drawn.data, "hues": [part.hue for part in parts]}
    return replace(drawn, data=data, legend=parts)


def _parts(data: Mapping[str, Any]) -> tuple[Part, ...]:
    """The groups as parts of a whole."""
    (series,) = data["series"]
    whole = sum(value or 0 for value in series["values"]) or 1
    return tuple(
        Part(
            name,
            data["hues"][at] or HUES[PALETTE[at % len(PALETTE)]],
            series["texts"][at],
            round((series["values"][at] or 0) / whole * 100),
            series["urls"][at],
        )
        for at, name in enumerate(data["labels"])
    )


def _drawn(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    found = picture(transaction, card, around.narrowed)
    first = card.series[0]
    tell_groups(transaction, card, len(found.axis), around.narrowed)
    entity = transaction.catalog.entity(first.entity)
    words = keys_in_words(transaction, entity, first.groups[0], found.axis)
    of_parts = (
        keys_in_words(transaction, entity, first.groups[1], found.parts) if len(first.groups) > 1 else {}
    )
    names = [_line_name(card, line, of_parts) for line in found.lines]
    cells = [_cells(transaction, around, line, found.axis) for line in found.lines]
    table = TableShown(
        key_heads=(_grouping_name(transaction, entity, first.groups[0]),),
        heads=tuple(names),
        rows=tuple(
            ((words[key],), tuple(of_line[number] for of_line in cells))
            for number, key in enumerate(found.axis)
        ),
        more=found.more,
    )
    hues = hues_of(transaction, entity, first.groups[-1])
    data: dict[str, Any] = {
        "kind": card.chart,
        "stacked": card.stacked,
        "lying": first.groups[0].period is None and len(found.axis) > LYING_FROM,
        "labels": [words[key] for key in found.axis],
        "hues": [hues.get(key, "") for key in found.axis] if len(first.groups) == 1 else [],
        "series": [
            {
                "name": name,
                "hue": _hue(card, found, line, number, hues),
                "values": [_plotted(value) for value in line.values],
                "texts": [cell.text for cell in of_line],
                "urls": [cell.url for cell in of_line],
            }
            for number, (name, line, of_line) in enumerate(zip(names, found.lines, cells, strict=True))
        ],
    }
    empty = not any(_plotted(value) for line in found.lines for value in line.values)
    several = len(found.lines) > 1
    legend = tuple(Part(each["name"], each["hue"]) for each in data["series"]) if several else ()
    return replace(bare, table=table, data=data, legend=legend, empty=empty)


def _tabular(transaction: Transaction, card: Card, around: Around, bare: CardShown) -> CardShown:
    found = sheet(transaction, card, around.narrowed)
    series = card.series[0]
    tell_groups(transaction, card, len(found.rows), around.narrowed)
    entity = transaction.catalog.entity(series.entity)
    down, across = series.groups[: card.rows], series.groups[card.rows :]
    writing = _Writing(transaction, entity, series, around)
    words, over = writing.words(down, found.rows), writing.words(across, found.columns)
    figures = writing.figure_names()
    rows = []
    for keys in found.rows:
        row: list[TableCell] = []
        for column in found.columns:
            condition = both(writing.condition(down, keys), writing.condition(across, column))
            row += writing.cells(found.cells.get((keys, column)), condition)
        row += writing.cells(found.row_totals.get(keys), writing.condition(down, keys))
        rows.append((words[keys], tuple(row)))
    totals: list[TableCell] = []
    for column in found.columns:
        totals += writing.cells(found.column_totals.get(column), writing.condition(across, column))
    table = TableShown(
        key_heads=tuple(_grouping_name(transaction, entity, each) for each in down),
        heads=tuple(_heads([over[column] for column in found.columns], figures)),
        rows=tuple(rows),
        total=(*totals, *writing.cells(found.total, "")),
        more=found.more,
    )
    return replace(bare, table=table, empty=not rows)


def _heads(columns: list[tuple[str, ...]], figures: list[str]) -> list[str]:
    """The headings of the figures: of each column, and of the row's total at the end."""
    if not columns:
        return figures
    several = figures if len(figures) > 1 else [""]
    named = [*columns, (visitor.translated("Total"),)]
    return [" · ".join(part for part in (*words, figure) if part) for words in named for figure in several]


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes the figures of one series into the cells of a table."""

    transaction: Transaction
    entity: CompiledEntity
    series: Series
    around: Around

    def words(
        self, groups: tuple[Grouping, ...], keys: tuple[tuple[Any, ...], ...]
    ) -> dict[tuple[Any, ...], tuple[str, ...]]:
        """What the groups of each row or column are called."""
        named = [
            keys_in_words(self.transaction, self.entity, each, [one[at] for one in keys])
            for at, each in enumerate(groups)
        ]
        return {one: tuple(names[key] for names, key in zip(named, one, strict=True)) for one in keys}

    def condition(self, groups: tuple[Grouping, ...], keys: tuple[Any, ...]) -> str:
        """The formula for the records of a row or column."""
        pairs = zip(groups, keys, strict=True)
        parts = [key_condition(self.transaction, self.entity, each, key) for each, key in pairs]
        return both(*(part for part in parts if part))

    def cells(self, values: tuple[Any, ...] | None, condition: str) -> list[TableCell]:
        """The figures of one group, each leading to its records."""
        if values is None:
            return [TableCell("") for _ in self.series.figures]
        url = self.around.records_url(self.series, condition)
        return [
            TableCell(measured(self.transaction, self.entity, figure, value), None if value is None else url)
            for figure, value in zip(self.series.figures, values, strict=True)
        ]

    def figure_names(self) -> list[str]:
        """What the figures are called: by their label, else by their field."""
        return [
            label(each.label) if each.label else _measure_name(self.entity, self.series, at)
            for at, each in enumerate(self.series.figures)
        ]


SHOWN: Mapping[str, Callable[[Transaction, Card, Around, CardShown], CardShown]] = {
    "number": _number,
    "gauge": _gauge,
    "bar": _drawn,
    "line": _drawn,
    "area": _drawn,
    "pie": _pie,
    "funnel": _funnel,
    "table": _tabular,
    "pivot": _tabular,
}


def _cells(transaction: Transaction, around: Around, line: Line, axis: tuple[Any, ...]) -> list[TableCell]:
    pairs = zip(axis, line.values, strict=True)
    return [_cell(transaction, around, line, key, value) for key, value in pairs]


def _cell(transaction: Transaction, around: Around, line: Line, key: Any, value: Any) -> TableCell:
    entity = transaction.catalog.entity(line.series.entity)
    conditions = [key_condition(transaction, entity, line.series.groups[0], key)]
    if len(line.series.groups) > 1:
        conditions.append(key_condition(transaction, entity, line.series.groups[1], line.part))
    whole = all(each is not None for each in conditions)
    url = around.records_url(line.series, both(*(each or "" for each in conditions))) if whole else None
    return TableCell(measured(transaction, entity, line.figure, value), url if value is not None else None)


def _line_name(card: Card, line: Line, parts: Mapping[Any, str]) -> str:
    if parts:
        return parts[line.part]
    if len(card.series) > 1 and line.series.label:
        return label(line.series.label)
    return label(line.figure.label or card.label)


def _hue(card: Card, found: Picture, line: Line, number: int, hues: Mapping[Any, str]) -> str:
    if line.series.color:
        return HUES[line.series.color]
    if len(found.parts) > 1 and line.part in hues:
        return hues[line.part]
    return HUES[PALETTE[number % len(PALETTE)]]


def _grouping_name(transaction: Transaction, entity: CompiledEntity, grouping: Grouping) -> str:
    found = field_at(transaction.catalog, entity, grouping.expression.text)
    return label(found.definition.label) if found else grouping.text


def _measure_name(entity: CompiledEntity, series: Series, at: int) -> str:
    expression = series.figures[at].value.expression
    each = entity.fields.get(expression.text) if expression else None
    return label(each.definition.label) if each else visitor.translated("Number")


def _plotted(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _change(value: Any, earlier: Any) -> str:
    """How much more or less it is than before, in percent."""
    if value is None or not earlier or not isinstance(value, (int, Decimal)):
        return ""
    percent = (Decimal(value) - Decimal(earlier)) / abs(Decimal(earlier)) * 100
    return f"{percent:+.0f}%"


def _goal(card: Card) -> Decimal | None:
    if card.goal is None:
        return None
    text = card.goal.strip()
    try:
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return None


def _reached(value: Any, goal: Any) -> int | None:
    if value is None or not goal:
        return None
    return round(Decimal(value) / Decimal(goal) * 100)
