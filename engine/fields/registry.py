"""All field types. The folder `types` is the registry: a file there is a field type."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from engine.fields import types
from engine.fields.field_type import FieldType, JsonSchema


def _found() -> Iterator[FieldType]:
    for module in iter_modules(types.__path__, f"{types.__name__}."):
        for each in vars(import_module(module.name)).values():
            if (
                isinstance(each, type)
                and issubclass(each, FieldType)
                and each.__module__ == module.name
                and not isabstract(each)
            ):
                yield each()


FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType({each.name: each for each in _found()})


def type_of_json_schema(schema: JsonSchema) -> tuple[str, Mapping[str, Any]] | None:
    """The field type and its raw options for a JSON Schema property; None when no type is like it."""
    for field_type in FIELD_TYPES.values():
        options = field_type.options_from_json_schema(schema)
        if options is not None:
            return field_type.name, options
    return None
