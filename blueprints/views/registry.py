"""How each type of view is drawn. The folder `types` is the registry: a file there is named like its type."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from blueprints.views import types
from blueprints.views.drawing import Draw

DRAWN: Mapping[str, Draw] = MappingProxyType(
    {
        module.name: import_module(f"{types.__name__}.{module.name}").draw
        for module in iter_modules(types.__path__)
    }
)
"""Type → what draws it; a type that is not here is a list."""
