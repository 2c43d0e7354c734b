"""All types of views. The folder `view_types` is the registry: a file there that declares VIEW is one."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from engine.definition import view_types
from engine.definition.view_type import ViewType

ORDER = ("list", "board", "calendar", "timeline", "gallery", "tree", "pivot", "chart", "form")
"""In which order people are told of them; what is not here comes after these."""


def _found() -> list[ViewType]:
    names = [module.name for module in iter_modules(view_types.__path__, f"{view_types.__name__}.")]
    found: list[ViewType] = [import_module(name).VIEW for name in names]
    return sorted(found, key=lambda each: ORDER.index(each.name) if each.name in ORDER else len(ORDER))


VIEW_TYPES: Mapping[str, ViewType] = MappingProxyType({each.name: each for each in _found()})
