"""Text of several lines."""

from typing import Any

from engine.fields.field_type import TIME_ZONE, Bad, Good, Options
from engine.fields.text_type import TextType
from engine.text import Text


class LongText(TextType):
    name = "long_text"
    label = Text({"en": "Long text", "zh": "长文本"})
    widget = "textarea"
    longest = 20_000
    operators = ("contains", "blank", "not_blank")
    sortable = False
    good = (
        Good("one\ntwo", "one\ntwo"),
        Good("one\r\ntwo\r\n", "one\ntwo"),
        Good("第一行\n\n第三行", "第一行\n\n第三行", locale="zh"),
        Good("a single line", "a single line"),
    )
    bad = (
        Bad(True, "“true” is not a text."),
        Bad(["one"], '“["one"]” is not a text.'),
        Bad("bell\x07", "“bell\ufffd” holds characters that cannot be shown."),
        Bad("abcd", "“abcd” has 4 characters; at most 3 are possible.", {"max_length": 3}),
    )

    def read_line(self, text: str) -> str:
        """Lines end as on Unix; browsers send them as on Windows."""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def is_any_text(self, options: Options) -> bool:
        return True

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        return self.accept(options, text)
