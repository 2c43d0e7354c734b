"""An overlay laid over the app that it extends: what it adds, changes and hides, each part at its place.

Mappings are laid over one another key by key; any other value of the overlay takes the place of the base's.
What the overlay names and the base does not have is new when it is whole, and a problem when it is not: then
the base has removed or renamed what the overlay changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine.definition.language import THINGS
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode
from engine.definition.things import collected_at, noun, thing_at
from engine.problems import Place, Problem, unknown
from engine.text import Message, say

HEAD = ("app", "extends", "include", "was")
"""Keys of the overlay's file that are about itself."""

LEFT_OUT = ("section", "view", "transition", "check", "dashboard", "card")
"""Things of which a hidden one is simply not there."""

IN_RECORDS = ("option", "stage", "role")
"""Things that cannot be hidden: records or people hold them."""

WHOLE = {
    "entity": ("fields", "schema"),
    "field": ("type",),
    "role": ("label",),
    "option": ("label",),
    "stage": ("label",),
    "rule": (),
    "field_rule": (),
}
"""Of which keys a new thing has to have one; others need those that the language asks of them."""

LIST_EDIT = ("add", "remove", "after")
"""Keys of a mapping that an overlay writes where the base has a list."""


@dataclass(slots=True)
class _Laying:
    base: str
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def refuse(self, place: Place, message: Message) -> None:
        self.problems.append(Problem(place, message))


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The app as the overlay makes it, and what is wrong with the overlay; `lost` could not be laid over."""

    root: MappingNode
    problems: tuple[Problem, ...]
    lost: frozenset[str]


def overlaid(base: MappingNode, overlay: MappingNode, name: str) -> Overlaid:
    """The tree of the app `name` with the overlay's parts."""
    laying = _Laying(name)
    if was := overlay.key("was"):
        laying.refuse(was.place, say("An overlay cannot rename the app that it extends; leave 'was' out."))
    root = _mapping(laying, (), base, overlay.without(*HEAD))
    return Overlaid(root, tuple(laying.problems), frozenset(laying.lost))


def _laid(laying: _Laying, path: tuple[str, ...], base: Node, over: Node) -> Node:
    if collected_at(path) == "option" and isinstance(over, MappingNode):
        base = _named(base)
    if isinstance(base, MappingNode) and isinstance(over, MappingNode):
        return _mapping(laying, path, base, over)
    if isinstance(base, ListNode) and isinstance(over, MappingNode):
        return _list(laying, base, over)
    return over


def _mapping(laying: _Laying, path: tuple[str, ...], base: MappingNode, over: MappingNode) -> MappingNode:
    kept = {key.text: (key, value) for key, value in base.entries}
    thing = collected_at(path) or _rule(path)
    for key, value in over.entries:
        here = (*path, key.text)
        found = kept.get(key.text)
        if found is None and thing is None and collected_at(here) and isinstance(value, MappingNode):
            # The base has none of these things any more, so that each has to be whole.
            added = _mapping(laying, here, MappingNode(base.place), value)
            if added.entries:
                kept[key.text] = (key, replace(added, place=value.place))
        elif found is None:
            if thing is None or _is_whole(laying, thing, key, value, base):
                kept[key.text] = (key, value)
        elif thing in LEFT_OUT and _hides(value):
            del kept[key.text]
        elif thing in IN_RECORDS and _hides(value):
            laying.refuse(key.place, _in_use(thing, key.text))
        elif isinstance(value, ScalarNode) and value.value is None:
            if thing is None:
                del kept[key.text]
        else:
            kept[key.text] = (found[0], _laid(laying, here, found[1], value))
    return replace(base, entries=tuple(kept.values()))


def _rule(path: tuple[str, ...]) -> str | None:
    """Rules stand beside the key `fields` in `access`, which is no collection of things alone."""
    return "rule" if thing_at(path) == "access" else None


def _hides(value: Node) -> bool:
    hidden = value.get("hidden") if isinstance(value, MappingNode) else None
    return isinstance(hidden, ScalarNode) and hidden.value is True


