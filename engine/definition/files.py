"""The files of an app: read from disk with what they include, and merged into one tree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from engine.definition.json_schema import definition_schema
from engine.definition.language import THINGS
from engine.definition.loading import entries, items, scalar
from engine.definition.nodes import MappingNode, Node, ScalarNode
from engine.definition.schema_import import fields_from_schemas
from engine.definition.sentences import unknown_key
from engine.definition.shape import Shaped, check_shape
from engine.definition.source import read_source
from engine.problems import DefinitionRefused, Place, Problem
from engine.text import say

COLLECTIONS = ("roles", "entities", "calendars")


@dataclass(frozen=True, slots=True)
class Merged:
    """One tree of all files of an app; `lost` are names that could not be read."""

    root: MappingNode | None
    problems: tuple[Problem, ...]
    lost: frozenset[str] = frozenset()


def read_files(paths: Iterable[Path]) -> Mapping[str, Mapping[str, str]]:
    """App file → {file: text} with its includes, as `load_app` takes them.

    Files are named from the folder of the app's own file. Raises DefinitionRefused for what cannot be read.
    """
    problems: list[Problem] = []
    found = {str(path): _with_includes(path, problems) for path in paths}
    if problems:
        raise DefinitionRefused(problems)
    return found


def _with_includes(path: Path, problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    waiting: list[tuple[str, Place]] = [(path.name, Place(str(path), 1, 1))]
    while waiting:
        name, place = waiting.pop(0)
        if name in texts:
            continue
        try:
            # Line ends and byte order marks are kept: a release holds what was written, byte for byte.
            texts[name] = (path.parent / name).read_bytes().decode("utf-8")
        except FileNotFoundError:
            problems.append(Problem(place, say("There is no file '{name}'.", name=name)))
        except IsADirectoryError:
            problems.append(Problem(place, say("'{name}' is a folder, not a file.", name=name)))
        except UnicodeDecodeError:
            problems.append(Problem(place, say("The file '{name}' is not UTF-8 text.", name=name)))
        except OSError as error:
            problems.append(
                Problem(
                    place,
                    say("The file '{name}' cannot be read: {reason}.", name=name, reason=str(error.strerror)),
                )
            )
        else:
            root = None if is_template(name) else read_source(name, texts[name]).root
            waiting += [(each.text, each.place) for each in _named_files(root) if is_beside(each.text)]
    return texts


def is_beside(name: str) -> bool:
    """Whether a file stands in the folder of the app's own file or below."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def holiday_files(calendar: MappingNode) -> Iterator[ScalarNode]:
    """The files that a calendar takes holidays from."""
    written = scalar(calendar, "holidays")
    for each in (written,) if written else items(calendar.get("holidays")):
        if each.text.endswith((".yaml", ".yml")):
            yield each


def print_files(node: MappingNode) -> Iterator[ScalarNode]:
    """The templates of the documents that an entity prints, one for each."""
    for _, value in node.entries:
        written = scalar(value, "template") if isinstance(value, MappingNode) else value
        if isinstance(written, ScalarNode):
            yield written


def is_template(name: str) -> bool:
    """Whether a file is the template of a document, which is no YAML."""
    return name.endswith((".html", ".jinja", ".j2"))


def _named_files(root: Node | None) -> Iterator[ScalarNode]:
    """The files that a file names: includes, JSON Schemas and templates of entities, holidays."""
    if isinstance(root, MappingNode):
        yield from items(root.get("include"))
        for _, entity in entries(root.get("entities")):
            if written := scalar(entity, "schema"):
                yield written
            if isinstance(prints := entity.get("print"), MappingNode):
                yield from print_files(prints)
        for _, calendar in entries(root.get("calendars")):
            yield from holiday_files(calendar)


def grouped(
    files: Mapping[str, str], published: Mapping[str, Mapping[str, str]] | None = None
) -> list[Mapping[str, str]]:
    """Files of any number of apps as `load_apps` takes them: each app's own file with those that it names.

    A file that is named and not given is taken from the `published` app of that name. Raises
    DefinitionRefused for a file that belongs to no app.
    """
    roots = {name: read_source(name, text).root for name, text in files.items() if not is_template(name)}
    own = [name for name, root in roots.items() if _begins_an_app(root)]
    found: list[Mapping[str, str]] = [
        _closure(name, files, _published_with(roots[name], published or {})) for name in own
    ]
    named = {each for texts in found for name in texts for each in (name, PurePosixPath(name).name)}
    if lost := [name for name in files if name not in named]:
        sentence = "'{name}' belongs to no app: it has no key 'app', and none of these files includes it."
        raise DefinitionRefused(Problem(Place(name, 1, 1), say(sentence, name=name)) for name in lost)
    return found


