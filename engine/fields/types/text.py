"""One line of text."""

from typing import Any

from engine.fields.field_type import Bad, Good, JsonSchema, Options
from engine.fields.foreign_schema import json_type, text_bounds
from engine.fields.text_type import LimitedTextType
from engine.formula.pattern import whole_text_pattern
from engine.text import Text as Label

DECIDED_ELSEWHERE = ("format", "enum", "const", "oneOf", "anyOf", "contentEncoding")
"""Keywords that make a string something else than plain text."""


class Text(LimitedTextType):
    name = "text"
    label = Label({"en": "Text", "zh": "文本"})
    good = (
        Good("Acme Ltd.", "Acme Ltd."),
        Good("  斗拱  ", "斗拱", locale="zh"),
        Good("007", "007"),
        Good("AB-12", "AB-12", {"pattern": "[A-Z]{2}-[0-9]+"}),
        Good("abc", "abc", {"min_length": 3, "max_length": 3}),
    )
    bad = (
        Bad("two\nlines", "“two ⏎ lines” has more than one line."),
        Bad("nul\x00", "“nul\ufffd” holds characters that cannot be shown."),
        Bad(5, "“5” is not a text."),
        Bad("abcd", "“abcd” has 4 characters; at most 3 are possible.", {"max_length": 3}),
        Bad("ab", "“ab” has 2 characters; at least 3 are needed.", {"min_length": 3}),
        Bad("ab-12", "“ab-12” does not have the form [A-Z]{2}-[0-9]+.", {"pattern": "[A-Z]{2}-[0-9]+"}),
    )

    def natural_options(self, schema: JsonSchema) -> Options | None:
        if json_type(schema) != "string" or any(keyword in schema for keyword in DECIDED_ELSEWHERE):
            return None
        options: dict[str, Any] = text_bounds(schema)
        pattern = schema.get("pattern")
        if pattern is not None:
            options["pattern"] = whole_text_pattern(pattern)
        return options
