"""Where a step of an edit cuts a text: from a path to the splices that do it.

The step is possible: edits.py has looked at it before.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.definition.edits import (
    END,
    Add,
    Move,
    Relabel,
    Remove,
    Set,
    Step,
    nested,
    place_before,
    place_of_new,
)
from engine.definition.spans import ListSpan, MappingSpan, ScalarSpan, Span, outline
from engine.definition.splice import Collection, Splice, add, move, put, remove
from engine.definition.things import Path
from engine.definition.yaml_text import scalar


def cuts(text: str, root: MappingSpan, step: Step) -> Iterable[Splice]:
    """The splices that do a step to `text`, of which `root` is the tree."""
    cut: Callable[[str, MappingSpan, Any], Iterable[Splice]] = CUTS[type(step)]
    return cut(text, root, step)


def _set(text: str, root: MappingSpan, step: Set) -> Iterable[Splice]:
    inside: Collection = root
    for depth, name in enumerate(step.path):
        rest = step.path[depth + 1 :]
        at = _number(inside, name)
        if at is None:
            return _added(text, root, step.path[: depth + 1], nested(rest, step.value), None)
        part = _part(inside, at)
        if not rest or isinstance(part, ScalarSpan):
            return put(text, inside, at, nested(rest, step.value))
        inside = part
    raise AssertionError("the path is not empty")


def _add(text: str, root: MappingSpan, step: Add) -> Iterable[Splice]:
    inside = _at(root, step.path[:-1])
    return _added(text, root, step.path, step.value, place_of_new(outline(inside), step))


def _added(text: str, root: MappingSpan, path: Path, value: Any, at: int | None) -> Iterable[Splice]:
    inside = _at(root, path[:-1])
    assert not isinstance(inside, ScalarSpan)
    return add(text, inside, _count(inside) if at is None else at, path[-1], value)


def _move(text: str, root: MappingSpan, step: Move) -> Iterable[Splice]:
    inside = _at(root, step.path[:-1])
    assert not isinstance(inside, ScalarSpan)
    at = _number(inside, step.path[-1])
    assert at is not None
    return move(text, inside, at, place_before(outline(inside), step.path, step.before))


def _relabel(text: str, root: MappingSpan, step: Relabel) -> Iterable[Splice]:
    inside = _at(root, step.path[:-1])
    assert isinstance(inside, MappingSpan)
    at = inside.position(step.path[-1])
    assert at is not None
    key = inside.entries[at][0]
    return [Splice(key.begin, key.end, scalar(step.name, key.style))]


def _remove(text: str, root: MappingSpan, step: Remove) -> Iterable[Splice]:
    inside = _at(root, step.path[:-1])
    assert not isinstance(inside, ScalarSpan)
    at = _number(inside, step.path[-1])
    assert at is not None
    if _count(inside) > 1:
        return [remove(text, inside, at)]
    # A collection without anything in it is written as one: nothing at all would be another value.
    return _set(text, root, Set(step.path[:-1], [] if isinstance(inside, ListSpan) else {}))


CUTS: Mapping[type, Callable[[str, MappingSpan, Any], Iterable[Splice]]] = {
    Set: _set,
    Add: _add,
    Move: _move,
    Relabel: _relabel,
    Remove: _remove,
}


def _at(root: MappingSpan, path: Path) -> Span:
    found: Span = root
    for name in path:
        assert not isinstance(found, ScalarSpan)
        at = _number(found, name)
        assert at is not None
        found = _part(found, at)
    return found


def _number(inside: Collection, name: str) -> int | None:
    if isinstance(inside, MappingSpan):
        return inside.position(name)
    return None if name == END or int(name) >= len(inside.items) else int(name)


def _part(inside: Collection, at: int) -> Span:
    return inside.entries[at][1] if isinstance(inside, MappingSpan) else inside.items[at]


def _count(inside: Collection) -> int:
    return len(inside.entries) if isinstance(inside, MappingSpan) else len(inside.items)
