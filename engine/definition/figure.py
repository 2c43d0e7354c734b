"""Figures over records, as definitions write them: what is worked out (`sum(amount)`), by what it is grouped.

A measure is one of a few functions over a formula about each record. A grouping is a formula as well; written
`month(close_date)` it stands for the whole month, year among it, not for a number from 1 to 12.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.formula.expression import Expression
from engine.problems import Place
from engine.text import Text

FUNCTIONS = ("sum", "avg", "min", "max", "count", "count_distinct")
PERIODS = ("year", "quarter", "month", "week", "day")
CALL = re.compile(r"\s*([a-z_]+)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Measure:
    """A function over the values of a formula; `count()` has none and counts records."""

    function: str
    expression: Expression | None
    place: Place

    @property
    def text(self) -> str:
        return f"{self.function}({self.expression.text if self.expression else ''})"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A formula whose values make groups; with a period the days, weeks … that its dates belong to."""

    expression: Expression
    period: str | None = None

    @property
    def text(self) -> str:
        return f"{self.period}({self.expression.text})" if self.period else self.expression.text


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its name; divided by `per` it is a rate, such as won deals of all deals."""

    name: str
    label: Text | None
    value: Measure
    per: Measure | None = None
    format: str | None = None
    """The field type whose look it has (percent …), when it is not that of the field that is measured."""


@dataclass(frozen=True, slots=True)
class Series:
    """One question about the records of one entity: its groups, and the figures of each group."""

    name: str
    label: Text | None
    entity: str
    groups: tuple[Grouping, ...]
    figures: tuple[Figure, ...]
    where: Expression | None = None
    date: str | None = None
    """The field that says to which day a record belongs, for the period of a dashboard."""
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A chart, table or number. Several series stand in one picture; they share its axis."""

    name: str
    label: Text
    place: Place
    chart: str
    series: tuple[Series, ...]
    rows: int = 1
    """How many of the groups are rows; the others are columns."""
    limit: int | None = None
    target: Measure | None = None
    goal: str | None = None
    """A plain number that is to be reached."""
    width: int | None = None
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Cards beside one another, with filters for all of them."""

    app: str
    name: str
    label: Text
    place: Place
    icon: str | None
    audience: tuple[str, ...]
    """Principals; empty: whoever may read some of what it shows."""
    cards: dict[str, Card]
    period: str | None = None
    filters: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"


def read_measure(expression: Expression) -> Measure | None:
    """`sum(amount)` as a measure; None for anything else."""
    found = CALL.fullmatch(expression.text)
    if found is None or found[1] not in FUNCTIONS or not _closed(found[2]):
        return None
    inside = part(expression, *found.span(2)) if found[2].strip() else None
    if inside is None and found[1] != "count":
        return None
    return Measure(found[1], inside, expression.place)


def read_grouping(expression: Expression) -> Grouping:
    """A field, a path or another formula; `month(close_date)` for periods."""
    found = CALL.fullmatch(expression.text)
    if found and found[1] in PERIODS and found[2].strip() and _closed(found[2]):
        return Grouping(part(expression, *found.span(2)), found[1])
    return Grouping(expression)


def part(expression: Expression, start: int, end: int) -> Expression:
    """The text from start to end, which still knows where it stands."""
    lines = tuple((begins - start, place) for begins, place in expression.lines if begins > start)
    return Expression(expression.text[start:end], expression.place_of(start), lines)


def _closed(text: str) -> bool:
    """Whether no bracket in the text closes one that was opened before it."""
    depth = 0
    for letter in re.sub(r"\"[^\"]*\"|'[^']*'", "", text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


def expressions(value: object) -> Iterator[tuple[Expression, object]]:
    """The formulas in an option of a view or in a card, each with what it stands for."""
    if isinstance(value, Expression):
        yield value, None
    elif isinstance(value, Measure):
        if value.expression:
            yield value.expression, value
    elif isinstance(value, Grouping):
        yield value.expression, value
    elif isinstance(value, Series):
        for each in (*value.groups, *value.figures):
            yield from expressions(each)
        if value.where:
            yield value.where, None
    elif isinstance(value, Figure):
        yield from expressions(value.value)
        yield from expressions(value.per)
    elif isinstance(value, Card):
        for each in value.series:
            yield from expressions(each)


def named(card: Card, name: str) -> Card:
    """The card under another name."""
    return replace(card, name=name)
