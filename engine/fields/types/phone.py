"""Telephone numbers, kept as people write them: `+86 10 6552 9988`, `(010) 6552-9988 ext 12`."""

import re

from engine.fields.field_type import Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.text_type import TextType
from engine.fields.writing import half_width
from engine.text import Text, say

NUMBER = re.compile(r"\+?[0-9(](?:[0-9 ().\-/]*[0-9])(?: ?(?:ext\.?|x|#|转) ?[0-9]{1,6})?", re.IGNORECASE)


class Phone(TextType):
    name = "phone"
    label = Text({"en": "Phone", "zh": "电话"})
    input_mode = "tel"
    longest = 40
    good = (
        Good("+86 138 0013 8000", "+86 138 0013 8000"),
        Good("１３８００１３８０００", "13800138000", locale="zh"),
        Good("(010) 6552-9988", "(010) 6552-9988"),
        Good("010  65529988 ext 12", "010 65529988 ext 12"),
        Good("110", "110"),
    )
    bad = (
        Bad("call me", "“call me” is not a phone number, such as +86 138 0013 8000."),
        Bad("12", "“12” is not a phone number, such as +86 138 0013 8000."),
        Bad("138-0013-800O", "“138-0013-800O” is not a phone number, such as +86 138 0013 8000."),
        Bad("86+13800138000", "“86+13800138000” is not a phone number, such as +86 138 0013 8000."),
        Bad(13800138000, "“13800138000” is not a text."),
    )

    def read_line(self, text: str) -> str:
        written = " ".join(half_width(text).split())
        digits = sum(character.isdigit() for character in written)
        if not NUMBER.fullmatch(written) or not 3 <= digits <= 21:
            sentence = say("“{value}” is not a phone number, such as +86 138 0013 8000.", value=quoted(text))
            raise ValueRefused(sentence)
        return written

    def json_schema(self, options: Options) -> JsonSchema:
        return {
            **super().json_schema(options),
            "pattern": r"^\+?[0-9(][0-9 ().\-/]*[0-9]( ?([eE][xX][tT]\.?|[xX]|#|转) ?[0-9]+)?$",
        }
