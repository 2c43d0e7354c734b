"""A signature that somebody draws with finger, pen or mouse; kept as a picture."""

from collections.abc import Mapping
from typing import ClassVar

from engine.fields.field_type import Bad, Good, JsonSchema
from engine.fields.file_type import FileType
from engine.text import Text


class Signature(FileType):
    name = "signature"
    label = Text({"en": "Signature", "zh": "签名"})
    widget = "signature"
    size = "1 MB"
    pictures = True
    kinds = ("png",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    good = (
        Good(7, "7/"),
        Good({"id": 7, "name": "signature.png"}, "7/signature.png"),
        Good("7/签名.png", "7/签名.png", locale="zh"),
        Good([9], "9/"),
    )
    bad = (
        Bad("signed", "“signed” is not the number of an uploaded file."),
        Bad(0, "“0” is not the number of an uploaded file."),
        Bad(True, "“true” is not the number of an uploaded file."),
        Bad([1, 2], "2 files are too many; at most 1 are possible."),
    )
