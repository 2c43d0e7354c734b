"""On SQLite, what is nested too deeply for its parser becomes one call of a function registered in Python.

SQLite's parser has a stack of 100 entries. A part of a formula whose SQL needs too many of them is written as
text, handed over with the values of its leaves, and computed as in memory.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Text as SqlText
from sqlalchemy import func, literal

from engine.formula.lower import OWN_PREFIX, lower
from engine.formula.nodes import OWN, Call, Column, Constant, Node
from engine.formula.sql_parts import Compiling
from engine.formula.sql_texts import storage_for
from engine.formula.sql_value import Sql, stack_depth
from engine.formula.storage import letter

DEEPEST = 60
"""The rest of the parser's stack is for the statement around."""
LOWEST = 5
"""Parts of fewer levels are never too deep."""
MOST_LEAVES = 90
"""SQLite's functions take about a hundred arguments."""


def within_parser(compiler: Compiling, node: Call, value: Sql) -> Sql:
    """The value in SQL, by a function in Python when SQLite could not parse it."""
    if node.divisor is not None or not _is_high(node, LOWEST) or stack_depth(value.expression) <= DEEPEST:
        return value
    leaves = list(dict.fromkeys(_leaves(node)))
    if len(leaves) > MOST_LEAVES or node in leaves:
        return value
    values = [compiler.compile(leaf) for leaf in leaves]
    kinds = [
        letter(replace(leaf.type, decimals=each.decimals)) for leaf, each in zip(leaves, values, strict=True)
    ]
    names = {leaf: Column(leaf.type, leaf.at, OWN, "", f"v{number}") for number, leaf in enumerate(leaves)}
    written = ast.unparse(lower(_named(node, names)))
    result = letter(replace(node.type, decimals=value.decimals))
    called = func.dg_formula(
        literal(written, SqlText()),
        literal(f"{','.join(kinds)}:{result}", SqlText()),
        *[each.expression for each in values],
        type_=storage_for(compiler, node.type),
    )
    return Sql(called, value.digits, value.decimals)


def names_of(values: list[Any]) -> dict[str, Any]:
    """The values of the leaves by the names that they have in the text."""
    return {f"{OWN_PREFIX}v{number}": value for number, value in enumerate(values)}


def _is_high(node: Node, levels: int) -> bool:
    if levels == 0:
        return True
    return isinstance(node, Call) and any(_is_high(each, levels - 1) for each in node.arguments)


def _leaves(node: Node) -> Iterator[Node]:
    if _is_written_out(node):
        return
    if isinstance(node, Call) and not _holds_lists(node):
        for each in node.arguments:
            yield from _leaves(each)
    else:
        yield node


def _is_written_out(node: Node) -> bool:
    """Whether the value stands in the text itself: blanks, texts, yes and no, and whole numbers from 0."""
    if not isinstance(node, Constant):
        return False
    return (
        node.value is None or isinstance(node.value, str) or (isinstance(node.value, int) and node.value >= 0)
    )


def _holds_lists(node: Call) -> bool:
    return any(isinstance(each, Constant) and isinstance(each.value, tuple) for each in node.arguments)


def _named(node: Node, names: dict[Node, Column]) -> Node:
    if node in names:
        return names[node]
    if isinstance(node, Call):
        return replace(node, arguments=tuple(_named(each, names) for each in node.arguments))
    return node
