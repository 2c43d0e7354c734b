"""A line through the groups, most often over time."""

from engine.definition.chart_type import OVER_AN_AXIS, ChartType

CHART = ChartType(name="line", icon="chart-line", options=OVER_AN_AXIS, needs=("group_by", "value"))
