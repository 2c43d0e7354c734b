"""What differs between two sets of definitions, in sentences: parts that came, went, were renamed or changed.

The trees of the definitions are compared, overlays laid over them, so that every key of the language is told,
with its old and its new value. What that means for data a plan tells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definition.layers import trees_of
from engine.definition.nodes import ListNode, MappingNode, Node, ScalarNode, plain
from engine.definition.things import Path, collected_at, noun, thing_at
from engine.definition.yaml_text import in_braces
from engine.fields.option import read_label
from engine.problems import Place
from engine.text import Message, Text, say

Apps = Mapping[str, Mapping[str, str]]
"""App or overlay → file → text."""

_EMPTY = MappingNode(Place("", 1, 1))

NOT_COMPARED = ("was", "include", "app")
"""Keys that say where a part comes from, not what it is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `kind` is added, removed, renamed, changed or moved; values are as they are written."""

    kind: str
    app: str
    path: Path
    sentence: Message
    before: str | None = None
    after: str | None = None

    def to_json(self, locale: str) -> dict[str, Any]:
        """The difference for programs."""
        return {
            "kind": self.kind,
            "app": self.app,
            "path": "/".join(self.path),
            "sentence": self.sentence.to(locale),
            "before": self.before,
            "after": self.after,
        }


def compare(before: Apps, after: Apps) -> list[Difference]:
    """What `after` says otherwise than `before`; nothing when only comments and the like differ."""
    old, new = trees_of(before.values()), trees_of(after.values())
    was = {name: _was(tree) for name, tree in new.items()}
    renamed = {name: former for name, former in was.items() if former in old and name not in old}
    found: list[Difference] = []
    for name, tree in old.items():
        if name not in new and name not in renamed.values():
            part = _part("app", name, tree, None)
            found.append(Difference("removed", name, (), say("Removes the {part}.", part=part)))
    for name, tree in new.items():
        known = old.get(renamed.get(name, name))
        part = _part("app", name, tree, None)
        if known is None:
            found.append(Difference("added", name, (), say("Adds the {part}.", part=part)))
            continue
        if name in renamed:
            found.append(_renamed(_Spot(name, (), part), renamed[name], name))
        found += _thing(_Spot(name, (), part), known, tree)
    return found


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the comparison is: in which app, at which path, and what a sentence calls the part there."""

    app: str
    path: Path
    part: Message
    inside: Path = ()
    """The keys from the part to here: `label.zh` is inside a field."""

    def below(self, key: str) -> "_Spot":
        return _Spot(self.app, (*self.path, key), self.part, (*self.inside, key))


def _thing(spot: _Spot, before: MappingNode, after: MappingNode) -> Iterator[Difference]:
    """The differences of one thing, or of a mapping that belongs to it."""
    for key in _keys(before, after):
        if key in NOT_COMPARED:
            continue
        old, new = before.get(key), after.get(key)
        here = spot.below(key)
        thing = collected_at(here.path)
        if thing_at(here.path) == "rule":
            yield from _member(spot, "rule", key, old, new)
        elif thing:
            yield from _collection(here, thing, _named(old), _named(new))
        elif isinstance(old, MappingNode) and isinstance(new, MappingNode):
            yield from _thing(here, old, new)
        elif thing_at(here.path) and (old is None or new is None):
            yield from _thing(here, _mapping(old), _mapping(new))
        else:
            yield from _value(here, old, new)


def _collection(spot: _Spot, thing: str, before: MappingNode, after: MappingNode) -> Iterator[Difference]:
    renamed = {
        key.text: was
        for key, value in after.entries
        if (was := _was(value)) and before.get(was) and not before.get(key.text) and not after.get(was)
    }
    for key, value in before.entries:
        if after.get(key.text) is None and key.text not in renamed.values():
            yield from _member(spot, thing, key.text, value, None)
    for key, value in after.entries:
        old = before.get(renamed.get(key.text, key.text))
        if key.text in renamed:
            here = _Spot(spot.app, (*spot.path, key.text), _part(thing, key.text, value, spot.part))
            yield _renamed(here, renamed[key.text], key.text)
        yield from _member(spot, thing, key.text, old, value)
    stay = [renamed.get(key.text, key.text) for key, _ in after.entries]
    stood = [key.text for key, _ in before.entries]
    if [name for name in stood if name in stay] != [name for name in stay if name in stood]:
        sentence = say(
            "Puts '{key}' of the {part} in another order.", key=".".join(spot.inside), part=spot.part
        )
        yield Difference("moved", spot.app, spot.path, sentence)


