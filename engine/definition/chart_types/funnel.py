"""How many are left at each step."""

from engine.definition.chart_type import PARTS_OF_A_WHOLE, ChartType

CHART = ChartType("funnel", "filter", PARTS_OF_A_WHOLE, ("group_by", "value"))
