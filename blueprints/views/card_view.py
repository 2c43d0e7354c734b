"""Views that are a card: figures over the records of a list, narrowed by the same search and filters."""

from blueprints.list_address import TOLD_AT_ONCE
from blueprints.values import number
from blueprints.views.chart_cards import Around, card_shown
from blueprints.views.drawing import Asking, Drawn, both
from engine.definition.figure import Series
from engine.definition.model import Entity
from engine.problems import InputRefused
from engine.records.query import Query, sent_filter


def draw(asking: Asking) -> Drawn:
    """The card of the view."""
    view, asked = asking.asked.view, asking.asked
    problem = None
    try:
        sent_filter(asking.transaction, asking.entity, asked.filter)
    except InputRefused as refused:
        problem = refused.problems[0].message.to(asking.transaction.actor.locale)
    listed = records_view(asking.entity.definition)

    def records_url(series: Series, condition: str) -> str:
        where = series.where.text if series.where else ""
        shown = both(view.filter.text if view.filter else "", where, asked.formula, condition)
        return asked.url(asking.base, view=listed, filter=shown or None, sort=None)

    around = Around(
        narrowed=lambda _series: Query(
            filter="" if problem else asked.filter, search=asked.search, view=view.name
        ),
        earlier=None,
        records_url=records_url,
        later_url=None if asked.whole else lambda _card: asking.url(whole="1"),
    )
    shown = card_shown(asking.transaction, view.options["card"], around)
    return Drawn(
        "views/chart.html", {"card": shown, "alone": True, "told_at_once": number(TOLD_AT_ONCE)}, problem
    )


def records_view(entity: Entity) -> str | None:
    """The list in which all records can be seen: one without a filter of its own, else the first one."""
    lists = [each for each in entity.views.values() if "card" not in each.options and not each.options]
    whole = next((each for each in lists if each.filter is None), None)
    found = whole or next(iter(lists), None)
    return found.name if found else None
