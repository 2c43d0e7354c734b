"""Links to any number of records of another entity, kept as pairs in a table of their own."""

import re
from collections.abc import Mapping
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
from engine.fields.types.link import (
    ByTitle,
    Link,
    id_schema,
    link_json,
    link_text,
    link_title,
    read_id,
    read_typed,
)
from engine.text import Text, say

IDS = re.compile(r"[\s#0-9０-９,，、]+")
BETWEEN_IDS = re.compile(r"[,，、;；\s]+")
BETWEEN_TITLES = re.compile(r"[;；\n]+")
"""Titles may hold commas; ids cannot."""

MOST = 1_000


class Links(SeveralRecords):
    name = "links"
    label = Text({"en": "Several links", "zh": "多条关联"})
    widget = "links"
    relation = Relation.MANY
    operators = ("has", "blank", "not_blank")
    naming = "to"
    required_options = ("to",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "to": {"type": "string", "description": "The entity that it links to: contact, or crm.contact."},
    }
    good = (
        Good([3, 1], (3, 1), {"to": "crm.contact"}),
        Good("3, 1", (3, 1), {"to": "crm.contact"}),
        Good([{"id": 3}, Link(1, "Wei"), 3], (3, 1), {"to": "crm.contact"}),
        Good("３、1", (3, 1), {"to": "crm.contact"}, locale="zh"),
        Good("Acme, Inc.; 7", (ByTitle("Acme, Inc."), 7), {"to": "crm.contact"}, typed=True),
        Good([], None, {"to": "crm.contact"}),
    )
    bad = (
        Bad([0], "“0” is not the number of a record.", {"to": "crm.contact"}),
        Bad("3, 0", "“0” is not the number of a record.", {"to": "crm.contact"}),
        Bad(3, "“3” is not a list of records.", {"to": "crm.contact"}),
        Bad(["Acme"], "“Acme” is not the number of a record.", {"to": "crm.contact"}),
        Bad({"id": 3}, '“{"id": 3}” is not a list of records.', {"to": "crm.contact"}),
    )

    def read(self, options: Options, value: Any) -> Any:
        """Each record once, in the order in which they were sent."""
        sent = [each for each in BETWEEN_IDS.split(value) if each] if isinstance(value, str) else value
        if not isinstance(sent, (list, tuple)) or isinstance(sent, Link):
            raise ValueRefused(say("“{value}” is not a list of records.", value=quoted(value)))
        if len(sent) > MOST:
            raise ValueRefused(
                say("{count} records are too many; at most {max} can be linked.", count=len(sent), max=MOST)
            )
        return tuple(dict.fromkeys(map(read_id, sent))) or None

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        if IDS.fullmatch(text):
            return self.accept(options, text)
        return self.accept(options, [read_typed(each) for each in BETWEEN_TITLES.split(text) if each.strip()])

    def to_json(self, options: Options, value: Any) -> list[Any] | None:
        return None if value is None else [link_json(each) for each in value]

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(map(link_title, value or ()))

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "; ".join(map(link_text, value or ()))

    def formula_literal(self, options: Options, value: Any) -> str:
        """One record, or several as a list."""
        if isinstance(value, (int, Link)):
            return link_text(value)
        return "[" + ", ".join(map(link_text, value)) + "]"

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, {"type": "array", "items": id_schema(), "maxItems": MOST})
