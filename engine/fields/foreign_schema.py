"""Reading JSON Schemas that others wrote: which type a property has, and the bounds of a number."""

from decimal import Decimal
from typing import Any

from engine.fields.field_type import JsonSchema


def json_type(schema: JsonSchema) -> str | None:
    """The one type of a property beside null (`["string", "null"]` is a string), or None."""
    named = schema.get("type")
    types = [named] if isinstance(named, str) else [each for each in named or [] if each != "null"]
    return types[0] if len(types) == 1 else None


def exact(number: float | Decimal) -> Decimal:
    """The number that the author of the schema wrote."""
    return Decimal(str(number))


def number_bounds(schema: JsonSchema, step: Decimal) -> dict[str, Any]:
    """`min` and `max` of a number that is a multiple of `step`, from minimum, exclusiveMinimum and so on."""
    bounds: dict[str, Any] = {}
    if "minimum" in schema:
        bounds["min"] = exact(schema["minimum"])
    if "exclusiveMinimum" in schema:
        bounds["min"] = exact(schema["exclusiveMinimum"]) + step
    if "maximum" in schema:
        bounds["max"] = exact(schema["maximum"])
    if "exclusiveMaximum" in schema:
        bounds["max"] = exact(schema["exclusiveMaximum"]) - step
    return {key: int(value) if value == int(value) else str(value) for key, value in bounds.items()}


def text_bounds(schema: JsonSchema) -> dict[str, Any]:
    """`min_length` and `max_length`."""
    names = {"minLength": "min_length", "maxLength": "max_length"}
    return {option: schema[keyword] for keyword, option in names.items() if keyword in schema}
