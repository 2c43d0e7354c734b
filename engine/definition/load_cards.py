"""Cards: what a chart, table or number shows, as questions about the records of entities."""

from collections.abc import Iterator

from engine.definition.chart_type_registry import CHART_TYPES
from engine.definition.figure import Card, Figure, Grouping, Series, read_grouping
from engine.definition.loading import Loading, entries, expression, flag, items, label, scalar, text, words
from engine.definition.nodes import MappingNode, ScalarNode
from engine.definition.shown_options import grouping_of, measure_of
from engine.problems import unknown
from engine.text import Message, say

CHART_VIEWS: dict[str, str] = {"pivot": "pivot", "chart": ""}
"""Views that are a card: which chart, when the view does not say it itself."""


def load_card(loading: Loading, entity: str | None, key: ScalarNode, node: MappingNode, chart: str) -> Card:
    """The card of a dashboard; of a view, whose records are those of `entity`."""
    kind = CHART_TYPES[chart]
    _refuse_foreign(loading, node, chart)
    series = tuple(_series(loading, entity, key, node, chart))
    limit = scalar(node, "limit")
    width = scalar(node, "width")
    return Card(
        name=key.text,
        label=label(key, node),
        place=key.place,
        chart=kind.name,
        series=series,
        rows=len(items(node.get("rows"))) or 1,
        limit=int(limit.text) if limit else None,
        goal=text(node, "goal"),
        width=int(width.text) if width else None,
        stacked=flag(node, "stacked"),
    )


def _refuse_foreign(loading: Loading, node: MappingNode, chart: str) -> None:
    """Keys of other charts, where one mapping can be any of them."""
    foreign = {name for each in CHART_TYPES.values() for name in each.options} - {*CHART_TYPES[chart].options}
    for key, _ in node.entries:
        if key.text in foreign:
            sentence = say("A chart of the type '{chart}' has no key '{key}'.", chart=chart, key=key.text)
            loading.refuse(key.place, unknown(sentence, key.text, CHART_TYPES[chart].options))


def _series(
    loading: Loading, entity: str | None, key: ScalarNode, node: MappingNode, chart: str
) -> Iterator[Series]:
    listed = list(entries(node.get("series")))
    if not listed:
        found = _one(loading, entity, key, node, MappingNode(key.place), chart)
        if found:
            yield found
    for name, each in listed:
        found = _one(loading, entity, name, each, node, chart)
        if found:
            yield found


def _one(
    loading: Loading, entity: str | None, key: ScalarNode, node: MappingNode, card: MappingNode, chart: str
) -> Series | None:
    """A series; what it does not say itself is said by the card."""

    def given(name: str) -> MappingNode:
        return node if node.get(name) else card

    source = scalar(given("from"), "from")
    if entity is None and source is None:
        loading.refuse(key.place, say("'{name}' does not say 'from' which entity it is.", name=key.text))
        return None
    about = entity or (loading.in_full(loading.refer("option_to", source)) if source else "")
    missing = [name for name in CHART_TYPES[chart].needs if not (node.get(name) or card.get(name))]
    if "value" in missing and node.get("values"):
        missing.remove("value")
    if missing:
        loading.refuse(key.place, _needs(chart, missing[0]))
        return None
    figures = tuple(_figures(loading, key, node))
    if not figures:
        if not (node.get("value") or node.get("values")):
            loading.refuse(
                key.place,
                say("A chart of the type '{chart}' needs the key '{key}'.", chart=chart, key="value"),
            )
        return None
    date = scalar(given("date"), "date")
    return Series(
        name=key.text,
        label=label(key, node),
        entity=about,
        groups=tuple(_groups(node, card)),
        figures=figures,
        where=expression(given("where"), "where"),
        date=loading.refer("day_field", date, about) if date else None,
        color=text(node, "color"),
    )


def _needs(chart: str, key: str) -> Message:
    return say("A chart of the type '{chart}' needs the key '{key}'.", chart=chart, key=key)


def _groups(node: MappingNode, card: MappingNode) -> Iterator[Grouping]:
    """All groups, in the order in which a table of them has them."""
    for name in ("rows", "columns"):
        yield from (read_grouping(each.expression()) for each in items(node.get(name)))
    for name in ("group_by", "split_by"):
        found = grouping_of(node.get(name) or card.get(name))
        if found:
            yield found


def _figures(loading: Loading, key: ScalarNode, node: MappingNode) -> Iterator[Figure]:
    listed = [(name, each, words(each, "label")) for name, each in entries(node.get("values"))]
    alone = [(key, node, None)] if node.get("value") else []
    for name, each, called in [*alone, *listed]:
        value, per = measure_of(loading, each.get("value")), measure_of(loading, each.get("per"))
        if value:
            yield Figure(name.text, called, value, per, text(each, "format"))
