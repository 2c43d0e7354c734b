"""Records as cards in columns; whoever drags a card to another column moves the record there."""

from engine.definition.shown_options import a_field, a_measure, some_fields
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="board",
    icon="layout-kanban",
    options={
        "group_by": a_field(
            "column_field",
            "What the columns are: `stage`, a choice, or a link. A card that is moved fires the transition "
            "between the stages, or gets the other value.",
        ),
        "card": some_fields("column", "The fields on a card, beneath the title."),
        "total": a_measure("What stands above a column: `sum(amount)`."),
    },
    required=("group_by",),
)
