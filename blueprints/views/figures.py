"""How figures and the groups that they belong to are written, and to which records they lead."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from blueprints import visitor
from blueprints.values import HUES
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.figure import Figure, Grouping
from engine.fields.registry import FIELD_TYPES
from engine.figures.paths import field_at
from engine.figures.periods import last_day
from engine.figures.picture import OTHER
from engine.formula.types import Kind
from engine.records.read import titles
from engine.transaction import Transaction

LIKE: Mapping[Kind, str] = {
    Kind.MONEY: "money",
    Kind.DECIMAL: "decimal",
    Kind.INTEGER: "integer",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.MONTH: "month",
    Kind.BOOLEAN: "boolean",
}
"""Which field type's look a value of a formula has that is no field."""
MUCH = 10_000
PERIODS_AT_MOST = 10_000
COUNTS = ("count", "count_distinct")
PERIODS: Mapping[str, tuple[str, str]] = {
    "day": ("d MMM y", "y年M月d日"),
    "week": ("d MMM y", "y年M月d日"),
    "month": ("MMM y", "y年M月"),
    "quarter": ("QQQ y", "y年Q季度"),
    "year": ("y", "y年"),
}
"""How the periods are written, in English and in Chinese."""


def look_of(
    transaction: Transaction, entity: CompiledEntity, figure: Figure
) -> tuple[str, Mapping[str, Any]]:
    """The field type and options by which a figure is written."""
    if figure.format:
        return _plain(figure.format)
    expression = figure.value.expression
    if expression is None or figure.value.function in COUNTS or figure.per:
        return _plain("decimal" if figure.per else "integer")
    field = field_at(transaction.catalog, entity, expression.text)
    if field is None:
        return _plain(LIKE.get(transaction.catalog.formula(expression).type.kind, "text"))
    if (
        figure.value.function == "avg"
        and field.type.formula_type(field.definition.options).kind is Kind.INTEGER
    ):
        return _plain("decimal")
    return field.type.name, field.definition.options


def measured(
    transaction: Transaction, entity: CompiledEntity, figure: Figure, value: Any, *, brief: bool = False
) -> str:
    """A figure as people read it; blank is an empty text. A `brief` one leaves out the cents of much."""
    if value is None:
        return ""
    name, options = look_of(transaction, entity, figure)
    if brief and isinstance(value, Decimal) and abs(value) >= MUCH and "decimals" in options:
        options = {**options, "decimals": 0}
    return FIELD_TYPES[name].format(options, _rounded(value, options), visitor.locale())


def keys_in_words(
    transaction: Transaction, entity: CompiledEntity, grouping: Grouping, keys: Sequence[Any]
) -> dict[Any, str]:
    """What the groups are called."""
    field = field_at(transaction.catalog, entity, grouping.expression.text)
    target = field.type.target(field.definition.options) if field else None
    named = titles(transaction, target, [key for key in keys if isinstance(key, int)]) if target else {}
    return {key: _key(field, grouping, key, named) for key in keys}


def hues_of(transaction: Transaction, entity: CompiledEntity, grouping: Grouping) -> dict[Any, str]:
    """The colours that the options of a choice give to the groups."""
    field = field_at(transaction.catalog, entity, grouping.expression.text)
    options = (field.definition.options.get("options") or {}) if field else {}
    return {name: HUES[option.color] for name, option in options.items() if option.color in HUES}


def key_condition(
    transaction: Transaction, entity: CompiledEntity, grouping: Grouping, key: Any
) -> str | None:
    """The formula for the records of a group; None for what is left over."""
    text = grouping.expression.text
    if key == OTHER:
        return None
    if key is None:
        return f"isblank({text})"
    if isinstance(key, date):
        until = last_day(grouping.period or "day", key)
        day = f"date({text})" if _is_instant(transaction, entity, text) else text
        return f"{day} >= {_literal(key)} and {day} <= {_literal(until)}"
    field = field_at(transaction.catalog, entity, text)
    if field:
        return f"{text} == {field.type.formula_literal(field.definition.options, key)}"
    if isinstance(key, bool):
        return text if key else f"not ({text})"
    if isinstance(key, (int, Decimal)):
        return f"({text}) == {key}"
    return f"({text}) == {FIELD_TYPES['text'].formula_literal({}, key)}"


def _is_instant(transaction: Transaction, entity: CompiledEntity, text: str) -> bool:
    field = field_at(transaction.catalog, entity, text)
    return field is not None and field.type.formula_type(field.definition.options).kind is Kind.DATETIME


def _literal(day: date) -> str:
    return f"date({day.year}, {day.month}, {day.day})"


def _key(field: CompiledField | None, grouping: Grouping, key: Any, named: Mapping[int, str]) -> str:
    if key is None:
        return visitor.translated("(blank)")
    if key == OTHER:
        return visitor.translated("Others")
    if isinstance(key, date):
        english, chinese = PERIODS[grouping.period or "day"]
        locale = visitor.locale()
        return shown_period(key, chinese if locale == "zh" else english, locale)
    if key in named:
        return named[key]
    if field:
        return field.type.format(field.definition.options, key, visitor.locale())
    if isinstance(key, bool):
        return visitor.translated("Yes") if key else visitor.translated("No")
    return str(key)


@lru_cache(maxsize=PERIODS_AT_MOST)
def shown_period(day: date, pattern: str, locale: str) -> str:
    """The period that begins at a day: charts show the same ones again and again."""
    return str(format_date(day, pattern, locale=locale))


def _rounded(value: Any, options: Mapping[str, Any]) -> Any:
    """A number to the decimals of its look, half up."""
    decimals = options.get("decimals")
    if decimals is None or not isinstance(value, (int, Decimal)):
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)


def _plain(name: str) -> tuple[str, Mapping[str, Any]]:
    return name, FIELD_TYPES[name].read_options({})
