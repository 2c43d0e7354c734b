"""What isnew(), ischanged(…) and priorvalue(…) mean: the record compared with how it was saved.

A new record has no saved values; nothing of it counts as changed.
"""

import ast
from collections.abc import Callable, Mapping

from engine.formula.checking import Checking
from engine.formula.functions.function import Function
from engine.formula.kinds import Mismatch
from engine.formula.nodes import OWN, PRIOR, Broken, Call, Column, Node
from engine.formula.types import BOOLEAN, Kind, link
from engine.text import say


def about_change(checking: Checking, function: Function, syntax: ast.Call) -> Node:
    """The call as a checked part; refused where no record is being changed."""
    at, entity = checking.parsed.offset_of(syntax), checking.scope.entity
    if not checking.scope.changes or entity is None:
        raise Mismatch(
            say(
                "{name}(…) compares a record with how it was saved, and nothing is being saved here. It can "
                "stand in checks, in show_when, required_when and read_only_when, in defaults, and in 'when' "
                "and 'set' of a transition.",
                name=function.name,
            )
        )
    if len(syntax.args) != len(function.parameters) or syntax.keywords:
        raise Mismatch(say("Write {signature}.", signature=function.signature))
    if not syntax.args:
        return _is_new(entity, at)
    field = checking.visit(syntax.args[0])
    return field if isinstance(field, Broken) else CHANGES[function.name](_own_field(checking, field), at)


def _own_field(checking: Checking, node: Node) -> Column:
    """The field that is asked about; refuses what was not saved with the record."""
    if not isinstance(node, Column) or node.source != OWN or node.name == "id":
        raise Mismatch(say("Write the name of a field of this record here."), node.at)
    if (node.entity, node.name) in checking.world.live:
        raise Mismatch(
            say(
                "'{name}' is computed when it is read, so nothing tells what it was; "
                "name the fields that it reads.",
                name=node.name,
            ),
            node.at,
        )
    if node.type.kind is Kind.SET and node.type.element and node.type.element.kind is Kind.LINK:
        raise Mismatch(
            say("'{name}' holds many records; only single values are compared.", name=node.name), node.at
        )
    return node


def _prior(field: Column, at: int) -> Node:
    return Column(field.type, at, PRIOR, field.entity, field.name)


def _is_new(entity: str, at: int) -> Node:
    return Call(BOOLEAN, at, "is_blank", (Column(link(entity), at, PRIOR, entity, "id"),))


def _is_changed(field: Column, at: int) -> Node:
    saved = Call(BOOLEAN, at, "not", (_is_new(field.entity, at),))
    differs = Call(BOOLEAN, at, "unequal", (field, _prior(field, at)))
    return Call(BOOLEAN, at, "and", (saved, differs))


CHANGES: Mapping[str, Callable[[Column, int], Node]] = {
    "isnew": lambda field, at: _is_new(field.entity, at),
    "ischanged": _is_changed,
    "priorvalue": _prior,
}
"""The functions that compare a record with how it was saved."""
