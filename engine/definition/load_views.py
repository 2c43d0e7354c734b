"""Forms and views, and what stands for them when a definition has none."""

from collections.abc import Mapping
from typing import Any

from engine.definition.load_cards import CHART_VIEWS, load_card
from engine.definition.loading import Loading, entries, expression, items, label, scalar, text, words
from engine.definition.model import Field, Section, View
from engine.definition.nodes import MappingNode, Node, ScalarNode, plain
from engine.definition.view_type_registry import VIEW_TYPES
from engine.fields.registry import FIELD_TYPES
from engine.problems import Place
from engine.text import Text, say

ALL_LABEL = Text({"en": "All", "zh": "全部"})
DEFAULT_COLUMNS = 6


def load_form(
    loading: Loading, entity: str, node: Node | None, fields: Mapping[str, Field]
) -> tuple[Section, ...]:
    """The sections of the form; without `form:` one that holds all fields."""
    seen: set[str] = set()
    sections = tuple(_section(loading, entity, key, each, seen) for key, each in entries(node))
    if sections:
        return sections
    shown = tuple(name for name, each in fields.items() if not (each.system or each.hidden or each.retired))
    return (Section("main", None, shown),)


def _section(loading: Loading, entity: str, key: ScalarNode, node: MappingNode, seen: set[str]) -> Section:
    """One section; `seen` are the fields of the sections before it."""
    for each in items(node.get("fields")):
        if each.text in seen:
            loading.refuse(each.place, say("The field '{name}' is in the form twice.", name=each.text))
        seen.add(each.text)
    columns = scalar(node, "columns")
    return Section(
        name=key.text,
        label=words(node, "label") or label(key, node),
        fields=tuple(loading.refer("form_field", each, entity) for each in items(node.get("fields"))),
        columns=int(columns.text) if columns else 2,
        show_when=expression(node, "show_when"),
        tab=words(node, "tab"),
    )


def load_views(
    loading: Loading, entity: str, place: Place, node: Node | None, fields: Mapping[str, Field]
) -> dict[str, View]:
    """The views; where none of them shows records, a list of the first fields before them."""
    columns = _default_columns(fields)
    views = {key.text: _view(loading, entity, key, each, columns) for key, each in entries(node)}
    if any(VIEW_TYPES[each.kind].lists for each in views.values()):
        return views
    return {"all": View("all", "list", ALL_LABEL, place, columns), **views}


def _default_columns(fields: Mapping[str, Field]) -> tuple[str, ...]:
    """The first fields that have a value of their own, and the stage."""
    fit = [
        name
        for name, each in fields.items()
        if not (each.system or each.hidden or each.retired)
        and FIELD_TYPES[each.type].column(each.options) is not None
    ]
    return (*fit[:DEFAULT_COLUMNS], *(("stage",) if "stage" in fields else ()))


def _view(
    loading: Loading, entity: str, key: ScalarNode, node: MappingNode, columns: tuple[str, ...]
) -> View:
    options = _options(loading, entity, key, node)
    written: tuple[str, ...] = options.pop("columns", ())
    totals = options.pop("totals", {})
    for column, how in _totals(node.get("totals")):
        loading.refer("total", column, entity, how.text)
        if column.text not in (written or columns):
            loading.refuse(
                column.place, say("The view does not show '{name}', so it has no total.", name=column.text)
            )
    return View(
        name=key.text,
        kind=text(node, "type") or "list",
        label=label(key, node),
        place=key.place,
        columns=written or columns,
        sort=tuple(_sort(loading, entity, each) for each in items(node.get("sort"))),
        filter=expression(node, "filter"),
        totals=totals,
        options=options,
        written=plain(node),
    )


def _options(loading: Loading, entity: str, key: ScalarNode, node: MappingNode) -> dict[str, Any]:
    """What the type of the view reads of its keys; a pivot or chart is a card about this entity."""
    kind = text(node, "type") or "list"
    if kind in CHART_VIEWS:
        card = load_card(loading, entity, key, node, CHART_VIEWS[kind] or text(node, "chart") or "")
        return {"card": card}
    options = VIEW_TYPES[kind].options
    read = {name: (option, value) for name, option in options.items() if (value := node.get(name))}
    return {name: option.read(loading, entity, value) for name, (option, value) in read.items()}


def _sort(loading: Loading, entity: str, node: ScalarNode) -> tuple[str, bool]:
    loading.refer("sort_field", node, entity)
    return node.text.removeprefix("-"), node.text.startswith("-")


def _totals(node: Node | None) -> list[tuple[ScalarNode, ScalarNode]]:
    if not isinstance(node, MappingNode):
        return []
    return [(key, value) for key, value in node.entries if isinstance(value, ScalarNode)]
