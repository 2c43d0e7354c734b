"""Rows of a child entity that are edited inside the form of their parent, such as the lines of an offer."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Good,
    JsonSchema,
    Options,
    Relation,
    ValueRefused,
    quoted,
)
from engine.fields.relation_type import SeveralRecords
from engine.fields.types.link import LARGEST_ID
from engine.text import Text, say

MOST = 5_000


class Table(SeveralRecords):
    name = "table"
    label = Text({"en": "Table", "zh": "明细表"})
    widget = "table"
    relation = Relation.ROWS
    operators = ("blank", "not_blank")
    naming = "of"
    required_options = ("of",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "of": {
            "type": "string",
            "description": "The child entity whose rows it holds; it names this one as parent.",
        },
    }
    good = (
        Good([{"product": 3, "quantity": 2}], ({"product": 3, "quantity": 2},), {"of": "crm.deal_line"}),
        Good([{"id": 7, "quantity": 2}, {}], ({"id": 7, "quantity": 2}, {}), {"of": "crm.deal_line"}),
        Good('[{"price": "1.10"}]', ({"price": "1.10"},), {"of": "crm.deal_line"}),
        Good("[]", None, {"of": "crm.deal_line"}),
    )
    bad = (
        Bad("two rows", "“two rows” is not a list of rows.", {"of": "crm.deal_line"}),
        Bad({"quantity": 2}, '“{"quantity": 2}” is not a list of rows.', {"of": "crm.deal_line"}),
        Bad(
            [5], "“5” is not a row: it must be an object with the fields of the row.", {"of": "crm.deal_line"}
        ),
        Bad([{"id": 0}], "“0” is not the number of a row.", {"of": "crm.deal_line"}),
    )

    def read(self, options: Options, value: Any) -> Any:
        """The rows as they are sent; the values in them are for the fields of the child entity to judge."""
        rows = self.rows_of_text(value) if isinstance(value, str) else value
        if not isinstance(rows, (list, tuple)):
            raise ValueRefused(say("“{value}” is not a list of rows.", value=quoted(value)))
        if len(rows) > MOST:
            raise ValueRefused(
                say("{count} rows are too many; at most {max} are possible.", count=len(rows), max=MOST)
            )
        for row in rows:
            self.check_row(row)
        return tuple(dict(row) for row in rows) or None

    def rows_of_text(self, text: str) -> Any:
        """What stands in a CSV cell is JSON."""
        try:
            return json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None

    def check_row(self, row: Any) -> None:
        if not isinstance(row, Mapping):
            sentence = say(
                "“{value}” is not a row: it must be an object with the fields of the row.", value=quoted(row)
            )
            raise ValueRefused(sentence)
        number = row.get("id")
        known = isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= LARGEST_ID
        if number is not None and not known:
            raise ValueRefused(say("“{value}” is not the number of a row.", value=quoted(number)))

    def to_json(self, options: Options, value: Any) -> list[Any] | None:
        return None if value is None else list(value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        if not value:
            return ""
        return say("1 row" if len(value) == 1 else "{count} rows", count=len(value)).to(locale)

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return json.dumps(list(value), ensure_ascii=False, default=str) if value else ""

    def formula_literal(self, options: Options, value: Any) -> str:
        return str(len(value or ()))

    def json_schema(self, options: Options) -> JsonSchema:
        number: JsonSchema = {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST_ID}
        row: JsonSchema = {"type": "object", "properties": {"id": number}}
        return self.extended(options, {"type": "array", "items": row, "maxItems": MOST})
