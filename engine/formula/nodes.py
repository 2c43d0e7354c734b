"""The checked tree of a formula: every part with its type, every conversion written out.

In it operators and functions pass blanks on; where a blank counts as 0 or as an empty text, the check has
put `or_zero` or `or_empty` there. So both back ends can follow the tree literally and agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from engine.formula.types import Kind, Type

OWN = ""
"""The source of the record's own fields; other sources are the records of a set, named by the check."""
PRIOR = "PRIOR"
"""The source of the record's own fields as they were saved, while the record is being changed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a formula. `at` is the offset of its first character in the text."""

    type: Type
    at: int = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Broken(Node):
    """A part with a problem that was already told; it fits everywhere, so that no second problem follows."""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A written value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A field of the record itself (source OWN; as it was saved: PRIOR) or of a record of a set."""

    source: str
    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class Hop(Node):
    """A field of the record that `base`, a link, leads to."""

    base: Node
    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """What depends on the moment: `user`, `now`, `today`, `roles`, `time_zone`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """An attribute of the option that `base`, a choice, holds: option → value."""

    base: Node
    name: str
    values: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An operator or a function. With a `divisor` the value is a quotient: `type` is its numerator's type."""

    function: str
    arguments: tuple[Node, ...]
    divisor: Type | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the records of a set come from: an entity, or a set field of the record that `base` leads to.

    `base` is a Column named `id` (a record at hand) or any other link.
    """

    entity: str
    base: Node | None = None
    owner: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Collect(Node):
    """A set function: over the records of `rows` that meet `condition`, which `source` names inside."""

    function: str
    source: str
    rows: Rows
    condition: Node | None
    value: Node
    further: tuple[tuple[str, Node], ...] = ()
    """Further arguments by name: `by`, `on`, `at`, `separator`, `limit`, `amount`."""

    def get(self, name: str) -> Node | None:
        return dict(self.further).get(name)


def divisor_of(node: Node) -> Type | None:
    """The type of the divisor when `node` is a quotient, else None."""
    return node.divisor if isinstance(node, Call) else None


def children(node: Node) -> Iterator[Node]:
    """The parts directly below."""
    match node:
        case Call():
            yield from node.arguments
        case Hop() | Attribute():
            yield node.base
        case Collect():
            if node.rows.base is not None:
                yield node.rows.base
            if node.condition is not None:
                yield node.condition
            yield node.value
            yield from (each for _, each in node.further)
        case _:
            pass


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def is_outside(node: Node) -> bool:
    """Whether the value lies outside the record, so that a statement has to fetch it."""
    return isinstance(node, (Hop, Collect))


def outside_parts(node: Node) -> Iterator[Node]:
    """The uppermost parts of the tree whose values lie outside the record."""
    if is_outside(node):
        yield node
    else:
        for child in children(node):
            yield from outside_parts(child)


def outside_key(node: Node) -> str:
    """A name for an outside part; equal parts have equal names, also in different formulas."""
    return "outside_" + blake2b(repr(node).encode(), digest_size=10).hexdigest()


NEVER_BLANK = frozenset(
    {
        "or_zero",
        "or_empty",
        "join_text",
        "equal",
        "unequal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "and",
        "or",
        "not",
        "is_blank",
        "is_in",
        "has",
        "count_values",
        "days_of",
    },
)
PASSES_BLANKS = frozenset({"add", "subtract", "multiply", "negate", "choose"})
COLLECTS_NEVER_BLANK = frozenset({"sum", "count", "count_distinct", "any", "all"})


def may_be_blank(node: Node) -> bool:
    """Whether the value can be blank, as far as the tree shows."""
    match node:
        case Constant():
            return node.value is None
        case Column():
            # A record that is not saved yet has no id, but then nothing else equals it.
            return node.name != "id" or node.source == PRIOR
        case Parameter():
            return node.name == "user"
        case Collect():
            return node.function not in COLLECTS_NEVER_BLANK
        case Call() if node.divisor is None:
            if node.function in NEVER_BLANK:
                return False
            if node.function in PASSES_BLANKS:
                return any(may_be_blank(each) for each in node.arguments)
            return True
        case _:
            return True


LOGIC = frozenset(
    {
        "equal",
        "unequal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "and",
        "or",
        "not",
        "is_blank",
        "is_in",
        "has",
    },
)
"""Calls whose SQL may say NULL where the value is false."""


def is_number(node: Node) -> bool:
    """Whether the part can be calculated with."""
    return node.type.is_number or node.type.kind is Kind.BLANK
