"""Documents that are printed: templates that lie beside the definition and belong to its release."""

from collections.abc import Iterator, Mapping

from engine.definition.files import is_beside, print_files
from engine.definition.loading import Loading, words
from engine.definition.model import Print
from engine.definition.nodes import MappingNode, Node
from engine.text import Text, say


def load_prints(loading: Loading, node: Node | None, texts: Mapping[str, str]) -> dict[str, Print]:
    """The documents under the key `print` of an entity; `texts` are the files of the app."""
    return {each.name: each for each in _found(loading, node, texts)}


def _found(loading: Loading, node: Node | None, texts: Mapping[str, str]) -> Iterator[Print]:
    if not isinstance(node, MappingNode):
        return
    for (key, value), file in zip(node.entries, print_files(node), strict=False):
        if not is_beside(file.text):
            sentence = "'{name}' is not beside this file or in a folder below it."
            loading.refuse(file.place, say(sentence, name=file.text))
        elif file.text not in texts:
            loading.refuse(file.place, say("There is no file '{name}'.", name=file.text))
        else:
            shown = words(value, "label") if isinstance(value, MappingNode) else None
            plain = key.text.replace("_", " ").capitalize()
            yield Print(key.text, shown or Text({"en": plain}), file.text, texts[file.text])
