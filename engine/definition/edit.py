"""Changes the text of a definition by path and value; every character that the edit does not concern stays.

The visual designer, overlays and programs edit through this door. The text is never written anew from
values: an edit cuts along the positions of the parser (splice.py), so that comments, order, quotation marks
and blank lines of everything else are kept byte for byte. What comes out is read again and compared with
what the edit means, and then checked as any definition is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
import yaml

from engine.definition.check import check_texts
from engine.definition.cut import cuts
from engine.definition.edits import Edit, EditRefused, Rename, changed, steps_of
from engine.definition.files import is_template
from engine.definition.follow import confirm, followed
from engine.definition.source import read_source
from engine.definition.spans import MappingSpan, outline, read_spans
from engine.definition.splice import spliced
from engine.definition.things import Path
from engine.problems import DefinitionRefused, Problem, Stale
from engine.text import say

Texts = Mapping[str, str]
"""File → text: the app's own file first, then those that it names."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The texts after the edits, the names of those that changed, and the revision they have now."""

    texts: Texts
    changed: tuple[str, ...]
    revision: str
    problems: tuple[Problem, ...] = ()
    """What was wrong before the edits and still is."""


def revision_of(texts: Texts) -> str:
    """What identifies the texts: two have one revision only if they are the same in every character."""
    return sha256(orjson.dumps(dict(texts), option=orjson.OPT_SORT_KEYS)).hexdigest()


def edit(texts: Texts, based_on: str, edits: Sequence[Edit], beside: Iterable[Texts] = ()) -> Edited:
    """The texts of an app after all of these edits, in their order; each lands in the file of its part.

    `based_on` is the revision of the texts that the edits were thought for; `beside` are the other apps
    that the definition is checked with. Raises Stale when the texts are others now, EditRefused with a
    sentence when an edit is not possible, and DefinitionRefused with the problems that the edits would
    bring into the definition.
    """
    if based_on != revision_of(texts):
        raise Stale(
            say("The definition was changed since you began. Look at what it says now and edit it again.")
        )
    found, others = dict(texts), list(beside)
    for each in edits:
        if isinstance(each, Rename) and each.path:
            found = _renamed(found, each, others)
        else:
            file = home_of(found, each.path)
            found[file] = edited_text(file, found[file], each)
    problems = _problems([found, *others])
    if problems:
        known = {str(each.message) for each in _problems([texts, *others])}
        brought = [each for each in problems if str(each.message) not in known]
        if brought:
            raise DefinitionRefused(brought)
    different = tuple(name for name, text in found.items() if text != texts[name])
    return Edited(found, different, revision_of(found), tuple(problems))


def _renamed(texts: Texts, rename: Rename, beside: Sequence[Texts]) -> dict[str, str]:
    """The texts with another name for a part, also wherever they use it."""
    done = followed(texts, _app_of(texts), rename, beside)
    file = home_of(texts, rename.path)
    made = {**done.texts, file: edited_text(file, done.texts[file], rename)}
    confirm(done, made, rename, beside)
    return made


def _app_of(texts: Texts) -> str:
    """The app that the texts define, or extend."""
    file, text = next(iter(texts.items()))
    root = outline(_root(file, text))
    return str(root.get("extends") or root.get("app"))


def edited_text(file: str, text: str, edit: Edit) -> str:
    """One text after one edit, not checked as a definition; `file` is its name."""
    root = _root(file, text)
    for step in steps_of(outline(root), edit):
        expected = changed(outline(root), step)
        text = spliced(text, cuts(text, root, step))
        made = _tree(text)
        if made is None or _ordered(outline(made)) != _ordered(expected):
            raise EditRefused(
                say(
                    "'{path}' is written in a way that cannot be edited piece by piece: perhaps with '&' or "
                    "'*'. Edit the text of '{file}'.",
                    path="/".join(step.path),
                    file=file,
                )
            )
        root = made
    return text


def home_of(texts: Texts, path: Path) -> str:
    """The file that holds the part at `path`, or what is nearest above it; the app's own file else."""
    depths = {file: _depth(_root(file, text), path) for file, text in texts.items() if not is_template(file)}
    return max(depths, key=lambda file: depths[file])


def _depth(root: MappingSpan, path: Path) -> int:
    """How many words of the path lead somewhere."""
    found: Any = outline(root)
    for depth, name in enumerate(path):
        if not isinstance(found, dict) or name not in found:
            return depth
        found = found[name]
    return len(path)


def _root(file: str, text: str) -> MappingSpan:
    """The tree of a text; DefinitionRefused when it cannot be read."""
    found = _tree(text)
    if found is not None:
        return found
    raise DefinitionRefused(
        read_source(file, text).problems
        or [Problem(file, say("A definition is a mapping that begins with a key such as 'app:'."))]
    )


def _tree(text: str) -> MappingSpan | None:
    try:
        found = read_spans(text)
    except yaml.YAMLError:
        return None
    return found if isinstance(found, MappingSpan) else None


def _ordered(value: Any) -> Any:
    """The value for a comparison in which the order of keys counts, and true is not 1."""
    if isinstance(value, dict):
        return [(key, _ordered(each)) for key, each in value.items()]
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    return (isinstance(value, bool), value)


def _problems(texts: Sequence[Texts]) -> tuple[Problem, ...]:
    try:
        check_texts(texts)
    except DefinitionRefused as refused:
        return refused.problems
    return ()
