"""Records on the days of a month; dragging one to another day changes its date."""

from engine.definition.shown_options import a_field, a_word
from engine.definition.terms import REFERENCE
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="calendar",
    icon="calendar",
    options={
        "date": a_field("day_field", "The day of a record."),
        "end": a_field("day_field", "Its last day, when it can last several."),
        "color": a_field("color_field", "A choice or the stage, whose colour it has."),
        "holidays": a_word(
            REFERENCE, "The calendar whose holidays are marked; without it the first one of the app."
        ),
    },
    required=("date",),
)
