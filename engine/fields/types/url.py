"""Addresses on the web. Only http and https: other schemes, such as javascript:, would run when clicked."""

from urllib.parse import SplitResult, urlsplit

from engine.fields.field_type import Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type, text_bounds
from engine.fields.text_type import TextType
from engine.text import Text, say


def split(text: str) -> SplitResult | None:
    """The parts of an address, None when it has none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


class Url(TextType):
    name = "url"
    label = Text({"en": "Web address", "zh": "网址"})
    input_mode = "url"
    longest = 2_000
    good = (
        Good("https://example.com", "https://example.com"),
        Good("http://example.com:8080/a?b=1#c", "http://example.com:8080/a?b=1#c"),
        Good(" HTTPS://Example.com/A ", "HTTPS://Example.com/A"),
        Good("https://例子.中国/路径", "https://例子.中国/路径", locale="zh"),
    )
    bad = (
        Bad("example.com", "“example.com” is not a web address, such as https://example.com."),
        Bad(
            "javascript:alert(1)", "“javascript:alert(1)” is not a web address, such as https://example.com."
        ),
        Bad("https://", "“https://” is not a web address, such as https://example.com."),
        Bad("https://a b", "“https://a b” is not a web address, such as https://example.com."),
        Bad(
            "https://me:secret@example.com",
            "“https://me:secret@example.com” names a user or password, which an address must not hold.",
        ),
        Bad(5, "“5” is not a text."),
    )

    def read_line(self, text: str) -> str:
        parts = split(text)
        blank = any(character.isspace() or character in '\\<>"' for character in text)
        if parts is None or parts.scheme.lower() not in {"http", "https"} or not parts.hostname or blank:
            sentence = say("“{value}” is not a web address, such as https://example.com.", value=quoted(text))
            raise ValueRefused(sentence)
        if "@" in parts.netloc:
            sentence = say(
                "“{value}” names a user or password, which an address must not hold.", value=quoted(text)
            )
            raise ValueRefused(sentence)
        return text

    def json_schema(self, options: Options) -> JsonSchema:
        pattern = r"^[hH][tT][tT][pP][sS]?://[^\s/]+"
        return {"type": "string", "format": "uri", "pattern": pattern, "maxLength": options["max_length"]}

    def natural_options(self, schema: JsonSchema) -> Options | None:
        web = schema.get("format") in {"uri", "url", "iri"}
        bounds = text_bounds(schema)
        bounds.pop("min_length", None)
        return bounds if web and json_type(schema) == "string" else None