def _member(spot: _Spot, thing: str, name: str, old: Node | None, new: Node | None) -> Iterator[Difference]:
    stands = new if new is not None else old
    assert stands is not None
    here = _Spot(spot.app, (*spot.path, name), _part(thing, name, stands, spot.part))
    if old is None:
        sentence = say("Adds the {part}.", part=here.part)
        yield Difference("added", here.app, here.path, sentence, after=_written(new))
    elif new is None:
        sentence = say("Removes the {part}.", part=here.part)
        yield Difference("removed", here.app, here.path, sentence, before=_written(old))
    else:
        yield from _thing(here, _mapping(old), _mapping(new))


def _value(spot: _Spot, old: Node | None, new: Node | None) -> Iterator[Difference]:
    before, after = _plain(old), _plain(new)
    if _same(before, after):
        return
    key = ".".join(spot.inside)
    sentence: Message
    if old is None:
        sentence = say("The {part}: '{key}' is {new} now.", part=spot.part, key=key, new=_shown(after))
    elif new is None:
        sentence = say(
            "The {part}: '{key}' was {old} and is no longer given.",
            part=spot.part,
            key=key,
            old=_shown(before),
        )
    elif isinstance(before, list) and isinstance(after, list) and _are_words([*before, *after]):
        sentence = _lists(spot, key, before, after)
    else:
        sentence = say(
            "The {part}: '{key}' was {old} and is {new}.",
            part=spot.part,
            key=key,
            old=_shown(before),
            new=_shown(after),
        )
    yield Difference("changed", spot.app, spot.path, sentence, _written(old), _written(new))


def _lists(spot: _Spot, key: str, before: Sequence[str], after: Sequence[str]) -> Message:
    came = [each for each in after if each not in before]
    gone = [each for each in before if each not in after]
    names = {"part": spot.part, "key": key, "came": ", ".join(came), "gone": ", ".join(gone)}
    if came and gone:
        return say("The {part}: '{key}' gains {came} and loses {gone}.", **names)
    if came:
        return say("The {part}: '{key}' gains {came}.", **names)
    if gone:
        return say("The {part}: '{key}' loses {gone}.", **names)
    return say("The {part}: '{key}' is in another order: {now}.", **names, now=", ".join(after))


def _renamed(spot: _Spot, old: str, new: str) -> Difference:
    sentence = say("Renames '{old}' to '{new}': the {part}.", old=old, new=new, part=spot.part)
    return Difference("renamed", spot.app, spot.path, sentence, old, new)


def _part(thing: str, name: str, node: Node, owner: Message | None) -> Message:
    """“field Amount of entity Deal of app CRM”, shortened: what holds an entity goes without saying."""
    label = node.get("label") if isinstance(node, MappingNode) else None
    called: Text | str = name if thing in ("rule", "field_rule") else read_label(name, _plain(label))
    if owner is None or thing in ("entity", "role"):
        return say("{thing} {name}", thing=noun(thing), name=called)
    return say("{thing} {name} of the {owner}", thing=noun(thing), name=called, owner=owner)


def _keys(before: MappingNode, after: MappingNode) -> list[str]:
    """The keys of both, those of the newer first."""
    names = [key.text for key, _ in after.entries]
    return names + [key.text for key, _ in before.entries if key.text not in names]


def _was(node: Node) -> str | None:
    was = node.get("was") if isinstance(node, MappingNode) else None
    return was.text if isinstance(was, ScalarNode) else None


def _mapping(node: Node | None) -> MappingNode:
    """The node itself, or a mapping of nothing for what says nothing."""
    return node if isinstance(node, MappingNode) else _EMPTY


def _named(node: Node | None) -> MappingNode:
    """A collection; a list of options is one whose options say nothing more."""
    if isinstance(node, ListNode):
        names = [each for each in node.items if isinstance(each, ScalarNode)]
        return MappingNode(node.place, tuple((each, MappingNode(each.place)) for each in names))
    return _mapping(node)


def _plain(node: Node | None) -> Any:
    return None if node is None else plain(node)


def _same(first: Any, second: Any) -> bool:
    return bool(first == second) and isinstance(first, bool) == isinstance(second, bool)


def _are_words(values: Sequence[Any]) -> bool:
    return all(isinstance(each, str) for each in values)


def _written(node: Node | None) -> str | None:
    value = _plain(node)
    return value if value is None or isinstance(value, str) else in_braces(value)


def _shown(value: Any) -> Message | str:
    if isinstance(value, (dict, list)):
        return in_braces(value)
    if value is None:
        return say("nothing")
    return say("“{value}”", value=value) if isinstance(value, str) else in_braces(value)
