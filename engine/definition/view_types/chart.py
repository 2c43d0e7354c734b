"""Figures as a picture."""

from engine.definition.chart_type_registry import CHART_TYPES
from engine.definition.shown_options import ShownOption, a_word
from engine.definition.view_type import ViewType

_OPTIONS: dict[str, ShownOption] = {
    "chart": a_word({"enum": [name for name in CHART_TYPES if name != "pivot"]}, "What picture it is.")
}
for _each in CHART_TYPES.values():
    _OPTIONS |= {name: option for name, option in _each.options.items() if name not in _OPTIONS}

VIEW = ViewType(name="chart", icon="chart-bar", options=_OPTIONS, required=("chart",))
