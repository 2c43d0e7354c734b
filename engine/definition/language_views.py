"""The part of the language that is about looking at records: views, dashboards, cards, figures."""

from collections.abc import Iterable, Mapping

from engine.definition.chart_type import ChartType
from engine.definition.chart_type_registry import CHART_TYPES
from engine.definition.shown_options import ShownOption
from engine.definition.terms import (
    COLOR,
    FORMULA,
    ICON,
    IDENTIFIER,
    LABEL,
    NAME,
    NAMES,
    PRINCIPALS,
    REFERENCE,
    JsonSchema,
    Key,
    Thing,
    each,
)
from engine.definition.view_type import ViewType
from engine.definition.view_type_registry import VIEW_TYPES
from engine.text import say

PERIOD_CHOICES = (
    *("this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year"),
    *("last_12_months", "next_12_months", "all"),
)
"""The periods that a dashboard offers."""

VOWELS = "aeiou"

VIEW_KEYS: Mapping[str, Key] = {
    "type": Key({"enum": list(VIEW_TYPES)}, "How records are shown."),
    "label": LABEL,
    "sort": Key(
        {
            "type": "array",
            "items": {"type": "string", "pattern": f"^-?{IDENTIFIER[1:]}"},
            "uniqueItems": True,
        },
        "Fields to sort by; `-amount` begins with the largest.",
    ),
    "filter": Key(FORMULA, "Only records for which this holds."),
}
"""What every view has."""

RECORD_KEYS = ("sort", "filter")
"""Those of them that are about which records are shown."""

CARD_KEYS: Mapping[str, Key] = {
    "chart": Key({"enum": list(CHART_TYPES)}, "What picture it is."),
    "label": LABEL,
    "from": Key(REFERENCE, "The entity whose records count."),
    "where": Key(FORMULA, "Only records for which this holds."),
    "date": Key(NAME, "The field that says to which day a record belongs, for the period of the dashboard."),
    "width": Key(
        {"type": "integer", "minimum": 1, "maximum": 4},
        "How many of the four columns it takes, where there is room.",
    ),
}
"""What every card has."""


def _keys(options: Mapping[str, ShownOption]) -> dict[str, Key]:
    return {name: option.key for name, option in options.items()}


def _view_keys(view: ViewType) -> dict[str, Key]:
    return {name: key for name, key in VIEW_KEYS.items() if view.lists or name not in RECORD_KEYS}


def _kind(name: str, keys: Mapping[str, Key], key: str) -> dict[str, Key]:
    schema: JsonSchema = {"const": name}
    return {**keys, key: Key(schema, keys[key].description)}


def _all_keys(types: Iterable[ViewType | ChartType]) -> dict[str, Key]:
    return {key: of for each in types for key, of in _keys(each.options).items()}


VIEW_THINGS: Mapping[str, Thing] = {
    "view": Thing(
        say("A view"),
        {**_all_keys(VIEW_TYPES.values()), **VIEW_KEYS},
        ("type",),
        kinds=("type", {name: f"{name}_view" for name in VIEW_TYPES}),
    ),
    **{
        f"{name}_view": Thing(
            say("An {type} view", type=name) if name[0] in VOWELS else say("A {type} view", type=name),
            {**_kind(name, _view_keys(view), "type"), **_keys(view.options)},
            ("type", *view.required),
        )
        for name, view in VIEW_TYPES.items()
    },
    "dashboard": Thing(
        say("A dashboard"),
        {
            "label": LABEL,
            "icon": ICON,
            "for": Key(PRINCIPALS, "Whom it is for: roles; without it whoever may see some of it."),
            "period": Key(
                {"enum": list(PERIOD_CHOICES)}, "The period that is shown at first; cards name their `date`."
            ),
            "filters": Key(
                {**NAMES, "minItems": 1}, "Fields to narrow all cards by whose entity has such a field."
            ),
            "cards": Key(each("card", at_least=1), "What stands on it, in this order."),
        },
        ("cards",),
    ),
    "card": Thing(
        say("A card"),
        {**_all_keys(CHART_TYPES.values()), **CARD_KEYS},
        ("chart",),
        kinds=("chart", {name: f"{name}_card" for name in CHART_TYPES}),
    ),
    **{
        f"{name}_card": Thing(
            say("An {type} card", type=name) if name[0] in VOWELS else say("A {type} card", type=name),
            {**_kind(name, CARD_KEYS, "chart"), **_keys(chart.options)},
            ("chart", *chart.required),
        )
        for name, chart in CHART_TYPES.items()
    },
    "series": Thing(
        say("A series"),
        {
            "label": LABEL,
            "from": CARD_KEYS["from"],
            "where": CARD_KEYS["where"],
            "date": CARD_KEYS["date"],
            "group_by": CHART_TYPES["bar"].options["group_by"].key,
            "value": CHART_TYPES["bar"].options["value"].key,
            "per": CHART_TYPES["bar"].options["per"].key,
            "format": CHART_TYPES["bar"].options["format"].key,
            "color": Key(COLOR, "Its colour."),
        },
        ("value",),
    ),
    "figure": Thing(
        say("A figure"),
        {
            "label": LABEL,
            "value": CHART_TYPES["bar"].options["value"].key,
            "per": CHART_TYPES["bar"].options["per"].key,
            "format": CHART_TYPES["bar"].options["format"].key,
        },
        ("value",),
    ),
}
