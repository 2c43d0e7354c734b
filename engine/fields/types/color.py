"""A colour, kept as `#rrggbb` in small letters (CSS Color Module Level 4, hexadecimal notation)."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.fields.field_type import Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.text_type import TextType
from engine.fields.writing import half_width
from engine.text import Text, say

HEXADECIMAL = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})")


class Color(TextType):
    name = "color"
    label = Text({"en": "Colour", "zh": "颜色"})
    widget = "color"
    longest = 7
    operators = ("eq", "ne", "in", "blank", "not_blank")
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    good = (
        Good("#2f55d4", "#2f55d4"),
        Good(" #2F55D4 ", "#2f55d4"),
        Good("fff", "#ffffff"),
        Good("＃0a8", "#00aa88", locale="zh"),
    )
    bad = (
        Bad("red", "“red” is not a colour, such as #d63939."),
        Bad("#12345", "“#12345” is not a colour, such as #d63939."),
        Bad("url(x)", "“url(x)” is not a colour, such as #d63939."),
        Bad(255, "“255” is not a text."),
    )

    def read_line(self, text: str) -> str:
        found = HEXADECIMAL.fullmatch(half_width(text).lower())
        if not found:
            raise ValueRefused(say("“{value}” is not a colour, such as #d63939.", value=quoted(text)))
        digits = found[1]
        return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))

    def raw_options(self, options: Options) -> dict[str, Any]:
        return {}

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})
