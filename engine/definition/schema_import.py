"""`schema:` of an entity: a JSON Schema, made into `fields` and child entities before anything else reads it.

What JSON Schema cannot say stands under `x-dougong`, with the keys of our own language. Nothing of a schema
is dropped in silence: a keyword that the field cannot keep is a problem at its place.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from engine.definition.loading import items, scalar
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode, plain
from engine.definition.source import read_source
from engine.fields.field_type import OptionRefused
from engine.fields.registry import FIELD_TYPES, type_of_json_schema
from engine.problems import Place, Problem, unknown
from engine.text import Message, say

EXTENSION = "x-dougong"
ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "description", "examples", "additionalProperties"})
"""Keywords of a schema that say nothing about what its records hold."""
OBJECT_KEYWORDS = frozenset({"type", "title", "properties", "required", EXTENSION}) | ANNOTATIONS
CONSTRAINTS: Mapping[str, str | None] = {
    "minimum": "min",
    "exclusiveMinimum": "min",
    "maximum": "max",
    "exclusiveMaximum": "max",
    "multipleOf": "decimals",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "enum": "options",
    "oneOf": "options",
    "anyOf": "options",
    "items": "options",
    "uniqueItems": "options",
    "const": None,
    "format": None,
    "minItems": None,
    "maxItems": None,
}
"""What a field has to keep: the option that keeps it, else the field says the same about itself."""
PROPERTY_KEYWORDS = (
    frozenset({"type", "title", "description", "default", "readOnly", "$comment", "examples", EXTENSION})
    | CONSTRAINTS.keys()
)


@dataclass(slots=True)
class Imported:
    """The definition with `fields` in place of every `schema`; `lost` are properties that no field can be."""

    root: MappingNode
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def refuse(self, place: Place, message: Message) -> None:
        self.problems.append(Problem(place, message))


def fields_from_schemas(root: MappingNode, texts: Mapping[str, str]) -> Imported:
    """`root`, an app or a part of one, without `schema` keys; `texts` hold the schema files."""
    imported = Imported(root)
    entities = root.get("entities")
    if not isinstance(entities, MappingNode):
        return imported
    made: dict[str, tuple[ScalarNode, Node]] = {key.text: (key, value) for key, value in entities.entries}
    for key, value in entities.entries:
        if isinstance(value, MappingNode) and (schema := _schema(imported, value, texts)):
            for name, entity in _entities(imported, key, schema):
                written = made.get(name.text, (name, MappingNode(name.place)))
                made[name.text] = (written[0], _over(entity, written[1]))
    node = replace(entities, entries=tuple(made.values()))
    imported.root = replace(
        root, entries=tuple((key, node if key.text == "entities" else value) for key, value in root.entries)
    )
    return imported


def _schema(imported: Imported, entity: MappingNode, texts: Mapping[str, str]) -> MappingNode | None:
    written = entity.get("schema")
    if isinstance(written, ScalarNode) and isinstance(written.value, str):
        if written.text not in texts:
            imported.refuse(written.place, say("There is no file '{name}'.", name=written.text))
            return MappingNode(written.place)
        source = read_source(written.text, texts[written.text])
        imported.problems += source.problems
        if source.root is None:
            return MappingNode(written.place)
        written = source.root
    if isinstance(written, MappingNode):
        return written
    if isinstance(written, ListNode):
        imported.refuse(written.place, say("A JSON Schema is a mapping with 'properties'."))
    return None


def _entities(
    imported: Imported, key: ScalarNode, schema: MappingNode, parent: str | None = None
) -> Iterator[tuple[ScalarNode, MappingNode]]:
    """The entity that a schema of objects describes, and those of its child rows."""
    for keyword, _ in schema.entries:
        if keyword.text not in OBJECT_KEYWORDS:
            imported.refuse(keyword.place, _not_kept(keyword.text, OBJECT_KEYWORDS))
    required = {each.text for each in items(schema.get("required"))}
    properties = schema.get("properties")
    fields: list[tuple[ScalarNode, Node]] = []
    for name, each in properties.entries if isinstance(properties, MappingNode) else ():
        if not isinstance(each, MappingNode):
            imported.refuse(
                each.place, say("A property of a JSON Schema is a mapping, such as {{type: string}}.")
            )
            continue
        child = _child_schema(each)
        if child is not None:
            child_key = replace(name, text=f"{key.text}_{name.text}", value=f"{key.text}_{name.text}")
            yield from _entities(imported, child_key, child, key.text)
            options: dict[str, Any] | None = {"type": "table", "of": child_key.text}
        else:
            options = _options(imported, name, each)
        if options is None:
            imported.lost.add(name.text)
            continue
        common = _common(each, is_required=name.text in required)
        fields.append((name, _over(node_of({**options, **common}, name.place), _extension(each))))
    entries = (
        {"fields": MappingNode(schema.place, tuple(fields))} if isinstance(properties, MappingNode) else {}
    )
    own: dict[str, Node] = {**entries}
    if title := schema.get("title"):
        own["label"] = title
    if parent:
        own["parent"] = node_of(parent, key.place)
    made = MappingNode(key.place, tuple((node_of(name, key.place), value) for name, value in own.items()))
    yield key, _over(made, _extension(schema))


def _child_schema(node: MappingNode) -> MappingNode | None:
    """The schema of child rows, when the property is an array of objects that no field type claims."""
    inner = node.get("items")
    extension = node.get(EXTENSION)
    claimed = isinstance(extension, MappingNode) and extension.get("type") is not None
    if claimed or not isinstance(inner, MappingNode):
        return None
    return inner if isinstance(inner.get("properties"), MappingNode) else None


def _options(imported: Imported, name: ScalarNode, node: MappingNode) -> dict[str, Any] | None:
    """The type and its raw options for one property; None when no field is like it."""
    extension = node.get(EXTENSION)
    claimed = _type(extension) if extension else None
    unread = [key for key, _ in node.entries if key.text not in PROPERTY_KEYWORDS]
    if claimed is not None and claimed not in FIELD_TYPES:
        _refuse(imported, unread)
        return {}  # the check of the shape says so where the type stands
    found = type_of_json_schema(plain(node.without(*(key.text for key in unread))))
    if found is None:
        _refuse(imported, unread)
        message = say(
            "No field type is like this JSON Schema. Name one: '{extension}: {{type: …}}'.",
            extension=EXTENSION,
        )
        imported.refuse(name.place, message)
        return None
    type_name, options = found
    try:
        said = _exact(FIELD_TYPES[type_name].json_schema(FIELD_TYPES[type_name].read_options(options)))
    except OptionRefused as error:
        _refuse(imported, unread)
        if claimed is None:
            imported.refuse(name.place, error.message)
        return {"type": type_name, **options}
    as_said = {key.text for key, value in node.entries if said.get(key.text) == plain(value)}
    _refuse(imported, [key for key in unread if key.text not in as_said])
    for key, _ in node.entries:
        if key.text in CONSTRAINTS and CONSTRAINTS[key.text] not in options and key.text not in as_said:
            imported.refuse(key.place, _not_kept_by(key.text, type_name))
    return {"type": type_name, **options}


def _refuse(imported: Imported, keywords: Iterable[ScalarNode]) -> None:
    """Tells what Dougong does not read."""
    for keyword in keywords:
        imported.refuse(keyword.place, _not_kept(keyword.text, PROPERTY_KEYWORDS))


def _exact(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as it is read from a file, with exact numbers."""
    read: dict[str, Any] = json.loads(json.dumps(schema, default=str), parse_float=Decimal)
    return read


