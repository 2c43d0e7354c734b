"""A link to a person who can sign in."""

from collections.abc import Mapping
from typing import ClassVar

from engine.fields.field_type import Bad, Good, JsonSchema, Options
from engine.fields.types.link import ByTitle, Link, LinkType
from engine.text import Text


class User(LinkType):
    name = "user"
    label = Text({"en": "User", "zh": "用户"})
    required_options = ()
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    good = (
        Good(3, 3),
        Good("3", 3),
        Good({"id": 3}, 3),
        Good(Link(3, "Wei Zhang"), 3),
        Good("张伟", ByTitle("张伟"), locale="zh", typed=True),
    )
    bad = (
        Bad(0, "“0” is not the number of a record."),
        Bad("0", "“0” is not the number of a record."),
        Bad([3], "“[3]” is not the number of a record."),
        Bad("Wei Zhang", "“Wei Zhang” is not the number of a record.", typed=False),
    )

    def target(self, options: Options) -> str:
        return "system.user"
