"""A link to one record of another entity, kept as its id in a foreign key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, true
from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    Bad,
    Converted,
    FieldType,
    Good,
    JsonSchema,
    Options,
    Relation,
    TakeOver,
    ValueRefused,
    quoted,
)
from engine.fields.option_reading import text_option
from engine.fields.text_type import cleaned
from engine.fields.writing import half_width
from engine.formula.types import Type, link
from engine.text import Text, say

LARGEST_ID = 2**63 - 1
DIGITS = re.compile(r"#?([0-9]{1,19})")


class Link(NamedTuple):
    """A linked record as it is read: its id, and its title for people.

    `seen` is False where the reader may see the link but not the record: then there is no title.
    """

    id: int
    title: str
    seen: bool = True


@dataclass(frozen=True, slots=True)
class ByTitle:
    """A record that a person named by its title; whoever knows the records finds its id."""

    title: str


def read_id(value: Any) -> int | ByTitle:
    """The id of a record that was sent as a number, as {"id": …}, or as a Link; raises ValueRefused."""
    if isinstance(value, ByTitle):
        return value
    sent = value.id if isinstance(value, Link) else value.get("id") if isinstance(value, Mapping) else value
    digits = DIGITS.fullmatch(half_width(sent)) if isinstance(sent, str) else None
    number = int(digits[1]) if digits else sent
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= LARGEST_ID:
        raise ValueRefused(say("“{value}” is not the number of a record.", value=quoted(value)))
    return number


def read_typed(text: str) -> int | ByTitle:
    """The id when the text is all digits, else the title of a record; raises ValueRefused."""
    return read_id(text) if DIGITS.fullmatch(half_width(text)) else ByTitle(cleaned(text))


def id_schema() -> JsonSchema:
    """A record: its number, or an object with it, as the API gives links."""
    number: JsonSchema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    titled: JsonSchema = {
        "type": "object",
        "properties": {"id": number, "title": {"type": ["string", "null"]}},
        "required": ["id"],
    }
    return {"anyOf": [number, titled]}


def link_json(value: Link | int | ByTitle) -> dict[str, Any] | int | str:
    """{"id": 1, "title": "Acme"} of what was read, the id of what is to be written."""
    if isinstance(value, Link):
        return {"id": value.id, "title": value.title if value.seen else None}
    return value.title if isinstance(value, ByTitle) else value


def link_title(value: Link | int | ByTitle) -> str:
    """What people read."""
    if isinstance(value, int):
        return f"#{value}"
    return f"#{value.id}" if isinstance(value, Link) and not value.seen else value.title


def link_text(value: Link | int | ByTitle) -> str:
    """What forms and CSV files hold: the id, which stays right when titles change or are not unique."""
    if isinstance(value, ByTitle):
        return value.title
    return str(value.id if isinstance(value, Link) else value)


class LinkType(FieldType):
    name = "link"
    label = Text({"en": "Link", "zh": "关联记录"})
    group = "relation"
    widget = "link"
    relation = Relation.ONE
    operators = ("eq", "ne", "in", "blank", "not_blank")
    required_options: ClassVar[tuple[str, ...]] = ("to",)
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "to": {"type": "string", "description": "The entity that it links to: account, or crm.account."},
    }
    good: ClassVar[tuple[Good, ...]] = (
        Good(7, 7, {"to": "crm.account"}),
        Good("7", 7, {"to": "crm.account"}),
        Good("#12", 12, {"to": "crm.account"}),
        Good({"id": 7, "title": "Acme"}, 7, {"to": "crm.account"}),
        Good(Link(7, "Acme"), 7, {"to": "crm.account"}),
        Good("Acme Ltd.", ByTitle("Acme Ltd."), {"to": "crm.account"}, typed=True),
    )
    bad: ClassVar[tuple[Bad, ...]] = (
        Bad("0", "“0” is not the number of a record.", {"to": "crm.account"}),
        Bad(-1, "“-1” is not the number of a record.", {"to": "crm.account"}),
        Bad(True, "“true” is not the number of a record.", {"to": "crm.account"}),
        Bad({"name": "Acme"}, '“{"name": "Acme"}” is not the number of a record.', {"to": "crm.account"}),
        Bad("Acme", "“Acme” is not the number of a record.", {"to": "crm.account"}, typed=False),
        Bad(
            "9223372036854775808",
            "“9223372036854775808” is not the number of a record.",
            {"to": "crm.account"},
        ),
    )

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        text_option(raw, "to")
        return super().read_options(raw)

    def target(self, options: Options) -> str:
        entity: str = options["to"]
        return entity

    def column(self, options: Options) -> TypeEngine[Any]:
        return BigInteger()

    def formula_type(self, options: Options) -> Type:
        return link(self.target(options))

    def read(self, options: Options, value: Any) -> int | ByTitle:
        return read_id(value)

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        return self.accept(options, read_typed(text) if text.strip() else None)

    def convert(self, options: Options, source: FieldType, given: Options, value: Any) -> Converted:
        """Only links to records of the same entity remain what they are."""
        if source.target(given) != self.target(options):
            raise ValueRefused(say("“{value}” is not the number of a record.", value=quoted(value)))
        return Converted(value)

    def take_over(
        self, options: Options, source: FieldType, given: Options, column: ColumnElement[Any], dialect: str
    ) -> TakeOver | None:
        same = source.relation is Relation.ONE and source.target(given) == self.target(options)
        return TakeOver(true(), column) if same else None

    def to_json(self, options: Options, value: Any) -> Any:
        return None if value is None else link_json(value)

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else link_title(value)

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else link_text(value)

    def formula_literal(self, options: Options, value: Any) -> str:
        return link_text(value)

    def json_schema(self, options: Options) -> JsonSchema:
        return self.extended(options, id_schema())
