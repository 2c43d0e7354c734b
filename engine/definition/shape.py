"""The first check of a file: its shape against the JSON Schema of the language, in sentences at their places.

What does not fit is cut out of the tree, so that the rest can be loaded and checked as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jsonschema import Draft202012Validator

from engine.definition.json_schema import definition_schema
from engine.definition.nodes import ListNode, MappingNode, Node, plain
from engine.definition.sentences import KeyPath, Mistake, mistake_of, sentence, unknown_key
from engine.problems import Place, Problem

ROUNDS = 8
"""How often the rest is looked at again: a thing that loses a key which it needs goes with it."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """A tree of which everything fits the language; `cut` holds the paths of what did not."""

    node: Node | None
    problems: tuple[Problem, ...]
    cut: frozenset[KeyPath]


def check_shape(node: Node, thing: str = "app") -> Shaped:
    """`node` without what is not of the language; `thing` says what it is: an app or an included part."""
    schema = definition_schema()
    if thing != "app":
        schema = {"$ref": f"#/$defs/{thing}", "$defs": schema["$defs"]}
    validator = Draft202012Validator(schema)
    problems: tuple[Problem, ...] = ()
    cut: set[KeyPath] = set()
    rest: Node | None = node
    for round_number in range(ROUNDS):
        if rest is None:
            break
        found = [
            each
            for error in validator.iter_errors(plain(rest))
            for each in _findings(mistake_of(error), rest)
        ]
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
    path: KeyPath
    problem: Problem


def _findings(mistake: Mistake, root: Node) -> Iterator[_Finding]:
    """What is wrong for people: often one thing, several for unknown keys."""
    path, value = mistake.path, mistake.value
    node = _at(root, path)
    if mistake.keyword == "additionalProperties" and isinstance(node, MappingNode):
        for key, _ in node.entries:
            if key.text not in mistake.schema["properties"]:
                yield _Finding((*path, key.text), Problem(key.place, unknown_key(mistake.schema, key.text)))
    elif mistake.keyword == "required":
        missing = next(key for key in mistake.wanted if key not in value)
        yield _Finding(path, Problem(_key_place(root, path), sentence(mistake, missing)))
    elif mistake.keyword == "not":
        yield _Finding(path, Problem(_key_place(root, path), sentence(mistake, _key(path))))
    elif mistake.is_name and isinstance(node, MappingNode):
        name = node.key(str(value))
        place = name.place if name else node.place
        yield _Finding((*path, str(value)), Problem(place, sentence(mistake, str(value))))
    elif mistake.keyword == "uniqueItems" and isinstance(node, ListNode):
        twice = _twice(node)
        yield _Finding(path, Problem(twice.place, sentence(mistake, str(plain(twice)))))
    else:
        yield _Finding(path, Problem(node.place, sentence(mistake, _key(path))))


def _key(path: KeyPath) -> str:
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


def _key_place(root: Node, path: KeyPath) -> Place:
    """Where the name of the thing at `path` stands; the first key of a file for the file itself."""
    if path and isinstance(path[-1], str):
        owner = _at(root, path[:-1])
        if isinstance(owner, MappingNode) and (key := owner.key(path[-1])):
            return key.place
    return _at(root, path).place


def _without(node: Node, paths: set[KeyPath]) -> Node | None:
    """The tree without the values at these paths."""
    if () in paths:
        return None
    inner: Mapping[str | int, set[KeyPath]] = {path[0]: set() for path in paths}
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
