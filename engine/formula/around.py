"""What a set function reads around it: of the row that it stands in, not of its own records."""

from collections.abc import Iterator, Sequence

from engine.formula.nodes import OWN, Call, Collect, Column, Hop, Node, children, divisor_of, walk
from engine.formula.types import Kind


def around(collect: Collect) -> Sequence[Node]:
    """The largest parts of a set function that lead to other records, but not by way of its own.

    They are the same for all its records, so that they need to be computed once only.
    """
    return list(dict.fromkeys(_parts(collect, collect)))


def _parts(part: Node, collect: Collect) -> Iterator[Node]:
    for child in children(part):
        if _leads_elsewhere(child) and is_around(child, collect):
            yield child
        else:
            yield from _parts(child, collect)


def _leads_elsewhere(part: Node) -> bool:
    plain = part.type.kind is not Kind.BOOLEAN and divisor_of(part) is None
    return plain and any(isinstance(each, Hop) for each in walk(part))


def is_around(part: Node, collect: Collect) -> bool:
    """Whether the part reads none of the records inside."""
    inside = {each.source for each in walk(collect) if isinstance(each, Collect)}
    return not any(isinstance(each, Collect) or _source(each) in inside for each in walk(part))


def _source(part: Node) -> str | None:
    return part.source if isinstance(part, Column) else None


def reads_only_own(part: Node) -> bool:
    """Whether the part reads no records of any set."""
    return all(_source(each) in {None, OWN} for each in walk(part))


def conjuncts(condition: Node | None) -> Iterator[Node]:
    """The conditions that all have to hold."""
    if isinstance(condition, Call) and condition.function == "and":
        for each in condition.arguments:
            yield from conjuncts(each)
    elif condition is not None:
        yield condition


def equated(part: Node, collect: Collect) -> tuple[Column, Node] | None:
    """A field of the records and what of the row a condition equates it with; None for other conditions."""
    if isinstance(part, Call) and part.function == "equal":
        for inner, outer in (part.arguments, part.arguments[::-1]):
            own = isinstance(inner, Column) and inner.source == collect.source
            reads = any(isinstance(each, Column) for each in walk(outer))
            if own and isinstance(inner, Column) and reads and is_around(outer, collect):
                return inner, outer
    return None
