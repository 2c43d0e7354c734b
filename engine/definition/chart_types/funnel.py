"""How many are left at each step."""

from engine.definition.chart_type import PARTS_OF_A_WHOLE, ChartType

CHART = ChartType(name="funnel", icon="filter", options=PARTS_OF_A_WHOLE, needs=("group_by", "value"))
