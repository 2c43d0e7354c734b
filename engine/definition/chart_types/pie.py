"""The parts of a whole, round."""

from engine.definition.chart_type import PARTS_OF_A_WHOLE, ChartType

CHART = ChartType("pie", "chart-pie", PARTS_OF_A_WHOLE, ("group_by", "value"))
