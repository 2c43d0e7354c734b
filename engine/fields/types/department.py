"""A link to a department of the company."""

from collections.abc import Mapping
from typing import ClassVar

from engine.fields.field_type import Bad, Good, JsonSchema, Options
from engine.fields.types.link import ByTitle, Link, LinkType
from engine.text import Text


class Department(LinkType):
    name = "department"
    label = Text({"en": "Department", "zh": "部门"})
    required_options = ()
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {}
    good = (
        Good(3, 3),
        Good("３", 3, locale="zh"),
        Good({"id": 3}, 3),
        Good(Link(3, "Sales"), 3),
        Good("销售部", ByTitle("销售部"), locale="zh", typed=True),
    )
    bad = (
        Bad(0, "“0” is not the number of a record."),
        Bad("0", "“0” is not the number of a record."),
        Bad({}, "“{}” is not the number of a record."),
        Bad("Sales", "“Sales” is not the number of a record.", typed=False),
    )

    def target(self, options: Options) -> str:
        return "system.department"
