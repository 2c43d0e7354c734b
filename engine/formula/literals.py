"""Literal texts where a value of another kind is expected: days, times, options."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from engine.formula.kinds import KIND_NAMES, Mismatch
from engine.formula.nodes import Constant, Node
from engine.formula.types import Kind, Type
from engine.problems import unknown
from engine.text import say


def written_as(node: Node, kind: Kind, read: Callable[[str], Any]) -> Node:
    """A literal text as a constant of the type that it is compared with or given for."""
    assert isinstance(node, Constant)
    try:
        return Constant(Type(kind), node.at, read(node.value))
    except ValueError as error:
        raise Mismatch(
            say(
                "“{value}” is not {kind}; write it as {right}.",
                value=node.value,
                kind=KIND_NAMES[kind],
                right=LITERALS[kind][1],
            ),
            node.at,
        ) from error


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant


def _day(text: str) -> date:
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


LITERALS: Mapping[Kind, tuple[Callable[[str], Any], str]] = {
    Kind.DATE: (_day, "2026-11-21"),
    Kind.MONTH: (_month, "2026-11"),
    Kind.DATETIME: (_instant, "2026-11-21T09:30:00+08:00"),
    Kind.TIME: (time.fromisoformat, "09:30"),
}


"""How a text literal is read where a value of the kind is expected."""


def aligned_literal(node: Node, other: Node) -> Node:
    """`node`, read as a value of the kind of `other` when it is a literal text."""
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and other.type.kind in LITERALS:
        return written_as(node, other.type.kind, LITERALS[other.type.kind][0])
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and other.type.kind is Kind.CHOICE:
        check_option(node, other.type)
    return node


def check_option(node: Constant, choice: Type) -> None:
    """Refuses a literal that is no option of the choice."""
    if choice.options and node.value not in choice.options and node.value:
        sentence = say("There is no option '{value}' here.", value=node.value)
        raise Mismatch(unknown(sentence, node.value, choice.options), node.at)


# Texts