def _not_kept(keyword: str, known: frozenset[str]) -> Message:
    sentence = say(
        "Dougong does not read '{keyword}' of JSON Schema; say it in '{extension}' or in 'fields'.",
        keyword=keyword,
        extension=EXTENSION,
    )
    return unknown(sentence, keyword, known)


def _not_kept_by(keyword: str, type_name: str) -> Message:
    return say(
        "A {type} field cannot keep '{keyword}'; say it in '{extension}' or in 'fields'.",
        type=type_name,
        keyword=keyword,
        extension=EXTENSION,
    )


def _common(node: MappingNode, *, is_required: bool) -> dict[str, Any]:
    """The common keys of a field that JSON Schema has words for, as values or nodes."""
    renamed = {"title": "label", "description": "help", "default": "default", "readOnly": "read_only"}
    found = {ours: node.get(theirs) for theirs, ours in renamed.items()}
    common: dict[str, Any] = {key: value for key, value in found.items() if value is not None}
    return {**common, "required": True} if is_required else common


def _extension(node: MappingNode) -> Node:
    found = node.get(EXTENSION)
    return found if found is not None else MappingNode(node.place)


def _over(under: MappingNode, above: Node) -> MappingNode:
    """`under` with the keys of `above` written over it; fields of the same name are merged key by key."""
    if not isinstance(above, MappingNode):
        return under
    kept = {key.text: (key, value) for key, value in under.entries}
    for key, value in above.entries:
        if key.text == "schema":
            continue
        known = kept.get(key.text)
        if (
            known
            and key.text == "fields"
            and isinstance(known[1], MappingNode)
            and isinstance(value, MappingNode)
        ):
            kept[key.text] = (key, _fields_over(known[1], value))
        else:
            kept[key.text] = (key, value)
    return replace(above if above.entries else under, entries=tuple(kept.values()))


def _fields_over(under: MappingNode, above: MappingNode) -> MappingNode:
    """Fields that are written stand before those of the schema; one in both takes its keys from both."""
    kept = {key.text: (key, value) for key, value in under.entries}
    for key, value in above.entries:
        known = kept.get(key.text)
        if known and isinstance(known[1], MappingNode) and _type(value) in (None, _type(known[1])):
            value = _over(known[1], value)
        kept[key.text] = (key, value)
    return replace(under, entries=tuple(kept.values()))


def _type(node: Node) -> str | None:
    found = scalar(node, "type") if isinstance(node, MappingNode) else None
    return found.text if found else None


def node_of(value: Any, place: Place) -> Any:
    """Plain values as nodes that all stand at `place`; nodes stay as they are."""
    if isinstance(value, (ScalarNode, ListNode, MappingNode)):
        return value
    if isinstance(value, Mapping):
        return MappingNode(
            place,
            tuple(
                (ScalarNode(place, str(key), str(key)), node_of(each, place)) for key, each in value.items()
            ),
        )
    if isinstance(value, (list, tuple)):
        return ListNode(place, tuple(node_of(each, place) for each in value))
    written = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return ScalarNode(place, written, value)
