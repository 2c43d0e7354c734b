"""All actions that a definition can name; the folder is the registry.

A module of this folder with `ACTION`, the kind of entry that it is for, and `run(acting, action)` is one.
`transition` is added by the workflow, which is what fires transitions.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import engine.actions
from engine.actions.acting import Run


def _actions() -> dict[Any, Run]:
    modules = [
        import_module(f"engine.actions.{each.name}")
        for each in pkgutil.iter_modules(engine.actions.__path__)
        if each.name != "registry"
    ]
    return {module.ACTION: module.run for module in modules if hasattr(module, "ACTION")}


ACTIONS: Mapping[Any, Run] = _actions()
