"""Texts that somebody wants to publish, together with everything that is published and stays."""

from collections.abc import Collection, Iterable, Iterator

from engine.definition.check import Checked, check_texts
from engine.definition.layers import Layer, Texts, read_layer
from engine.definition.load import SYSTEM
from engine.definition.loading import text
from engine.releases.history import Release


def proposed(published: Release | None, given: Iterable[Texts], removed: Collection[str] = ()) -> Checked:
    """The given apps and overlays with those that are published and neither among them nor removed.

    An app that is renamed is not there under its former name; with an app that is removed go its overlays.
    Raises DefinitionRefused with every problem of every text.
    """
    texts = list(given)
    named = {SYSTEM, *removed, *(name for each in texts for name in _names(read_layer(each)))}
    kept = published.apps if published else {}
    others = [each for name, each in kept.items() if name not in named]
    if removed:
        others = [each for each in others if _extended(read_layer(each)) not in removed]
    return check_texts([*texts, *others])


def _names(layer: Layer) -> Iterator[str | None]:
    """The name of an app or overlay, and the one it had before."""
    yield layer.name
    if layer.root is not None and layer.extends is None:
        yield text(layer.root, "was")


def _extended(layer: Layer) -> str | None:
    return layer.extends.text if layer.extends else None
