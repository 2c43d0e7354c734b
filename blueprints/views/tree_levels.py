"""A tree of very many records, level by level: what stands below a record is asked for when it is opened.

Fewer records are read as a whole (`types/tree.py`), which also tells how many are below each, near and far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import true

from blueprints.values import number
from blueprints.views.card_view import records_view
from blueprints.views.cards import Card, address_of, cards, seen_fields
from blueprints.views.drawing import Asking, both, find
from engine.access.policy import row_condition
from engine.fields.types.link import LARGEST_ID
from engine.figures.answer import answer
from engine.figures.question import sent_question
from engine.records.query import Query
from engine.records.select import Record

IN_A_LEVEL = 200
"""How many records stand below one; the others are in the list to which the last line leads."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A record with those below it; `open_url` fetches them where they are not here yet."""

    card: Card
    match: str
    below: tuple["Branch", ...]
    count: str
    """How many are below it, empty for none: near and far, or the near ones where there are very many."""
    open_url: str | None
    list_url: str = ""
    """The list of those below it, where they may be more than stand here."""


@dataclass(frozen=True, slots=True)
class Level:
    """The branches below one record, or the roots. `more_url` is the list of all, where they are more."""

    branches: tuple[Branch, ...]
    more_url: str
    problem: str | None


def level(asking: Asking, parent: str, match: str, look: str, below: str) -> Level:
    """Those that stand below the record with this value of `match`; the roots below an empty text."""
    condition = _condition(asking, parent, match, below)
    if condition is None:
        return Level((), "", None)
    shown = seen_fields(asking.transaction, asking.entity, asking.options.get("card", ()))
    names = frozenset({parent, match, *(each.name for each in shown)})
    found, problem = find(asking, names, condition, limit=IN_A_LEVEL)
    counts = _counts(asking, parent, match, found.records)
    drawn = cards(asking.transaction, asking.entity, found.records, shown)
    branches = []
    for card, record in zip(drawn, found.records, strict=True):
        own = address_of(record.get(match))
        count = counts.get(own, 0)
        branches.append(
            Branch(
                card,
                own,
                (),
                number(count) if count else "",
                asking.url(below=own, look=look) if count else None,
                _list_url(asking, f"{parent} == {own}") if count else "",
            )
        )
    more = _list_url(asking, condition) if found.next else ""
    return Level(tuple(sorted(branches, key=lambda each: (not each.count, each.card.title))), more, problem)


def _condition(asking: Asking, parent: str, match: str, below: str) -> str | None:
    """The formula for the records of a level; None for an address that names no record."""
    if below:
        is_id = below.isascii() and below.isdigit() and 0 < int(below) <= LARGEST_ID
        return f"{parent} == {below}" if is_id else None
    every_row = row_condition(asking.transaction, "read", asking.entity) is true()
    # Who does not see what a record stands below finds it among the roots: created at no time they know.
    return f"isblank({parent})" if every_row or match != "id" else f"isblank({parent}.created_at)"


def _counts(asking: Asking, parent: str, match: str, records: Sequence[Record]) -> dict[str, int]:
    """Value of `match` → how many records stand directly below."""
    own = {address_of(record.get(match)) for record in records} - {""}
    if not own:
        return {}
    condition = f"{parent} in [{', '.join(sorted(own))}]"
    query = Query(
        filter=both(asking.asked.filter, condition), search=asking.asked.search, view=asking.asked.view.name
    )
    question = sent_question(asking.transaction, asking.entity, [parent], ["count()"])
    return {address_of(row.keys[0]): row.count for row in answer(asking.transaction, question, query)}


def _list_url(asking: Asking, condition: str) -> Any:
    view = asking.asked.view
    shown = both(view.filter.text if view.filter else "", asking.asked.formula, condition)
    listed = records_view(asking.entity.definition)
    return asking.asked.url(asking.base, view=listed, filter=shown, sort=None)
