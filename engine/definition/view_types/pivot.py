"""Figures in a table of groups: one grouping down, another across."""

from engine.definition.chart_type_registry import CHART_TYPES
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="pivot", icon="table", options=CHART_TYPES["pivot"].options, required=CHART_TYPES["pivot"].required
)
