"""Bars, one for each group."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType("bar", "chart-bar", OVER_AN_AXIS, ("group_by", "value"))
