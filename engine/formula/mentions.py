"""Where a formula names what a definition defines: entities, fields, roles, options that choices have."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.formula.nodes import Call, Column, Constant, Hop, Node, Parameter, walk
from engine.formula.types import Type

COMPARED = frozenset({"equal", "unequal", "less", "less_equal", "greater", "greater_equal", "is_in", "has"})
PASSED_ON = frozenset({"choose", "coalesce", "join_text"})
"""Functions whose value is one of their arguments, or holds it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Something that a definition defines, of the kind `entity`, `field`, `option`, `role`, `transition`.

    `owner` is in full what defines it: `crm` of the entity `deal`, `crm.deal` of the field `stage`,
    `crm.deal.stage` of the option `won`.
    """

    kind: str
    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of something at an offset of a formula's text; `clear` unless it stands for two things."""

    at: int
    meant: Meant
    clear: bool = True


def options_named(tree: Node, expected: Type | None) -> Iterator[Mention]:
    """Literal texts that are compared with a choice, or results where one is expected, or roles asked for."""
    if expected and expected.origin:
        yield from _literals(tree, expected.origin, clear=True)
    for part in walk(tree):
        if isinstance(part, Call) and _asks_roles(part):
            yield from _roles(part.arguments[1])
        elif isinstance(part, Call) and part.function in COMPARED:
            origins = {origin for each in part.arguments for origin in _origins(each)}
            for origin in origins:
                for each in part.arguments:
                    yield from _literals(each, origin, clear=len(origins) == 1)


def _origins(node: Node) -> Iterator[str]:
    """The choices whose values a part has."""
    if isinstance(node, (Column, Hop)):
        origin = node.type.element.origin if node.type.element else node.type.origin
        yield from [origin] if origin else []
    for each in _passed_on(node):
        yield from _origins(each)


def _literals(node: Node, origin: str, *, clear: bool) -> Iterator[Mention]:
    if isinstance(node, Constant) and isinstance(node.value, str):
        # Behind the quotation mark.
        yield Mention(node.at + 1, Meant("option", origin, node.value), clear)
    for each in _passed_on(node):
        yield from _literals(each, origin, clear=clear)


def _asks_roles(call: Call) -> bool:
    """Whether it is what has_role(…) is made of."""
    first = call.arguments[0] if call.function == "has" else None
    return isinstance(first, Parameter) and first.name == "roles"


def _roles(node: Node) -> Iterator[Mention]:
    if isinstance(node, Constant) and isinstance(node.value, str):
        # The check has put commas around the name, as they stand around each role of a list.
        app, dot, name = node.value.strip(",").partition(".")
        if dot:
            yield Mention(node.at + len(app) + 2, Meant("role", app, name))


def _passed_on(node: Node) -> tuple[Node, ...]:
    if not isinstance(node, Call) or node.function not in PASSED_ON:
        return ()
    return node.arguments[1:] if node.function == "choose" else node.arguments
