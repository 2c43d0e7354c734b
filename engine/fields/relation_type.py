"""What holds any number of records of another entity, in no column of the own table."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import FieldType, Options
from engine.fields.option_reading import text_option
from engine.formula.types import Kind, Type, link


class SeveralRecords(FieldType):
    """Several records; the option `naming` names their entity."""

    group = "relation"
    sortable = False
    naming: ClassVar[str]

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        text_option(raw, self.naming)
        return super().read_options(raw)

    def target(self, options: Options) -> str:
        entity: str = options[self.naming]
        return entity

    def column(self, options: Options) -> TypeEngine[Any] | None:
        return None

    def formula_type(self, options: Options) -> Type:
        return Type(Kind.SET, element=link(self.target(options)))
