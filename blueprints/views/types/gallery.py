"""The gallery: records as cards with a mark in their colour, page by page."""

from blueprints.lists import paging
from blueprints.views.cards import cards, seen_fields
from blueprints.views.drawing import Asking, Drawn, find

CARDS = 48


def draw(asking: Asking) -> Drawn:
    """One page of cards."""
    shown = seen_fields(asking.transaction, asking.entity, asking.options["card"])
    color = asking.options.get("color")
    names = frozenset({*(each.name for each in shown), *((color,) if color else ())})
    found, problem = find(asking, names, limit=CARDS, after=asking.asked.after)
    context = {
        "cards": cards(asking.transaction, asking.entity, found.records, shown, color),
        **paging(asking.asked, asking.base, found),
    }
    return Drawn("views/gallery.html", context, problem)
