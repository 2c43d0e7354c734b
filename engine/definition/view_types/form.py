"""A form for everybody who has its link: what they send becomes a record, and nothing is shown to them."""

from engine.definition.language_workflow import VALUES
from engine.definition.shown_options import some_fields, some_values, some_words
from engine.definition.view_type import ViewType

VIEW = ViewType(
    name="form",
    icon="forms",
    options={
        "fields": some_fields("public_field", "What people fill in; nothing else can be sent."),
        "required": some_fields("public_field", "Those of them that have to be filled in here."),
        "intro": some_words("What stands above the fields."),
        "thanks": some_words("What people read after sending it."),
        "button": some_words("What the button says; without it “Send”."),
        "set": some_values(
            VALUES, "What the form writes beside that: a value, or a formula that begins with `=`."
        ),
    },
    required=("fields",),
    lists=False,
)
