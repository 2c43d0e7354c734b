"""Bars, one for each group."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType(name="bar", icon="chart-bar", options=OVER_AN_AXIS, needs=("group_by", "value"))
