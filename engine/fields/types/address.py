"""A postal address in parts: province, city, district, street, postcode.

Kept as one text, a part a line, so that formulas and filters search it like any other text.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    FieldType,
    Good,
    JsonSchema,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.text_type import cleaned, no_longer_than, of_one_line, text_column
from engine.formula.types import TEXT, Type
from engine.problems import unknown
from engine.text import Text, say

PARTS = ("province", "city", "district", "street", "postcode")
LONGEST = 200


class Address(FieldType):
    name = "address"
    label = Text({"en": "Address", "zh": "地址"})
    group = "other"
    widget = "address"
    parts: ClassVar[tuple[str, ...]] = PARTS
    operators = ("contains", "starts_with", "blank", "not_blank")
    sortable = False
    good = (
        Good(
            {"province": "广东省", "city": "深圳市", "district": "南山区", "street": "科技园路 1 号"},
            "广东省\n深圳市\n南山区\n科技园路 1 号\n",
        ),
        Good(
            "广东省\n深圳市\n南山区\n科技园路 1 号\n518000", "广东省\n深圳市\n南山区\n科技园路 1 号\n518000"
        ),
        Good({"street": " 1 Main Street "}, "\n\n\n1 Main Street\n"),
        Good("1 Main Street", "\n\n\n1 Main Street\n"),
        Good({"city": ""}, None),
    )
    bad = (
        Bad({"town": "Paris"}, "An address has no part 'town'."),
        Bad(["Paris"], '“["Paris"]” is not an address.'),
        Bad({"city": 5}, "“5” is not a text."),
        Bad({"city": "a\nb"}, "“a ⏎ b” has more than one line."),
        Bad(5, "“5” is not an address."),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return TEXT

    def read(self, options: Options, value: Any) -> str | None:
        """An object of parts, or its five lines; a text of fewer lines is a street."""
        if isinstance(value, str):
            lines = cleaned(f"|{value}|")[1:-1].replace("\r\n", "\n").split("\n")
            value = (
                dict(zip(PARTS, lines, strict=True))
                if len(lines) == len(PARTS)
                else {"street": " ".join(lines)}
            )
        if not isinstance(value, Mapping):
            raise ValueRefused(say("“{value}” is not an address.", value=quoted(value)))
        for part in value:
            if part not in PARTS:
                sentence = say("An address has no part '{part}'.", part=part)
                raise ValueRefused(unknown(sentence, str(part), PARTS))
        lines = [self._part(value.get(part)) for part in PARTS]
        return "\n".join(lines) if any(lines) else None

    def _part(self, value: Any) -> str:
        return "" if value is None else no_longer_than(LONGEST, of_one_line(cleaned(value)))

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        """The lines as they are: which of them are blank says which part each is."""
        return self.accept(options, text)

    def to_json(self, options: Options, value: Any) -> dict[str, str] | None:
        if value is None:
            return None
        return {part: line for part, line in zip(PARTS, value.split("\n"), strict=True) if line}

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        """From large to small in Chinese, from small to large elsewhere."""
        if value is None:
            return ""
        province, city, district, street, postcode = value.split("\n")
        if locale.startswith("zh"):
            place = f"{province}{'' if city == province else city}{district}{street}"
            return f"{place} {postcode}".strip()
        return ", ".join(filter(None, (street, district, city, f"{province} {postcode}".strip())))

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return value or ""

    def json_schema(self, options: Options) -> JsonSchema:
        part: JsonSchema = {"type": "string", "maxLength": LONGEST, "pattern": r"^[^\n\r]*$"}
        keywords: JsonSchema = {
            "type": "object",
            "properties": dict.fromkeys(PARTS, part),
            "additionalProperties": False,
        }
        return self.extended(options, keywords)
