"""All types of charts. The folder `chart_types` is the registry: a file there that declares CHART is one."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from engine.definition import chart_types
from engine.definition.chart_type import ChartType

_FOUND: list[ChartType] = [
    import_module(module.name).CHART
    for module in iter_modules(chart_types.__path__, f"{chart_types.__name__}.")
]

CHART_TYPES: Mapping[str, ChartType] = MappingProxyType({each.name: each for each in _FOUND})
