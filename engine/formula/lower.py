"""The checked tree as a Python syntax tree, which simpleeval runs.

It is made once, when a formula is checked; own fields and what was fetched from
outside are plain names in it.
"""

import ast
from collections.abc import Mapping
from typing import Any

from engine.formula.nodes import (
    PRIOR,
    Attribute,
    Call,
    Column,
    Constant,
    Node,
    Parameter,
    is_outside,
    outside_key,
)

OWN_PREFIX = "own_"
PRIOR_PREFIX = "prior_"
MOMENT_PREFIX = "moment_"
BINARY: Mapping[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "modulo": ast.Mod,
}
COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "equal": ast.Eq,
    "unequal": ast.NotEq,
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
}


def lower(node: Node) -> ast.expr:
    """The tree for simpleeval."""
    if is_outside(node):
        return _name(outside_key(node))
    match node:
        case Constant():
            return ast.Constant(node.value)
        case Column():
            return _name((PRIOR_PREFIX if node.source == PRIOR else OWN_PREFIX) + node.name)
        case Parameter():
            return _name(MOMENT_PREFIX + node.name)
        case Attribute():
            return _call("attribute", lower(node.base), ast.Constant(dict(node.values)))  # type: ignore[arg-type]
        case Call():
            return _lower_call(node)
        case _:
            raise AssertionError(node)


def _lower_call(node: Call) -> ast.expr:
    parts = [lower(each) for each in node.arguments]
    function = node.function
    if function in BINARY:
        return ast.BinOp(parts[0], BINARY[function](), parts[1])
    if function in COMPARISONS:
        return ast.Compare(parts[0], [COMPARISONS[function]()], [parts[1]])
    if function == "choose":
        return ast.IfExp(parts[0], parts[1], parts[2])
    if function == "not":
        return ast.UnaryOp(ast.Not(), parts[0])
    if function in {"and", "or"}:
        operator: Any = ast.And() if function == "and" else ast.Or()
        return ast.BoolOp(operator, parts)
    return _call(function, *parts)


def _call(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(function), list(arguments), [])


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
