"""A line with the area beneath it."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType("area", "chart-area-line", OVER_AN_AXIS, ("group_by", "value"))
