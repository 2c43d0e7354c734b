"""Edits of a definition by path and value, and what each of them means for the values of the definition."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.definition.language import THINGS
from engine.definition.things import Path, thing_at
from engine.problems import Refused, unknown
from engine.text import say

END = "-"
"""The place behind the last item of a list (as in RFC 6901)."""


class EditRefused(Refused):
    """The text does not allow the edit; it is as it was."""


@dataclass(frozen=True, slots=True)
class Set:
    """Gives the part at `path` this value; what is missing on the way to it is added."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Add:
    """Adds a part that is not there yet, before its sibling `before` or as the last one.

    Into a list: the last word of the path is the number before which the item goes, or `-`.
    """

    path: Path
    value: Any
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Puts a part before its sibling `before`, or at the end; `to` is another collection that takes it."""

    path: Path
    before: str | None = None
    to: Path | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Gives a part another name and states it with `was:` where the language has that.

    `was` is the name under which it was published, when that is not the present one. The path () is the
    app itself.
    """

    path: Path
    name: str
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes a part out."""

    path: Path


@dataclass(frozen=True, slots=True)
class Relabel:
    """Changes the key of a part and nothing else: what a Rename is made of, with a Set of `was`."""

    path: Path
    name: str


Edit = Set | Add | Move | Rename | Remove
Step = Set | Add | Move | Relabel | Remove
"""What one edit of the text does at a time."""
Tree = dict[str, Any] | list[Any]


def steps_of(tree: Tree, edit: Edit) -> list[Step]:
    """The steps that an edit consists of."""
    if isinstance(edit, Rename):
        return _renaming(tree, edit)
    if isinstance(edit, Move) and edit.to is not None:
        inside = collection(tree, edit.path[:-1])
        value = list(values(inside))[position(inside, edit.path)]
        return [Remove(edit.path), Add((*edit.to, edit.path[-1]), value, edit.before)]
    if isinstance(edit, Set) or (isinstance(edit, Add) and _value_at(tree, edit.path[:-1]) is None):
        return [Set(edit.path, exact(edit.value))]
    return [Add(edit.path, exact(edit.value), edit.before)] if isinstance(edit, Add) else [edit]


def changed(tree: Tree, step: Step) -> Tree:
    """The values after a step; EditRefused when it is not possible. `tree` itself may be changed."""
    if not step.path:
        raise EditRefused(say("The path is empty: say which part is meant."))
    change: Callable[[Tree, Any], None] = CHANGES[type(step)]
    change(tree, step)
    return tree


def collection(tree: Tree, path: Path) -> Tree:
    """The mapping or list at `path`; EditRefused when there is something else or nothing."""
    inside: Any = tree
    for depth in range(len(path)):
        inside = list(values(inside))[position(inside, path[: depth + 1])]
        if not isinstance(inside, (dict, list)):
            at = "/".join(path[: depth + 1])
            raise EditRefused(say("'{path}' holds a single value; nothing can stand inside it.", path=at))
    found: Tree = inside
    return found


def values(inside: Tree) -> Iterable[Any]:
    """What a collection holds, in its order."""
    return inside if isinstance(inside, list) else inside.values()


def position(inside: Tree, path: Path) -> int:
    """Which part of the collection the last word of `path` names; EditRefused when there is none."""
    name = path[-1]
    if isinstance(inside, list):
        if name.isdigit() and int(name) < len(inside):
            return int(name)
    elif name in inside:
        return list(inside).index(name)
    where, known = "/".join(path[:-1]), list(inside) if isinstance(inside, dict) else []
    if not where:
        raise EditRefused(unknown(say("There is no '{name}'.", name=name), name, known))
    raise EditRefused(unknown(say("There is no '{name}' in '{where}'.", name=name, where=where), name, known))


def place_before(inside: Tree, path: Path, before: str | None) -> int:
    """The number before which something goes; the number of parts for the end."""
    return len(inside) if before is None else position(inside, (*path[:-1], before))


def place_of_new(inside: Tree, step: Add) -> int:
    """As place_before; an item of a list says itself where it goes."""
    name = step.path[-1]
    if isinstance(inside, dict) or step.before is not None or name == END:
        return place_before(inside, step.path, step.before)
    return len(inside) if name == str(len(inside)) else position(inside, step.path)


def nested(path: Path, value: Any) -> Any:
    """The value inside mappings for the parts of `path`."""
    for name in reversed(path):
        value = {name: value}
    return value


def exact(value: Any) -> Any:
    """The value with decimals for binary fractions, and with mappings and lists as dict and list."""
    if isinstance(value, Mapping):
        return {str(key): exact(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(each) for each in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def _value_at(tree: Any, path: Path) -> Any:
    """What stands at `path`; None for nothing."""
    for name in path:
        if isinstance(tree, list):
            tree = tree[int(name)] if name.isdigit() and int(name) < len(tree) else None
        else:
            tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _renaming(tree: Tree, edit: Rename) -> list[Step]:
    if not edit.path:
        assert isinstance(tree, dict)
        return [Set(("app",), edit.name), *_stated((), tree, edit, str(tree.get("app")))]
    inside = collection(tree, edit.path[:-1])
    if isinstance(inside, list):
        raise EditRefused(
            say(
                "'{name}' is an item of a list and cannot be renamed there. Write the list as a mapping of "
                "names first.",
                name=str(inside[position(inside, edit.path)]),
            )
        )
    part = list(values(inside))[position(inside, edit.path)]
    renamed: list[Step] = [Relabel(edit.path, edit.name)]
    thing = thing_at(edit.path)
    if thing is None or "was" not in THINGS[thing].keys:
        return renamed
    return renamed + _stated((*edit.path[:-1], edit.name), part or {}, edit, edit.path[-1])


def _stated(path: Path, part: Mapping[str, Any], edit: Rename, present: str) -> list[Step]:
    """`was:` with the published name; taken out for a part that has that name again."""
    stated = part.get("was")
    former = edit.was or stated or present
    if former != edit.name:
        return [Set((*path, "was"), former)]
    return [Remove((*path, "was"))] if stated else []


def _set(tree: Tree, step: Set) -> None:
    inside: Any = tree
    for depth, name in enumerate(step.path):
        rest = step.path[depth + 1 :]
        if isinstance(inside, list):
            if name == END:
                inside.append(nested(rest, step.value))
                return
            key: Any = position(inside, step.path[: depth + 1])
        elif isinstance(inside, dict):
            key = name
        else:
            at = "/".join(step.path[:depth])
            raise EditRefused(say("'{path}' holds a single value; nothing can stand inside it.", path=at))
        is_there = isinstance(inside, list) or inside.get(key) is not None
        if not rest or not is_there:
            inside[key] = nested(rest, step.value)
            return
        inside = inside[key]


def _add(tree: Tree, step: Add) -> None:
    *above, name = step.path
    inside = collection(tree, tuple(above))
    at = place_of_new(inside, step)
    if isinstance(inside, list):
        inside.insert(at, step.value)
        return
    if name in inside:
        raise _taken(name)
    _rewrite(inside, [*list(inside.items())[:at], (name, step.value), *list(inside.items())[at:]])


def _move(tree: Tree, step: Move) -> None:
    inside = collection(tree, step.path[:-1])
    at, to = position(inside, step.path), place_before(inside, step.path, step.before)
    to -= at < to
    if isinstance(inside, list):
        inside.insert(to, inside.pop(at))
        return
    entries = list(inside.items())
    entries.insert(to, entries.pop(at))
    _rewrite(inside, entries)


def _relabel(tree: Tree, step: Relabel) -> None:
    inside = collection(tree, step.path[:-1])
    position(inside, step.path)
    assert isinstance(inside, dict)
    if step.name in inside:
        raise _taken(step.name)
    _rewrite(inside, [(step.name if key == step.path[-1] else key, each) for key, each in inside.items()])


def _remove(tree: Tree, step: Remove) -> None:
    inside = collection(tree, step.path[:-1])
    at = position(inside, step.path)
    if len(step.path) == 1 and len(inside) == 1:
        raise EditRefused(say("Without '{name}' nothing would be left.", name=step.path[0]))
    if isinstance(inside, list):
        inside.pop(at)
    else:
        inside.pop(step.path[-1])


def _rewrite(inside: dict[str, Any], entries: Iterable[tuple[str, Any]]) -> None:
    kept = list(entries)
    inside.clear()
    inside.update(kept)


def _taken(name: str) -> EditRefused:
    return EditRefused(say("There is already something called '{name}' beside it.", name=name))


CHANGES: Mapping[type, Callable[[Tree, Any], None]] = {
    Set: _set,
    Add: _add,
    Move: _move,
    Relabel: _relabel,
    Remove: _remove,
}
