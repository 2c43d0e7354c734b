"""What uses a thing that gets another name is written anew with that name, and nothing else is."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.definition.check import Checked, known_of
from engine.definition.edits import EditRefused, Rename
from engine.definition.naming import Naming, namings
from engine.definition.splice import Splice, spliced
from engine.definition.things import Path, thing_at
from engine.formula.mentions import Meant
from engine.problems import DefinitionRefused, Problem
from engine.text import say

Texts = Mapping[str, str]
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML counts as the end of a line."""
WRITTEN_BARE = re.compile(r"\w+")
"""Names that stand in YAML and in formulas without anything around them."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The texts of an app in which what used the old name uses the new one; its own key is as it was.

    `expected` are the places, counted by what they name under its new name; `formulas` how many were sound.
    """

    texts: Texts
    expected: Counter[Meant]
    formulas: int


def followed(texts: Texts, app: str, rename: Rename, beside: Sequence[Texts]) -> Followed:
    """The uses of what is renamed under its new name; `app` is that of the texts.

    Raises DefinitionRefused with the places that have to be changed by hand: those in other apps and
    overlays, and those that stand for something else as well.
    """
    checked = known_of([texts, *beside])
    meant = _meant(checked, app, rename.path) if checked else frozenset()
    old, new = rename.path[-1], rename.name
    if checked is None or not meant or not WRITTEN_BARE.fullmatch(new):
        # The check tells what is wrong with such a name.
        return Followed(texts, Counter(), 0)
    found = {each for each in namings(checked) if each.meant in meant}
    by_hand = sorted({each.place for each in found if not _is_free(texts, app, each, old)})
    if by_hand:
        sentence = say("'{old}' is used here too. Write '{new}' here in the same change.", old=old, new=new)
        raise DefinitionRefused(Problem(place, sentence) for place in by_hand)
    made = dict(texts)
    for file in {each.place.file for each in found}:
        begins = _line_begins(texts[file])
        places = {each.place for each in found if each.place.file == file}
        offsets = [begins[each.line - 1] + each.column - 1 for each in places]
        made[file] = spliced(texts[file], (Splice(at, at + len(old), new) for at in offsets))
    renamed = Counter(replace(each.meant, name=new) for each in found)
    already = Counter(each.meant for each in set(namings(checked)) if each.meant in renamed)
    return Followed(made, renamed + already, len(checked.formulas))


def confirm(done: Followed, texts: Texts, rename: Rename, beside: Sequence[Texts]) -> None:
    """Raises EditRefused when the new name means something else where it now stands, or the reverse.

    A definition in which formulas became unsound, or sound, is left to the check, which says what is wrong.
    """
    checked = known_of([texts, *beside]) if done.formulas else None
    if checked is None or len(checked.formulas) != done.formulas:
        return
    found = Counter(each.meant for each in set(namings(checked)) if each.meant in done.expected)
    if found != done.expected:
        raise EditRefused(
            say(
                "Where '{old}' is used, '{new}' would stand for something else; choose another name.",
                old=rename.path[-1],
                new=rename.name,
            )
        )


def _meant(checked: Checked, app: str, path: Path) -> frozenset[Meant]:
    """What the name at a path names; nothing for parts that nothing refers to, such as views."""
    thing = thing_at(path)
    named = MEANT.get(thing or "")
    found = {named(app, path)} if named else set()
    if thing == "entity":
        # The rows of an entity have a link to it that is called as it is.
        owner = f"{app}.{path[-1]}"
        found |= {
            Meant("field", each.key, path[-1])
            for other in checked.apps.values()
            for each in other.entities.values()
            if each.parent == owner
        }
    return frozenset(found)


MEANT: Mapping[str, Callable[[str, Path], Meant]] = {
    "role": lambda app, path: Meant("role", app, path[-1]),
    "entity": lambda app, path: Meant("entity", app, path[-1]),
    "field": lambda app, path: Meant("field", f"{app}.{path[1]}", path[-1]),
    "option": lambda app, path: Meant("option", f"{app}.{path[1]}.{path[3]}", path[-1]),
    "stage": lambda app, path: Meant("option", f"{app}.{path[1]}.stage", path[-1]),
    "transition": lambda app, path: Meant("transition", f"{app}.{path[1]}", path[-1]),
}


def _is_free(texts: Texts, app: str, naming: Naming, old: str) -> bool:
    """Whether the old name stands there in one of these texts, and stands for nothing else."""
    place = naming.place
    if not naming.clear or naming.app != app or place.file not in texts:
        return False
    begins = _line_begins(texts[place.file])
    at = begins[place.line - 1] + place.column - 1
    return re.compile(rf"{re.escape(old)}(?!\w)").match(texts[place.file], at) is not None


def _line_begins(text: str) -> list[int]:
    """Where each line begins; the first one behind a byte order mark, which no column counts."""
    return [len(text) - len(text.removeprefix("\ufeff")), *(each.end() for each in BREAK.finditer(text))]
