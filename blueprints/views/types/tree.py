"""The tree: records below one another. A branch below the second level is fetched when somebody opens it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.values import number
from blueprints.views.cards import Card, address_of, cards, may_set, seen_fields
from blueprints.views.drawing import CARDS_AT_MOST, Asking, Drawn, find
from engine.records.select import Record

RECORDS_AT_MOST = 10_000
LEVELS = 2
"""How many levels stand open at first."""
LOOKS = ("list", "chart")


@dataclass(frozen=True, slots=True)
class Branch:
    """A record with those below it; `open_url` fetches them where they are not here yet."""

    card: Card
    match: str
    below: tuple["Branch", ...]
    count: str
    """How many are below it, near and far; empty for none."""
    open_url: str | None


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
    wood, capped, problem = _wood(asking, parent, match)
    look = asking.arguments.get("look", "")
    look = look if look in LOOKS else "list"
    if "below" in asking.arguments:
        rows = wood.below.get(asking.arguments["below"], [])
        context = {"branches": _branches(wood, rows, 1, look), "look": look}
        return Drawn("views/tree_branches.html", context, problem, alone=True)
    whole: dict[str, Any] = {
        "branches": _branches(wood, wood.below.get("", []), LEVELS, look),
        "look": look,
        "looks": [{"name": each, "url": asking.url(look=each), "current": each == look} for each in LOOKS],
        "capped": capped,
        "movable": may_set(asking.transaction, entity, parent),
        "parent_field": parent,
        "api_url": f"/api/v1/{entity.key.replace('.', '/')}",
    }
    return Drawn("views/tree.html", whole, problem)


def _wood(asking: Asking, parent: str, match: str) -> tuple[_Wood, bool, str | None]:
    records: list[Record] = []
    after, problem = None, None
    while len(records) < RECORDS_AT_MOST:
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
    return _Wood(asking, match, below, counts), after is not None, problem


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