def _begins_an_app(root: Node | None) -> bool:
    return root is None or (isinstance(root, MappingNode) and bool(root.get("app") or root.get("extends")))


def _published_with(root: Node | None, published: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    name = scalar(root, "app") if isinstance(root, MappingNode) else None
    return published.get(name.text, {}) if name else {}


def _closure(own: str, files: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """A file with all that it names; a browser sends names without their folders."""
    texts: dict[str, str] = {}
    waiting = [own]
    while waiting:
        name = waiting.pop(0)
        known = files.get(name) or files.get(PurePosixPath(name).name) or others.get(name)
        if name in texts or known is None:
            continue
        texts[name] = known
        if not is_template(name):
            waiting += [each.text for each in _named_files(read_source(name, known).root)]
    return texts


@dataclass(slots=True)
class _Merging:
    texts: Mapping[str, str]
    shown: str
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    collected: dict[str, dict[str, tuple[ScalarNode, Node]]] = field(default_factory=dict)


def merged(texts: Mapping[str, str], shown: str = "") -> Merged:
    """The tree of an app: its own file, with what every file that it includes defines.

    `shown` stands before the names of files in places. What an overlay includes is checked when the overlay
    has been laid over its app: alone it is not whole.
    """
    merging = _Merging(texts, shown)
    main = next(iter(texts))
    root = _tree(merging, main)
    if root is None:
        return Merged(None, tuple(merging.problems))
    seen = {main}
    waiting = list(items(root.get("include")))
    _collect(merging, root)
    while waiting:
        name = waiting.pop(0)
        if name.text in seen or not _is_there(merging, name):
            continue
        seen.add(name.text)
        part = _tree(merging, name.text)
        overlay = root.get("extends") is not None
        shaped = (_known_keys(part) if overlay else check_shape(part, "part")) if part else None
        merging.problems += shaped.problems if shaped else ()
        if shaped and isinstance(shaped.node, MappingNode):
            merging.lost |= {str(path[-1]) for path in shaped.cut if path}
            waiting += items(shaped.node.get("include"))
            _collect(merging, shaped.node)
    return Merged(_put_together(merging, root), tuple(merging.problems), frozenset(merging.lost))


def _tree(merging: _Merging, name: str) -> MappingNode | None:
    source = read_source(merging.shown + name, merging.texts[name])
    merging.problems += source.problems
    if source.root is None:
        return None
    if not isinstance(source.root, MappingNode):
        merging.problems.append(
            Problem(
                source.root.place, say("A definition is a mapping that begins with a key such as 'app:'.")
            )
        )
        return None
    imported = fields_from_schemas(source.root, merging.texts)
    merging.problems += imported.problems
    merging.lost |= imported.lost
    return imported.root


def _known_keys(part: MappingNode) -> Shaped:
    """An included file of an overlay without keys that such a file does not have."""
    schema = definition_schema()["$defs"]["part"]
    wrong = [key for key, _ in part.entries if key.text not in THINGS["part"].keys]
    problems = tuple(Problem(key.place, unknown_key(schema, key.text)) for key in wrong)
    cut = frozenset((key.text,) for key in wrong)
    return Shaped(part.without(*(key.text for key in wrong)), problems, cut)


def _is_there(merging: _Merging, name: ScalarNode) -> bool:
    if not is_beside(name.text):
        message = say("'{name}' is not beside this file or in a folder below it.", name=name.text)
    elif name.text not in merging.texts:
        message = say("There is no file '{name}'.", name=name.text)
    else:
        return True
    merging.problems.append(Problem(name.place, message))
    return False


def _collect(merging: _Merging, root: MappingNode) -> None:
    """Add what one file defines; a name may occur in one file only."""
    for collection in COLLECTIONS:
        node = root.get(collection)
        if not isinstance(node, MappingNode):
            continue
        known = merging.collected.setdefault(collection, {})
        for key, value in node.entries:
            if key.text in known:
                earlier = known[key.text][0].place
                merging.problems.append(
                    Problem(
                        key.place,
                        say("'{name}' is already defined at {place}.", name=key.text, place=str(earlier)),
                    )
                )
            else:
                known[key.text] = (key, value)


def _put_together(merging: _Merging, root: MappingNode) -> MappingNode:
    kept: list[tuple[ScalarNode, Node]] = []
    for key, value in root.entries:
        if key.text in merging.collected:
            node = MappingNode(value.place, tuple(merging.collected.pop(key.text).values()))
            kept.append((key, node))
        else:
            kept.append((key, value))
    for collection, found in merging.collected.items():
        first = next(iter(found.values()), None)
        if first:
            key = ScalarNode(first[0].place, collection, collection)
            kept.append((key, MappingNode(first[0].place, tuple(found.values()))))
    return replace(root, entries=tuple(kept))