def _in_use(thing: str, name: str) -> Message:
    return say(
        "The {thing} '{name}' may be in use, so an overlay cannot hide it; change its label instead.",
        thing=noun(thing),
        name=name,
    )


def _is_whole(laying: _Laying, thing: str, key: ScalarNode, value: Node, base: MappingNode) -> bool:
    """Whether a part that the base does not have can stand alone; a problem says so if it cannot."""
    needed = WHOLE.get(thing, THINGS[thing].required)
    has = {name.text for name, _ in value.entries} if isinstance(value, MappingNode) else set()
    if not needed or (has & set(needed) and all("type" in names for names in _keys_of_fields(value))):
        return True
    laying.lost.add(key.text)
    if renamed := _renamed(base, key.text):
        laying.refuse(
            key.place,
            say(
                "'{base}' calls the {thing} '{name}' now '{new}' (at {place}); change that one.",
                base=laying.base,
                thing=noun(thing),
                name=key.text,
                new=renamed.text,
                place=str(renamed.place),
            ),
        )
        return False
    sentence = say(
        "'{base}' has no {thing} '{name}' (its own stand at {place}), so that this overlay cannot change it. "
        "Take it out here, or write '{key}' to add one.",
        base=laying.base,
        thing=noun(thing),
        name=key.text,
        place=str(base.place),
        key=needed[0],
    )
    laying.refuse(key.place, unknown(sentence, key.text, [name.text for name, _ in base.entries]))
    return False


def _keys_of_fields(value: Node) -> Iterator[set[str]]:
    """Of a new entity, the keys of each of its fields: without a type they were meant to change others."""
    fields = value.get("fields") if isinstance(value, MappingNode) else None
    for _, each in fields.entries if isinstance(fields, MappingNode) else ():
        yield {name.text for name, _ in each.entries} if isinstance(each, MappingNode) else set()


def _renamed(base: MappingNode, name: str) -> ScalarNode | None:
    """The part of the base that says it had this name before."""
    for key, value in base.entries:
        was = value.get("was") if isinstance(value, MappingNode) else None
        if isinstance(was, ScalarNode) and was.text == name:
            return key
    return None


def _named(base: Node) -> Node:
    """A list of names as a mapping of things that say nothing more."""
    if not isinstance(base, ListNode):
        return base
    names = [each for each in base.items if isinstance(each, ScalarNode)]
    return MappingNode(base.place, tuple((each, ScalarNode(each.place, "", None)) for each in names))


def _list(laying: _Laying, base: ListNode, over: MappingNode) -> ListNode:
    """A list of the base to which the overlay adds items, or from which it takes some."""
    items = list(base.items)
    for key, _ in over.entries:
        if key.text not in LIST_EDIT:
            laying.refuse(
                key.place,
                unknown(
                    say(
                        "A list of the base is replaced by a list, or changed with 'add', 'after' and "
                        "'remove'; there is no '{key}'.",
                        key=key.text,
                    ),
                    key.text,
                    LIST_EDIT,
                ),
            )
    for each in _items(over.get("remove")):
        at = _position(laying, items, each, base)
        if at is not None:
            del items[at]
    after = over.get("after")
    position = len(items)
    if isinstance(after, ScalarNode):
        found = _position(laying, items, after, base)
        position = position if found is None else found + 1
    items[position:position] = _items(over.get("add"))
    return replace(base, items=tuple(items))


def _items(node: Node | None) -> Sequence[Node]:
    if isinstance(node, ListNode):
        return node.items
    return () if node is None else (node,)


def _position(laying: _Laying, items: Sequence[Node], wanted: Node, base: ListNode) -> int | None:
    texts = [each.text if isinstance(each, ScalarNode) else "" for each in items]
    name = wanted.text if isinstance(wanted, ScalarNode) else ""
    if name in texts:
        return texts.index(name)
    sentence = say("The list at {place} has no '{name}'.", place=str(base.place), name=name)
    laying.refuse(wanted.place, unknown(sentence, name, texts))
    return None
