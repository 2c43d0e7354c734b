"""Addresses of electronic mail."""

import re

from engine.fields.field_type import Bad, Good, JsonSchema, Options, ValueRefused, quoted
from engine.fields.foreign_schema import json_type, text_bounds
from engine.fields.text_type import TextType
from engine.text import Text, say

ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")


class Email(TextType):
    name = "email"
    label = Text({"en": "Email", "zh": "邮箱"})
    input_mode = "email"
    longest = 254
    good = (
        Good("wei.zhang@example.com", "wei.zhang@example.com"),
        Good(" sales+cn@mail.example.com.cn ", "sales+cn@mail.example.com.cn"),
        Good("o'neil@example.ie", "o'neil@example.ie"),
        Good("张伟@例子.中国", "张伟@例子.中国", locale="zh"),
    )
    bad = (
        Bad("wei.zhang", "“wei.zhang” is not an email address, such as name@example.com."),
        Bad("wei@example", "“wei@example” is not an email address, such as name@example.com."),
        Bad("a b@example.com", "“a b@example.com” is not an email address, such as name@example.com."),
        Bad(
            "a@example.com, b@example.com",
            "“a@example.com, b@example.com” is not an email address, such as name@example.com.",
        ),
        Bad(5, "“5” is not a text."),
    )

    def read_line(self, text: str) -> str:
        local, _, domain = text.partition("@")
        dotted = local.startswith(".") or local.endswith(".") or ".." in local
        if not ADDRESS.fullmatch(text) or dotted or any(part.startswith("-") for part in domain.split(".")):
            sentence = say("“{value}” is not an email address, such as name@example.com.", value=quoted(text))
            raise ValueRefused(sentence)
        return text

    def json_schema(self, options: Options) -> JsonSchema:
        return {
            "type": "string",
            "format": "email",
            "pattern": r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
            "maxLength": options["max_length"],
        }

    def natural_options(self, schema: JsonSchema) -> Options | None:
        mail = schema.get("format") in {"email", "idn-email"}
        bounds = text_bounds(schema)
        bounds.pop("min_length", None)
        return bounds if mail and json_type(schema) == "string" else None
