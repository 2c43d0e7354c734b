"""A definition file as a tree of frozen values that know where they stand and how they were written."""

from dataclasses import dataclass, replace
from typing import Any

from engine.definition.alignment import Segments
from engine.definition.scalars import Plain
from engine.formula.expression import Expression
from engine.problems import Place


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value. `text` is what was written, `value` what it means; `segments` place its characters."""

    place: Place
    text: str
    value: Plain
    segments: Segments = ()

    def expression(self) -> Expression:
        """The text as a formula; a leading `=` is left out."""
        bare = self.text.lstrip().removeprefix("=").lstrip()
        skipped = len(self.text) - len(bare)
        whole = Expression(self.text, self.place, self.segments)
        lines = tuple((begins - skipped, place) for begins, place in self.segments if begins > skipped)
        return Expression(bare.rstrip(), whole.place_of(skipped), lines)


@dataclass(frozen=True, slots=True)
class ListNode:
    """Items in their order."""

    place: Place
    items: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with their values, in the order of the text."""

    place: Place
    entries: tuple[tuple[ScalarNode, "Node"], ...] = ()

    def get(self, key: str) -> "Node | None":
        """The value of `key`; None when it is not written."""
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> ScalarNode | None:
        """The key itself, for its place."""
        return next((name for name, _ in self.entries if name.text == key), None)

    def without(self, *keys: str) -> "MappingNode":
        return replace(self, entries=tuple(entry for entry in self.entries if entry[0].text not in keys))


Node = ScalarNode | ListNode | MappingNode


def plain(node: Node) -> Any:
    """The node as dict, list, text, number, bool or None."""
    if isinstance(node, MappingNode):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return node.value


def moved(node: Node, place: Place) -> Node:
    """The node with everything in it as if it were written at `place`."""
    if isinstance(node, MappingNode):
        return MappingNode(
            place, tuple((_at(key, place), moved(value, place)) for key, value in node.entries)
        )
    if isinstance(node, ListNode):
        return ListNode(place, tuple(moved(item, place) for item in node.items))
    return _at(node, place)


def _at(node: ScalarNode, place: Place) -> ScalarNode:
    return replace(node, place=place, segments=())
