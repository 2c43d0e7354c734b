"""Records as cards beside one another, each with a picture or a mark, its title and some fields."""

from engine.definition.shown_options import a_field, some_fields
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="gallery",
    icon="layout-grid",
    options={
        "card": some_fields("column", "The fields on a card, beneath the title; the first one stands out."),
        "image": a_field("picture_field", "A field of pictures whose first one stands on the card."),
        "color": a_field("color_field", "A choice or the stage, whose colour a card has."),
    },
    required=("card",),
)
