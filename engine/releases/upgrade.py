"""A new version of an app that a company has laid overlays over: which parts of them touch what changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.definition.layers import Layer, layers_of
from engine.definition.nodes import MappingNode, Node
from engine.definition.things import Path
from engine.problems import Place
from engine.releases.comparison import Apps, Difference, compare
from engine.text import Message, say


@dataclass(frozen=True, slots=True)
class Touched:
    """Something that the new version changes and an overlay says something about, which stays in force."""

    place: Place
    overlay: str
    difference: Difference

    @property
    def sentence(self) -> Message:
        return say(
            "The overlay '{overlay}' has its own word here, which stays in force. The new version says: "
            "{sentence}",
            overlay=self.overlay,
            sentence=self.difference.sentence,
        )


def touched(before: Apps, after: Apps) -> list[Touched]:
    """What overlays of `after` say about parts that its apps, without overlays, change since `before`."""
    apps, _ = layers_of(after.values())
    found = []
    for base, overlays in apps:
        if base.name is None or base.name not in before:
            continue
        changes = compare({base.name: before[base.name]}, {base.name: after[base.name]})
        for overlay in overlays:
            found += [each for change in changes for each in _by(overlay, change)]
    return found


def _by(overlay: Layer, change: Difference) -> Iterator[Touched]:
    node = _nearest(overlay.root, change.path) if overlay.root else None
    if node is not None and overlay.name and change.kind != "moved":
        yield Touched(node.place, overlay.name, change)


def _nearest(node: Node, path: Path) -> Node | None:
    """What the overlay has at `path`, or the value that it puts in the place of something above it."""
    for name in path:
        if not isinstance(node, MappingNode):
            return node
        below = node.get(name)
        if below is None:
            return None
        node = below
    return node if path else None
