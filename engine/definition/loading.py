"""What is gathered while the nodes of an app become values: problems, references, and small readers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.definition.model import Reference
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode, plain
from engine.fields.option import in_words, read_attribute
from engine.formula.expression import Expression
from engine.problems import Place, Problem
from engine.text import Message, Text


@dataclass(slots=True)
class Loading:
    """The app that is being loaded, and what was found in it so far."""

    app: str
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    """Names that the text defines but that could not be loaded; nothing more is said about them."""

    def refuse(self, place: Place, message: Message) -> None:
        self.problems.append(Problem(place, message))

    def refused_after(self, place: Place) -> bool:
        """Whether something from `place` on in the same file has been refused already."""
        wheres = (each.where for each in self.problems)
        return any(isinstance(each, Place) and each.file == place.file and each >= place for each in wheres)

    def refer(
        self,
        kind: str,
        node: ScalarNode,
        entity: str = "",
        detail: str = "",
        record: Expression | None = None,
    ) -> str:
        """Note that the text of `node` names something; the text itself."""
        self.references.append(Reference(kind, node.text, node.place, entity, detail, record))
        return node.text

    def refer_options(self, node: Node, entity: str, field: str, record: Expression | None = None) -> None:
        """Note that plain values are written into a field: perhaps options of it."""
        for each in (node,) if isinstance(node, ScalarNode) else items(node):
            if not is_formula(each):
                self.refer("option", each, entity, field, record)

    def in_full(self, name: str) -> str:
        """`deal` of this app as `crm.deal`."""
        return name if "." in name else f"{self.app}.{name}"


def entries(node: Node | None) -> Iterator[tuple[ScalarNode, MappingNode]]:
    """The named things of a collection; a name without a value is an empty thing."""
    if isinstance(node, MappingNode):
        for key, value in node.entries:
            yield key, value if isinstance(value, MappingNode) else MappingNode(key.place)


def items(node: Node | None) -> tuple[ScalarNode, ...]:
    """The scalars of a list."""
    return (
        tuple(each for each in node.items if isinstance(each, ScalarNode))
        if isinstance(node, ListNode)
        else ()
    )


def scalar(node: MappingNode, key: str) -> ScalarNode | None:
    """The value of `key` when it is a single one."""
    value = node.get(key)
    return value if isinstance(value, ScalarNode) else None


def text(node: MappingNode, key: str) -> str | None:
    """The text of `key` as it was written."""
    value = scalar(node, key)
    return value.text if value else None


def flag(node: MappingNode, key: str, *, default: bool = False) -> bool:
    """Whether `key` is true."""
    value = scalar(node, key)
    return bool(value.value) if value else default


def expression(node: MappingNode, key: str) -> Expression | None:
    """The formula of a key that always holds one."""
    value = scalar(node, key)
    return value.expression() if value else None


def words(node: MappingNode, key: str) -> Text | None:
    """A label, help or message."""
    return text_of(node.get(key))


def text_of(value: Node | None) -> Text | None:
    """A text for people: one, or one for each locale."""
    if isinstance(value, MappingNode):
        return Text(
            {locale.text: each.text for locale, each in value.entries if isinstance(each, ScalarNode)}
        )
    return Text({"en": value.text}) if isinstance(value, ScalarNode) else None


def label(key: ScalarNode, node: MappingNode) -> Text:
    """The label of a thing: what is written, or its name in words."""
    return words(node, "label") or Text({"en": in_words(key.text)})


def is_formula(node: Node) -> bool:
    """Whether a plain value is a formula: a text that begins with `=`."""
    return isinstance(node, ScalarNode) and isinstance(node.value, str) and node.text.lstrip().startswith("=")


def attributes(node: MappingNode, known: frozenset[str]) -> dict[str, Any]:
    """The further attributes of a stage: `10%` is the number 0.1."""
    return {key.text: read_attribute(plain(value)) for key, value in node.entries if key.text not in known}
