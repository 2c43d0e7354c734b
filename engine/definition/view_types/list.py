"""Records as rows of a table."""

from engine.definition.shown_options import a_word, some_fields
from engine.definition.terms import TOTALS
from engine.definition.view_type import ViewType

# The keys of a list are read by load_views: other types of views fall back on its columns.
VIEW = ViewType(
    name="list",
    icon="list",
    options={
        "columns": some_fields("column", "The fields that are shown; without it the first ones."),
        "totals": a_word(TOTALS, "A total beneath a column: sum, avg, min, max or count."),
    },
)
