"""What the keys of a view can hold, and how each is read: fields, formulas, measures, words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.definition.figure import FUNCTIONS, Measure, read_grouping, read_measure
from engine.definition.loading import Loading, is_formula, items, text_of
from engine.definition.nodes import MappingNode, Node, ScalarNode, plain
from engine.definition.terms import FORMULA, NAME, NAMES, WORDS, JsonSchema, Key
from engine.text import say

Read = Callable[[Loading, str, Node], Any]
"""The value of a key of a view of an entity."""

GROUPINGS: JsonSchema = {"type": "array", "items": FORMULA, "minItems": 1, "maxItems": 3}


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A key of one type of view, and what its value becomes."""

    key: Key
    read: Read


def a_field(kind: str, description: str) -> ShownOption:
    """The name of a field that the check of references `kind` finds fit."""

    def read(loading: Loading, entity: str, node: Node) -> str | None:
        return loading.refer(kind, node, entity) if isinstance(node, ScalarNode) else None

    return ShownOption(Key(NAME, description), read)


def some_fields(kind: str, description: str) -> ShownOption:
    """Names of such fields."""

    def read(loading: Loading, entity: str, node: Node) -> tuple[str, ...]:
        return tuple(loading.refer(kind, each, entity) for each in items(node))

    return ShownOption(Key({**NAMES, "minItems": 1}, description), read)


def some_words(description: str) -> ShownOption:
    """A text for people, in their languages."""
    return ShownOption(Key(WORDS, description), lambda _loading, _entity, node: text_of(node))


def some_values(schema: JsonSchema, description: str) -> ShownOption:
    """Field → what is written into it: a plain value, or an Expression."""

    def read(loading: Loading, entity: str, node: Node) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.entries if isinstance(node, MappingNode) else ():
            loading.refer("set_field", key, entity)
            loading.refer_options(value, entity, key.text)
            formula = isinstance(value, ScalarNode) and is_formula(value)
            values[key.text] = (
                value.expression() if formula and isinstance(value, ScalarNode) else plain(value)
            )
        return values

    return ShownOption(Key(schema, description), read)


def a_measure(description: str) -> ShownOption:
    """Such as `sum(amount)`."""
    return ShownOption(Key(FORMULA, description), lambda loading, _, node: measure_of(loading, node))


def a_grouping(description: str) -> ShownOption:
    """Such as `stage` or `month(close_date)`."""
    return ShownOption(Key(FORMULA, description), lambda _loading, _entity, node: grouping_of(node))


def some_groupings(description: str) -> ShownOption:
    """A list of those."""
    return ShownOption(
        Key(GROUPINGS, description),
        lambda _loading, _entity, node: tuple(read_grouping(each.expression()) for each in items(node)),
    )


def a_word(schema: JsonSchema, description: str) -> ShownOption:
    """A plain value that the schema describes."""
    return ShownOption(Key(schema, description), lambda _loading, _entity, node: plain(node))


def measure_of(loading: Loading, node: Node | None) -> Measure | None:
    """The measure that is written there; a problem when it is none."""
    if not isinstance(node, ScalarNode):
        return None
    found = read_measure(node.expression())
    if found is None:
        loading.refuse(
            node.place,
            say(
                "'{text}' is no measure; write one of {functions} over a formula: sum(amount), or count().",
                text=node.text,
                functions=", ".join(FUNCTIONS),
            ),
        )
    return found


def grouping_of(node: Node | None) -> Any:
    """The grouping that is written there."""
    return read_grouping(node.expression()) if isinstance(node, ScalarNode) else None
