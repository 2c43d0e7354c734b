"""A JSON object or list (RFC 8259), for what programs exchange; kept as text with its keys in order.

Numbers are those of JSON: whole ones of any length, others as doubles (RFC 8259, section 6).
"""

import json
from decimal import Decimal
from typing import Any

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
from engine.fields.text_type import text_column
from engine.fields.writing import FORBIDDEN
from engine.formula.types import TEXT, Type
from engine.text import Text, say

LONGEST = 100_000
DEEPEST = 40
SHOWN = 120


def _plain(value: Any, depth: int = 0) -> Any:
    """The value with doubles for decimals; ValueError where JSON has no such value."""
    if depth > DEEPEST:
        raise ValueError("deep")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("key")
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    return value


def _written(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Json(FieldType):
    name = "json"
    label = Text({"en": "JSON", "zh": "JSON 数据"})
    group = "other"
    widget = "code"
    operators = ("contains", "blank", "not_blank")
    sortable = False
    good = (
        Good({"a": 1, "b": [True, None]}, '{"a":1,"b":[true,null]}'),
        Good('{"城市": "深圳"}', '{"城市":"深圳"}', locale="zh"),
        Good("[1, 2.50]", "[1,2.5]"),
        Good([], "[]"),
        Good({}, "{}"),
    )
    bad = (
        Bad("{a: 1}", "“{a: 1}” is not JSON: see character 2."),
        Bad("5", "“5” is not a JSON object or list."),
        Bad(True, "“true” is not a JSON object or list."),
        Bad("[1", "“[1” is not JSON: see character 3."),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return TEXT

    def read(self, options: Options, value: Any) -> str:
        """The text of the value; what is sent as text is read as JSON."""
        found = self._read_text(value) if isinstance(value, str) else value
        if not isinstance(found, (dict, list, tuple)):
            raise ValueRefused(say("“{value}” is not a JSON object or list.", value=quoted(value)))
        try:
            written = _written(found)
        except (ValueError, TypeError, RecursionError) as error:
            sentence = say("“{value}” holds a value that JSON does not have.", value=quoted(value))
            raise ValueRefused(sentence) from error
        if FORBIDDEN.search(written):
            sentence = say("“{value}” holds characters that cannot be shown.", value=quoted(value))
            raise ValueRefused(sentence)
        if len(written) > LONGEST:
            sentence = say(
                "The JSON has {length} characters; at most {max} are possible.",
                length=len(written),
                max=LONGEST,
            )
            raise ValueRefused(sentence)
        return written

    def _read_text(self, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            sentence = say(
                "“{value}” is not JSON: see character {position}.", value=quoted(text), position=error.pos + 1
            )
            raise ValueRefused(sentence) from error
        except (ValueError, RecursionError) as error:
            sentence = say("“{value}” holds a value that JSON does not have.", value=quoted(text))
            raise ValueRefused(sentence) from error

    def to_json(self, options: Options, value: Any) -> Any:
        return None if value is None else json.loads(value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if value is None:
            return ""
        return value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else json.dumps(json.loads(value), ensure_ascii=False, indent=2)

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": ["object", "array"]})
