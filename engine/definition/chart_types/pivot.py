"""Figures of groups, one grouping down and another across."""

from engine.definition.chart_type import COLUMNS, TABLE, ChartType

CHART = ChartType(
    name="pivot", icon="table", options={**TABLE, "columns": COLUMNS}, needs=("rows",), required=("rows",)
)
