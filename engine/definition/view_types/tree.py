"""Records below one another: departments, an organisation chart."""

from engine.definition.shown_options import a_field, some_fields
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="tree",
    icon="sitemap",
    options={
        "parent": a_field(
            "parent_field",
            "What a record stands below; without it the entity's `tree`.",
        ),
        "match": a_field(
            "match_field",
            "The field in which the record above has the value that `parent` has; without it `parent` is a "
            "link to that record.",
        ),
        "card": some_fields("column", "The fields beside the title."),
    },
)
