"""How much of a goal has been reached."""

from engine.definition.chart_type import GOAL, MEASURED, SERIES_OPTION, ChartType

CHART = ChartType(
    name="gauge", icon="gauge", options={**MEASURED, "goal": GOAL, "series": SERIES_OPTION}, needs=("value",)
)
