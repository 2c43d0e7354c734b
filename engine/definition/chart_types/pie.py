"""The parts of a whole, round."""

from engine.definition.chart_type import PARTS_OF_A_WHOLE, ChartType

CHART = ChartType(name="pie", icon="chart-pie", options=PARTS_OF_A_WHOLE, needs=("group_by", "value"))
