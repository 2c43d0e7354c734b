"""Figures of groups, a row for each."""

from engine.definition.chart_type import TABLE, ChartType

CHART = ChartType(name="table", icon="table", options=TABLE, needs=("rows",))
