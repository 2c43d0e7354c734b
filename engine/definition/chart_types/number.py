"""One number, beside that of the period before."""

from engine.definition.chart_type import GOAL, MEASURED, ChartType

CHART = ChartType(name="number", icon="hash", options={**MEASURED, "goal": GOAL}, needs=("value",))
