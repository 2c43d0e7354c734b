"""What calls mean: which function, whether its arguments fit, what a blank argument counts as."""

import ast
from collections.abc import Sequence
from contextlib import suppress

from engine.formula import construct, kinds, texts
from engine.formula.check_calendars import named_calendar
from engine.formula.check_changes import CHANGES, about_change
from engine.formula.check_limits import limits_listed, takes_lists
from engine.formula.check_sets import collect, takes_records
from engine.formula.checking import Checking
from engine.formula.functions.function import REQUIRED, Function, Parameter
from engine.formula.functions.table import PUBLISHED
from engine.formula.kinds import Mismatch, broken, kind_name
from engine.formula.literals import LITERALS, written_as
from engine.formula.nodes import Call, Constant, Node, children
from engine.formula.parse import plain_name
from engine.formula.types import Kind
from engine.problems import unknown
from engine.text import say


def call(checking: Checking, syntax: ast.AST) -> Node:
    """`function(arguments)`."""
    assert isinstance(syntax, ast.Call)
    if not isinstance(syntax.func, ast.Name):
        raise Mismatch(say("Only functions can be called, such as round(…)."))
    at, name = checking.parsed.offset_of(syntax), plain_name(syntax.func.id).lower()
    function = PUBLISHED.get(name)
    if function is None:
        for each in syntax.args:
            if not isinstance(each, (ast.GeneratorExp, ast.List)):
                checking.visit(each)
        raise Mismatch(unknown(say("There is no function '{name}'.", name=name), name, PUBLISHED))
    checking.functions.add(name)
    if name in CHANGES:
        return about_change(checking, function, syntax)
    if takes_records(checking, function, syntax):
        return collect(checking, function, syntax)
    if any(each.arg for each in syntax.keywords):
        raise Mismatch(
            say(
                "{name}(…) has no named arguments; write {signature}.",
                name=name,
                signature=function.signature,
            )
        )
    if takes_lists(function):
        return limits_listed(checking, function, syntax)
    if function.group == "records":
        raise Mismatch(
            say("{name}(…) needs records: {signature}.", name=name, signature=function.over_records)
        )
    arguments, wrong = checking.visit_all(syntax.args)
    filled = fill(function, arguments, at)
    for index, parameter in enumerate(function.parameters):
        if parameter.names == "calendar":
            filled[index] = named_calendar(checking, filled[index])
    return wrong or build(function, filled, at)


def fill(function: Function, arguments: Sequence[Node], at: int) -> list[Node]:
    """The arguments with the defaults of those that were left out; refuses a wrong number of them."""
    parameters = function.parameters
    many = bool(parameters) and parameters[-1].many
    needed = sum(each.default is REQUIRED for each in parameters)
    if len(arguments) < needed or (len(arguments) > len(parameters) and not many):
        raise Mismatch(say("Write {signature}.", signature=function.signature))
    defaults = [kinds.constant(each.default, at) for each in parameters[len(arguments) :]]
    return [*arguments, *defaults]


def build(function: Function, arguments: Sequence[Node], at: int) -> Node:
    """The call as a checked part."""
    parameters = [
        function.parameters[min(index, len(function.parameters) - 1)] for index in range(len(arguments))
    ]
    typed = [_typed(*each) for each in zip(arguments, parameters, strict=True)]
    if function.build is not None:
        return bounded(complete(function.build(typed, at)))
    assert function.result is not None
    ready = tuple(_blank_as(*each) for each in zip(typed, parameters, strict=True))
    return complete(Call(function.result(ready), at, function.name, ready))


def _typed(node: Node, parameter: Parameter) -> Node:
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and node.type.kind not in parameter.kinds:
        possible = [each for each in LITERALS if each in parameter.kinds]
        for kind in possible:
            with suppress(Mismatch):
                return written_as(node, kind, LITERALS[kind][0])
        if possible:
            return written_as(node, possible[-1], LITERALS[possible[-1]][0])
    if node.type.kind not in parameter.kinds:
        wanted = next(each for each in (Kind.DECIMAL, *kinds.KIND_NAMES) if each in parameter.kinds)
        sentence = say(
            "{name} must be {wanted}, not {kind}.",
            name=f"“{parameter.name}”",
            wanted=kinds.KIND_NAMES[wanted],
            kind=kind_name(node.type),
        )
        if node.type.kind is Kind.DATETIME and Kind.DATE in parameter.kinds:
            sentence = say("{sentence} Write date(…) to take its day.", sentence=sentence)
        raise Mismatch(sentence, node.at)
    return node


def _blank_as(node: Node, parameter: Parameter) -> Node:
    if parameter.blank == "zero":
        return construct.operand(node)
    if parameter.blank == "empty":
        return texts.as_text(node, node.at)
    return construct.settle(node) if node.type.is_number else node


MOST_PARTS = 5_000


def bounded(node: Node) -> Node:
    """The node; refuses it when functions that write an argument several times have made it too large."""
    if _parts(node, {}) > MOST_PARTS:
        raise Mismatch(
            say("Nested like this, the formula becomes too large; keep a part in a field."), node.at
        )
    return node


def _parts(node: Node, counted: dict[int, int]) -> int:
    """How many parts there are, those that stand in several places counted each time."""
    found = counted.get(id(node))
    if found is None:
        found = counted[id(node)] = 1 + sum(_parts(each, counted) for each in children(node))
    return found


MOST_LEVELS = 70
"""Deeper trees could not be written as SQL."""


def within_levels(node: Node) -> Node:
    """The whole formula; refuses it when its parts stand in one another too deeply."""
    if _levels(node, {}) > MOST_LEVELS:
        raise Mismatch(say("This formula is nested too deeply; keep a part in a field."), node.at)
    return node


def _levels(node: Node, counted: dict[int, int]) -> int:
    found = counted.get(id(node))
    if found is None:
        found = counted[id(node)] = 1 + max((_levels(each, counted) for each in children(node)), default=0)
    return found


def complete(node: Node) -> Node:
    """The node; refuses it when a part is broken, which cannot be here."""
    assert broken(list(children(node)), node.at) is None
    return node
