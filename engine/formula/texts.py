"""Builds texts of a checked tree: any value as text, joined texts."""

from collections.abc import Sequence

from engine.formula.construct import settle
from engine.formula.decide import choose, is_blank
from engine.formula.kinds import WORDS, Mismatch, capital, constant
from engine.formula.nodes import Call, Constant, Node, Parameter, may_be_blank
from engine.formula.types import DATE, TEXT, Kind, Type
from engine.text import say


def as_text(node: Node, at: int) -> Node:
    """The value as text, "" for a blank: what `&` and `concat` join."""
    if node.type.kind is Kind.BLANK:
        return Constant(TEXT, at, "")
    if node.type.kind in {Kind.SET, Kind.LINK}:
        raise Mismatch(say("{kind} has no text; name a field of it.", kind=capital(node.type)), node.at)
    if node.type.kind is Kind.DATETIME:
        zone = Parameter(TEXT, at, "time_zone")
        day = Call(DATE, at, "local_day", (node, zone))
        clock = Call(Type(Kind.TIME), at, "local_time", (node, zone))
        written = join_text([day, constant(" ", at), clock], at)
        return choose(is_blank(node, at), Constant(TEXT, at, ""), written, at)
    if node.type.kind not in WORDS:
        node = Call(TEXT, node.at, "to_text", (settle(node),))
    if not may_be_blank(node):
        return node
    return Call(TEXT, node.at, "or_empty", (node,))


def join_text(parts: Sequence[Node], at: int) -> Node:
    """The parts as one text."""
    flat: list[Node] = []
    for part in parts:
        text = as_text(part, part.at)
        flat.extend(text.arguments if isinstance(text, Call) and text.function == "join_text" else [text])
    return Call(TEXT, at, "join_text", tuple(flat))
