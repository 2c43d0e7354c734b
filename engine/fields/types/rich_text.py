"""Formatted text: HTML of which only a short list of harmless elements is kept (nh3, that is ammonia)."""

import re
from html import escape, unescape
from typing import Any

import nh3

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    FieldType,
    Good,
    Options,
)
from engine.fields.text_type import TextType, cleaned, no_longer_than
from engine.formula.types import Kind
from engine.text import Text

ELEMENTS = {
    *("p", "br", "h2", "h3", "strong", "b", "em", "i", "u", "s", "a", "ul", "ol", "li"),
    *("blockquote", "code", "pre", "hr"),
}
ATTRIBUTES = {"a": {"href"}}
SCHEMES = {"http", "https", "mailto", "tel"}
TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--")
BLOCK_END = re.compile(r"(?i)<(?:/(?:p|h2|h3|li|blockquote|pre)|br|hr)[^>]*>")


def sanitized(html: str) -> str:
    """The HTML without whatever could do harm: scripts, styles, pictures from elsewhere, event attributes."""
    return nh3.clean(
        html, tags=ELEMENTS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer"
    )


def plain_text(html: str) -> str:
    """What is written, without its form: blocks become lines."""
    words = TAG.sub("", BLOCK_END.sub("\n", html))
    return re.sub(r"\s*\n\s*", "\n", unescape(words).replace("\xa0", " ")).strip()


def paragraphs(text: str) -> str:
    """Plain text as HTML, a paragraph a line."""
    return "".join(
        f"<p>{escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip()
    )


class RichText(TextType):
    name = "rich_text"
    label = Text({"en": "Formatted text", "zh": "富文本"})
    widget = "rich_text"
    longest = 100_000
    operators = ("contains", "blank", "not_blank")
    sortable = False
    good = (
        Good("<p>One <strong>bold</strong> word</p>", "<p>One <strong>bold</strong> word</p>"),
        Good("plain\ntext", "<p>plain</p><p>text</p>"),
        Good("<p>你好</p><script>alert(1)</script>", "<p>你好</p>", locale="zh"),
        Good(
            '<a href="javascript:alert(1)" onclick="x()">here</a>',
            '<a rel="noopener noreferrer">here</a>',
        ),
        Good("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        Good("<p><br></p>", None),
    )
    bad = (
        Bad(True, "“true” is not a text."),
        Bad(["one"], '“["one"]” is not a text.'),
        Bad("bell\x07", "“bell\ufffd” holds characters that cannot be shown."),
        Bad("abcdef", "“<p>abcdef</p>” has 13 characters; at most 9 are possible.", {"max_length": 9}),
    )

    def read(self, options: Options, value: Any) -> str | None:
        text = cleaned(value)
        html = sanitized(text if TAG.search(text) else paragraphs(text)).strip()
        if not plain_text(html):
            return None
        return no_longer_than(options["max_length"], html)

    def is_any_text(self, options: Options) -> bool:
        return False

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Any:
        """Plain text keeps its lines; its < and > are no elements."""
        if (
            source.name != self.name
            and source.formula_type(given).kind is Kind.TEXT
            and source.group == "text"
        ):
            value = paragraphs(str(value))
        return super().convert(options, source, given, value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else plain_text(value)
