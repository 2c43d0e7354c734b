"""How figures and the groups that they belong to are written: like the field that they come from."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from blueprints import visitor
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.figure import Figure
from engine.fields.registry import FIELD_TYPES
from engine.formula.expression import Expression
from engine.formula.types import Kind
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
COUNTS = ("count", "count_distinct")


def field_at(transaction: Transaction, entity: CompiledEntity, path: str) -> CompiledField | None:
    """The field that `amount` or `owner.department` leads to; None for other formulas."""
    at: CompiledEntity | None = entity
    found: CompiledField | None = None
    for name in path.strip().split("."):
        found = at.fields.get(name) if at else None
        if found is None:
            return None
        target = found.type.target(found.definition.options)
        at = transaction.catalog.entities.get(target) if target else None
    return found


def look_of(
    transaction: Transaction, entity: CompiledEntity, figure: Figure
) -> tuple[str, Mapping[str, Any]]:
    """The field type and options by which a figure is written."""
    if figure.format:
        return figure.format, _default_options(figure.format)
    if figure.value.function in COUNTS:
        return (
            ("decimal", _default_options("decimal"))
            if figure.per
            else ("integer", _default_options("integer"))
        )
    expression = figure.value.expression
    assert isinstance(expression, Expression)
    field = field_at(transaction, entity, expression.text)
    if field:
        averaged = figure.value.function == "avg" and field.type.name == "integer"
        return (
            ("decimal", _default_options("decimal"))
            if averaged
            else (field.type.name, field.definition.options)
        )
    kind = transaction.catalog.formula(expression).type.kind
    name = LIKE.get(kind, "text")
    return name, _default_options(name)


def measured(transaction: Transaction, entity: CompiledEntity, figure: Figure, value: Any) -> str:
    """A figure as people read it; blank is an empty text."""
    if value is None:
        return ""
    name, options = look_of(transaction, entity, figure)
    return FIELD_TYPES[name].format(options, rounded(value, options), visitor.locale())


def rounded(value: Any, options: Mapping[str, Any]) -> Any:
    """A number to the decimals of the field, half up."""
    decimals = options.get("decimals")
    if decimals is None or not isinstance(value, (int, Decimal)):
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)


def _default_options(name: str) -> Mapping[str, Any]:
    return FIELD_TYPES[name].read_options({})
