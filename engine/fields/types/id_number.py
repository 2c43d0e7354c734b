"""The number of a Chinese resident identity card: 18 characters, the last a check digit (GB 11643-1999)."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Good,
    JsonSchema,
    OptionRefused,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.provinces import ISSUING
from engine.fields.text_type import TextType
from engine.fields.writing import half_width
from engine.text import Message, Text, say

FORM = re.compile(r"[0-9]{17}[0-9X]")
CHECK_DIGITS = "10X98765432"
MASK = "*" * 10


def check_digit(digits: str) -> str:
    """The 18th character for the first 17 (ISO 7064, MOD 11-2).

    >>> check_digit("11010519491231002")
    'X'
    """
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits))
    return CHECK_DIGITS[weighted % 11]


def fault(number: str) -> Message | None:
    """What is wrong with a number, None when nothing is."""
    shown = quoted(number)
    if not FORM.fullmatch(number):
        return say("“{value}” is not a resident ID: it has 17 digits and a check digit.", value=shown)
    if number[:2] not in ISSUING:
        return say(
            "“{value}” is not a resident ID: no province has the code {code}.", value=shown, code=number[:2]
        )
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return say("“{value}” is not a resident ID: {day} is no day.", value=shown, day=number[6:14])
    if number[17] != check_digit(number[:17]):
        return say("“{value}” is not a resident ID: its check digit is wrong.", value=shown)
    return None


class IdNumber(TextType):
    name = "id_number"
    label = Text({"en": "Resident ID", "zh": "身份证号"})
    longest = 18
    operators = ("eq", "ne", "starts_with", "blank", "not_blank")
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "masked": {
            "type": "boolean",
            "description": "Whether pages show only the first four and the last four characters.",
        },
    }
    good = (
        Good("11010519491231002X", "11010519491231002X"),
        Good(" 11010519491231002x ", "11010519491231002X"),
        Good("４４０５２４１８８００１０１００１４", "440524188001010014", locale="zh"),
        Good("440524 18800101 0014", "440524188001010014", {"masked": True}),
    )
    bad = (
        Bad(
            "110105194912310021",
            "“110105194912310021” is not a resident ID: its check digit is wrong.",
        ),
        Bad("1101051949", "“1101051949” is not a resident ID: it has 17 digits and a check digit."),
        Bad(
            "990105194912310021",
            "“990105194912310021” is not a resident ID: no province has the code 99.",
        ),
        Bad("110105194913310027", "“110105194913310027” is not a resident ID: 19491331 is no day."),
        Bad(5, "“5” is not a text."),
    )

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        masked = raw.get("masked")
        if masked is not None and not isinstance(masked, bool):
            sentence = say(
                "'{key}' must be true or false, not “{value}”.", key="masked", value=quoted(masked)
            )
            raise OptionRefused("masked", sentence)
        own = {key: value for key, value in raw.items() if key != "masked"}
        return {**super().read_options({**own}), "masked": bool(masked)}

    def raw_options(self, options: Options) -> dict[str, Any]:
        return {"masked": True} if options["masked"] else {}

    def read_line(self, text: str) -> str:
        number = re.sub(r"[\s-]", "", half_width(text)).upper()
        wrong = fault(number)
        if wrong is not None:
            raise ValueRefused(wrong)
        return number

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        return f"{value[:4]}{MASK}{value[-4:]}" if options["masked"] else str(value)

    def json_schema(self, options: Options) -> JsonSchema:
        keywords = {"type": "string", "pattern": "^[0-9]{17}[0-9X]$", "minLength": 18, "maxLength": 18}
        return self.extended(options, keywords)
