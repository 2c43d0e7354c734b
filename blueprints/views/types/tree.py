"""The tree: records below one another. A branch below the second level is fetched when somebody opens it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.values import number
from blueprints.views.cards import Card, address_of, cards, may_set, seen_fields
from blueprints.views.drawing import CARDS_AT_MOST, Asking, Drawn, find
from blueprints.views.tree_levels import Branch, Level, level
from engine.problems import InputRefused
from engine.records.query import Query
from engine.records.select import Record
from engine.records.whole import takes_long

RECORDS_AT_MOST = 2_000
"""Of more records each level is read when it is opened."""
LEVELS = 2
"""How many levels stand open at first."""
LOOKS = ("list", "chart")


@dataclass(frozen=True, slots=True)
class _Wood:
    """All records by what they stand below."""

    asking: Asking
    match: str
    below: dict[str, list[Record]]
    counts: dict[int, int]


def draw(asking: Asking) -> Drawn:
    """The tree from its roots, or the branches below one record alone."""
    entity = asking.entity
    parent = asking.options.get("parent") or entity.definition.tree
    match = asking.options.get("match") or "id"
    if parent is None or parent not in entity.fields:
        return Drawn("views/tree.html", {"branches": (), "looks": [], "look": "list"})
    look = asking.arguments.get("look", "")
    look = look if look in LOOKS else "list"
    below = asking.arguments.get("below")
    if _are_very_many(asking):
        found = level(asking, parent, match, look, below or "")
    else:
        found = _whole(asking, parent, match, look, below)
    if below is not None:
        context = {"branches": found.branches, "more_url": found.more_url, "look": look}
        return Drawn("views/tree_branches.html", context, found.problem, alone=True)
    whole: dict[str, Any] = {
        "branches": found.branches,
        "more_url": found.more_url,
        "look": look,
        "looks": [{"name": each, "url": asking.url(look=each), "current": each == look} for each in LOOKS],
        "movable": may_set(asking.transaction, entity, parent),
        "parent_field": parent,
        "api_url": f"/api/v1/{entity.key.replace('.', '/')}",
    }
    return Drawn("views/tree.html", whole, found.problem)


def _are_very_many(asking: Asking) -> bool:
    """Whether there are too many records to read them as a whole; not of a filter that is refused."""
    asked = asking.asked
    query = Query(filter=asked.filter, search=asked.search, view=asked.view.name)
    try:
        return takes_long(asking.transaction, asking.entity.key, query, RECORDS_AT_MOST)
    except InputRefused:
        return False


def _whole(asking: Asking, parent: str, match: str, look: str, below: str | None) -> Level:
    """The tree of all records, two levels of it; or what stands below one."""
    wood, problem = _wood(asking, parent, match)
    rows, levels = (wood.below.get("", []), LEVELS) if below is None else (wood.below.get(below, []), 1)
    return Level(_branches(wood, rows, levels, look), "", problem)


def _wood(asking: Asking, parent: str, match: str) -> tuple[_Wood, str | None]:
    records: list[Record] = []
    after, problem = None, None
    while True:
        found, problem = find(asking, frozenset({parent, match}), limit=CARDS_AT_MOST, after=after)
        records += found.records
        after = found.next
        if after is None:
            break
    known = {address_of(each.get(match)) for each in records} - {""}
    below: dict[str, list[Record]] = {}
    for each in records:
        above = address_of(each.get(parent))
        own = address_of(each.get(match))
        below.setdefault(above if above in known and above != own else "", []).append(each)
    _break_circles(records, below, match)
    counts: dict[int, int] = {}
    for each in _from_the_leaves(below, match):
        children = below.get(address_of(each.get(match)) or "?", [])
        counts[each["id"]] = sum(counts.get(one["id"], 0) + 1 for one in children)
    return _Wood(asking, match, below, counts), problem


def _break_circles(records: Sequence[Record], below: dict[str, list[Record]], match: str) -> None:
    """Records that stand below themselves, near or far, are roots: nobody is lost."""
    reached = {each["id"] for each in _from_the_leaves(below, match)}
    for each in records:
        if each["id"] not in reached:
            for rows in below.values():
                if each in rows:
                    rows.remove(each)
            below.setdefault("", []).append(each)
            reached |= {one["id"] for one in _from_the_leaves(below, match)}


def _from_the_leaves(below: dict[str, list[Record]], match: str) -> list[Record]:
    """All records that the roots lead to, each after those below it."""
    order: list[Record] = []
    waiting = list(below.get("", []))
    while waiting:
        each = waiting.pop()
        order.append(each)
        own = address_of(each.get(match))
        waiting += below.get(own, []) if own else []
    return order[::-1]


def _branches(wood: _Wood, rows: Sequence[Record], levels: int, look: str) -> tuple[Branch, ...]:
    """The branches of these rows and of those below them, so many levels."""
    return _grown(wood, rows, levels, look, _shown(wood, _standing(wood, rows, levels)))


def _standing(wood: _Wood, rows: Sequence[Record], levels: int) -> list[Record]:
    found = list(rows)
    for row in rows if levels > 1 else ():
        found += _standing(wood, wood.below.get(address_of(row.get(wood.match)) or "?", []), levels - 1)
    return found


def _grown(
    wood: _Wood, rows: Sequence[Record], levels: int, look: str, shown: dict[int, Card]
) -> tuple[Branch, ...]:
    branches = []
    for row in rows:
        own = address_of(row.get(wood.match))
        below = wood.below.get(own, []) if own else []
        count = wood.counts.get(row["id"], 0)
        inner = _grown(wood, below, levels - 1, look, shown) if levels > 1 else ()
        url = wood.asking.url(below=own, look=look) if below and levels <= 1 else None
        branches.append(Branch(shown[row["id"]], own, inner, number(count) if count else "", url))
    return tuple(sorted(branches, key=lambda each: (not each.count, each.card.title)))


def _shown(wood: _Wood, rows: Sequence[Record]) -> dict[int, Card]:
    """The cards of some records, with their fields, which are read only for those that are shown."""
    asking = wood.asking
    fields = seen_fields(asking.transaction, asking.entity, asking.options.get("card", ()))
    names = frozenset(each.name for each in fields)
    whole: dict[int, Any] = {}
    for at in range(0, len(rows), CARDS_AT_MOST):
        identities = ", ".join(str(row["id"]) for row in rows[at : at + CARDS_AT_MOST])
        found, _ = find(asking, names, f"id in [{identities}]") if names else (None, None)
        whole |= {record["id"]: record for record in found.records} if found else {}
    records = [whole.get(row["id"], row) for row in rows]
    return {card.id: card for card in cards(asking.transaction, asking.entity, records, fields)}
