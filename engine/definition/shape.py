"""The first check of a file: its shape against the JSON Schema of the language, in sentences at their places.

What does not fit is cut out of the tree, so that the rest can be loaded and checked as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.definition.json_schema import definition_schema
from engine.definition.sentences import sentence, unknown_key
from engine.definition.source import ListNode, MappingNode, Node, plain
from engine.problems import Place, Problem

Path = tuple[str | int, ...]

ROUNDS = 8
"""How often the rest is looked at again: a thing that loses a key which it needs goes with it."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """A tree of which everything fits the language; `cut` holds the paths of what did not."""

    node: Node | None
    problems: tuple[Problem, ...]
    cut: frozenset[Path]


def check_shape(node: Node, thing: str = "app") -> Shaped:
    """`node` without what is not of the language; `thing` says what it is: an app or an included part."""
    schema = definition_schema()
    if thing != "app":
        schema = {"$ref": f"#/$defs/{thing}", "$defs": schema["$defs"]}
    validator = Draft202012Validator(schema)
    problems: tuple[Problem, ...] = ()
    cut: set[Path] = set()
    rest: Node | None = node
    for round_number in range(ROUNDS):
        if rest is None:
            break
        found = [each for error in validator.iter_errors(plain(rest)) for each in _findings(error, rest)]
        if not found:
            return Shaped(rest, problems, frozenset(cut))
        if round_number == 0:
            problems = tuple(each.problem for each in found)
        paths = {each.path for each in found}
        cut |= paths
        rest = _without(rest, paths)
    return Shaped(None, problems, frozenset({*cut, ()}))


@dataclass(frozen=True, slots=True)
class _Finding:
    path: Path
    problem: Problem


def _findings(error: ValidationError, root: Node) -> Iterator[_Finding]:
    """The mistakes that one error of the validator stands for."""
    path: Path = tuple(error.absolute_path)
    node = _at(root, path)
    if error.validator == "additionalProperties" and isinstance(node, MappingNode):
        known = error.schema["properties"]
        for key, _ in node.entries:
            if key.text not in known:
                message = unknown_key(error.schema, key.text)
                yield _Finding((*path, key.text), Problem(key.place, message))
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield _Finding(path, Problem(_key_place(root, path), sentence(error, key)))
                return
    elif "propertyNames" in error.absolute_schema_path and isinstance(node, MappingNode):
        name = node.key(str(error.instance))
        place = name.place if name else node.place
        yield _Finding((*path, str(error.instance)), Problem(place, sentence(error, str(error.instance))))
    elif error.validator == "uniqueItems" and isinstance(node, ListNode):
        twice = _twice(node)
        yield _Finding(path, Problem(twice.place, sentence(error, str(plain(twice)))))
    else:
        yield _Finding(path, Problem(node.place, sentence(error, _key(path))))


def _key(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _twice(node: ListNode) -> Node:
    """The first item that stands in the list before."""
    values: list[Any] = []
    for item in node.items:
        value = plain(item)
        if value in values:
            return item
        values.append(value)
    return node


def _at(node: Node, path: Sequence[str | int]) -> Node:
    for part in path:
        if isinstance(node, MappingNode):
            child = node.get(str(part))
            assert child is not None
            node = child
        elif isinstance(node, ListNode):
            node = node.items[int(part)]
    return node


def _key_place(root: Node, path: Path) -> Place:
    """Where the name of the thing at `path` stands; the first key of a file for the file itself."""
    if path and isinstance(path[-1], str):
        owner = _at(root, path[:-1])
        if isinstance(owner, MappingNode) and (key := owner.key(path[-1])):
            return key.place
    return _at(root, path).place


def _without(node: Node, paths: set[Path]) -> Node | None:
    """The tree without the values at these paths."""
    if () in paths:
        return None
    inner: Mapping[str | int, set[Path]] = {path[0]: set() for path in paths}
    for path in paths:
        inner[path[0]].add(path[1:])
    if isinstance(node, MappingNode):
        entries = []
        for key, value in node.entries:
            kept = _without(value, inner[key.text]) if key.text in inner else value
            if kept is not None:
                entries.append((key, kept))
        return replace(node, entries=tuple(entries))
    if isinstance(node, ListNode):
        kept_items = (
            _without(item, inner[position]) if position in inner else item
            for position, item in enumerate(node.items)
        )
        return replace(node, items=tuple(item for item in kept_items if item is not None))
    return node
