"""One of the options that the definition lists, kept as its key."""

from typing import Any

from sqlalchemy.types import TypeEngine

from engine.fields.choice_type import ChoiceType, foreign_options, plain_options
from engine.fields.field_type import TIME_ZONE, Bad, Good, JsonSchema, Options
from engine.fields.text_type import text_column
from engine.formula.types import Kind, Type
from engine.text import Text

SIZES = {"options": ["small", "medium", "large"]}
REASONS = {
    "options": {
        "price": {"label": {"en": "Price", "zh": "价格"}, "color": "red", "weight": "10%"},
        "lost_touch": None,
    }
}


class Choice(ChoiceType):
    name = "choice"
    label = Text({"en": "Choice", "zh": "单选"})
    widget = "select"
    operators = ("eq", "ne", "in", "not_in", "blank", "not_blank")
    good = (
        Good("small", "small", SIZES),
        Good(" large ", "large", SIZES),
        Good("lost_touch", "lost_touch", REASONS),
        Good("价格", "price", REASONS, locale="zh", typed=True),
        Good("lost touch", "lost_touch", REASONS, typed=True),
    )
    bad = (
        Bad("smal", "“smal” is not one of the options: small, medium, large. Did you mean 'small'?", SIZES),
        Bad("huge", "“huge” is not one of the options: small, medium, large.", SIZES),
        Bad(1, "“1” is not one of the options: small, medium, large.", SIZES),
        Bad(["small"], '“["small"]” is not one of the options: small, medium, large.', SIZES),
        Bad("价格", "“价格” is not one of the options: price, lost_touch.", REASONS, typed=False),
    )

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return Type(Kind.CHOICE, options=self.attributes(options))

    def read(self, options: Options, value: Any) -> str:
        return self.one(options, value)

    def parse(self, options: Options, text: str, locale: str, time_zone: str = TIME_ZONE) -> Any:
        return self.accept(options, self.key_of(options, text))

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return "" if value is None else self.shown_option(options, value, locale)

    def json_schema(self, options: Options) -> JsonSchema:
        keywords: JsonSchema = {"type": "string", "enum": list(options["options"])}
        return keywords if plain_options(options["options"]) else self.extended(options, keywords)

    def natural_options(self, schema: JsonSchema) -> Options | None:
        options = foreign_options(schema)
        return None if options is None else {"options": options}
