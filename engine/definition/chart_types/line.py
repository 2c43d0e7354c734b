"""A line through the groups, most often over time."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType("line", "chart-line", OVER_AN_AXIS, ("group_by", "value"))
