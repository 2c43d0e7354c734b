"""Figures of groups, one grouping down and another across."""

from engine.definition.chart_type import COLUMNS, TABLE, ChartType

CHART = ChartType("pivot", "table", {**TABLE, "columns": COLUMNS}, ("rows",), ("rows",))
