"""The trees of an app before it is loaded: its own, and the overlays that are laid over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.definition.files import merged
from engine.definition.loading import scalar
from engine.definition.nodes import MappingNode, ScalarNode
from engine.definition.overlay import overlaid
from engine.definition.shape import check_shape
from engine.problems import Problem
from engine.text import Message, say

Texts = Mapping[str, str]
"""File → text: the app's own file first, then those that it names."""
LAYERS_KEPT = 64
"""How many of the layers that were read last are kept: a publish needs the same ones several times."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The texts of an app or overlay as one tree. `name` is the one under which a release keeps them.

    The same texts are the same layer.
    """

    texts: Texts
    root: MappingNode | None
    problems: tuple[Problem, ...]
    lost: frozenset[str]
    name: str | None
    extends: ScalarNode | None


@dataclass(frozen=True, slots=True)
class Laid:
    """The tree of an app with its overlays, and all problems of reading and laying."""

    root: MappingNode
    problems: tuple[Problem, ...]
    lost: frozenset[str]


def read_layer(texts: Texts, shown: str = "") -> Layer:
    """The layer of these texts; `shown` stands before the names of its files in places."""
    return _read_layer(tuple(texts.items()), shown)


@lru_cache(LAYERS_KEPT)
def _read_layer(files: tuple[tuple[str, str], ...], shown: str) -> Layer:
    texts = dict(files)
    tree = merged(texts, shown)
    root = tree.root
    if root is None or root.get("extends") is None:
        name = scalar(root, "app") if root else None
        return Layer(texts, root, tree.problems, tree.lost, name.text if name else None, None)
    head = _head(root)
    shaped = check_shape(head)
    extends = scalar(shaped.node, "extends") if isinstance(shaped.node, MappingNode) else None
    problems = [*tree.problems, *shaped.problems]
    if extends is None:
        return Layer(texts, None, tuple(problems), tree.lost, None, None)
    own = scalar(root, "app")
    if own and own.text == extends.text:
        message = say(
            "An overlay has a name of its own, not that of the app that it extends. Choose another, such as "
            "'{name}', or leave 'app' out.",
            name=f"my_{extends.text}",
        )
        problems.append(Problem(own.place, message))
    called = own.text if own else f"{extends.text}_overlay"
    return Layer(texts, root, tuple(problems), tree.lost, called, extends)


def _head(root: MappingNode) -> MappingNode:
    """What the overlay's file says about itself, as an app that can be checked."""
    kept = tuple(entry for entry in root.entries if entry[0].text in ("app", "extends", "include"))
    if root.get("app") is None:
        name = ScalarNode(root.place, "app", "app")
        kept = ((name, name), *kept)
    return replace(root, entries=kept)


def lay_over(base: Layer, overlays: Sequence[Layer]) -> Laid:
    """The overlays laid over `base`, of which there is a tree, in their order."""
    assert base.root is not None
    root, problems, lost = base.root, [*base.problems], {*base.lost}
    taken = set(base.texts)
    names: set[str | None] = set()
    for each in overlays:
        layer = each
        if each.name in names and each.extends:
            problems.append(Problem(each.extends.place, name_taken(each.name or "")))
        names.add(each.name)
        if taken & set(each.texts):
            # Places have to tell two files of one name apart.
            layer = read_layer(each.texts, f"{each.name}/")
        taken |= set(each.texts)
        problems += layer.problems
        lost |= layer.lost
        if layer.root is not None:
            done = overlaid(root, layer.root, base.name or "")
            root, problems, lost = done.root, [*problems, *done.problems], lost | done.lost
    return Laid(root, tuple(problems), frozenset(lost))


def layers_of(texts: Iterable[Texts]) -> tuple[list[tuple[Layer, list[Layer]]], list[Layer]]:
    """Each app with its overlays, in the order of their names; and the overlays without their app."""
    found = [read_layer(each) for each in texts]
    overlays = sorted((each for each in found if each.extends), key=lambda each: each.name or "")
    apps = [
        (base, [each for each in overlays if each.extends and each.extends.text == base.name])
        for base in found
        if base.extends is None
    ]
    names = {base.name for base, _ in apps}
    return apps, [each for each in overlays if each.extends and each.extends.text not in names]


def name_taken(name: str) -> Message:
    """Why two apps or overlays cannot have one name."""
    return say("Another file already defines the app '{name}'.", name=name)


def name_of(texts: Texts) -> str | None:
    """The name under which a release keeps these texts; None when they cannot be read."""
    return read_layer(texts).name


def trees_of(texts: Iterable[Texts]) -> dict[str, MappingNode]:
    """App → its tree with all overlays, of texts that can be read."""
    apps, _ = layers_of(texts)
    return {
        base.name: lay_over(base, overlays).root
        for base, overlays in apps
        if base.name is not None and base.root is not None
    }
