"""Dashboards: cards beside one another, whom they are for, and what narrows all of them."""

from collections.abc import Iterator

from engine.definition.figure import Dashboard
from engine.definition.load_access import principal
from engine.definition.load_cards import load_card
from engine.definition.loading import Loading, entries, items, label, text
from engine.definition.nodes import Node
from engine.text import say


def load_dashboards(loading: Loading, node: Node | None) -> dict[str, Dashboard]:
    """The dashboards of an app by their names."""
    found = {}
    for key, each in entries(node):
        cards = {
            name.text: load_card(loading, None, name, card, text(card, "chart") or "")
            for name, card in entries(each.get("cards"))
        }
        fields = items(each.get("filters"))
        entities = {one.entity for card in cards.values() for one in card.series}
        for one in fields:
            loading.refer("filter_field", one, "", " ".join(sorted(entities)))
        found[key.text] = Dashboard(
            app=loading.app,
            name=key.text,
            label=label(key, each),
            place=key.place,
            icon=text(each, "icon"),
            audience=tuple(_people(loading, each.get("for"))),
            cards=cards,
            period=text(each, "period"),
            filters=tuple(one.text for one in fields),
        )
    return found


def _people(loading: Loading, node: Node | None) -> Iterator[str]:
    """Roles in full, or everyone: a dashboard belongs to no record whose people it could be for."""
    for one in items(node):
        if one.text == "everyone" or one.text.startswith(("role:", "user:")):
            yield principal(loading, "", one)
        else:
            loading.refuse(
                one.place,
                say("'{name}' is nobody; name a role such as 'role:sales', or 'everyone'.", name=one.text),
            )
