"""One number, beside that of the period before."""

from engine.definition.chart_type import GOAL, MEASURED, ChartType

CHART = ChartType("number", "123", {**MEASURED, "goal": GOAL}, ("value",))
