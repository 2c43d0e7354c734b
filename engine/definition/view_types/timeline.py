"""Records as bars from their first to their last day; dragging a bar or its end changes the dates."""

from engine.definition.shown_options import a_field
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="timeline",
    icon="timeline",
    options={
        "start": a_field("day_field", "The first day of a record."),
        "end": a_field("day_field", "The last day; without it every bar is one day long."),
        "group_by": a_field("column_field", "What the rows are: a link, a choice or the stage."),
        "color": a_field("color_field", "A choice or the stage, whose colour a bar has."),
    },
    required=("start",),
)
