"""A line with the area beneath it."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType(name="area", icon="chart-area-line", options=OVER_AN_AXIS, needs=("group_by", "value"))
