"""Texts of one app → its App: read, merged, checked for shape, made into values; every problem collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.definition.files import merged
from engine.definition.load_access import load_roles
from engine.definition.load_calendars import load_calendars
from engine.definition.load_entity import load_entity
from engine.definition.loading import Loading, entries, flag, label, scalar, text
from engine.definition.model import App
from engine.definition.nodes import MappingNode
from engine.definition.sentences import KeyPath
from engine.definition.shape import check_shape
from engine.problems import DefinitionRefused, Place, Problem, nearest
from engine.text import say

SYSTEM = "system"
STRUCTURE = ("fields", "schema", "workflow", "parent")
SYSTEM_FILE = Path(__file__).parent / "system_app.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be loaded of an app, what is wrong, and the names that were lost on the way."""

    app: App | None
    problems: tuple[Problem, ...]
    lost: frozenset[str] = frozenset()


def load_app(texts: Mapping[str, str]) -> App:
    """The app of these texts (file → text, its own first); raises DefinitionRefused with all problems."""
    return _whole(read_app(texts))


def load_system_app() -> App:
    """The app `system`: people and departments, which every workspace has."""
    return _whole(_read({SYSTEM_FILE.name: SYSTEM_FILE.read_text(encoding="utf-8")}))


def _whole(loaded: Loaded) -> App:
    if loaded.problems or loaded.app is None:
        raise DefinitionRefused(loaded.problems)
    return loaded.app


def read_app(texts: Mapping[str, str]) -> Loaded:
    """What can be loaded of these texts together with all problems."""
    loaded = _read(texts)
    if loaded.app and loaded.app.name == SYSTEM:
        taken = Problem(
            loaded.app.place, say("The name 'system' is taken by Dougong's own app; choose another.")
        )
        return Loaded(None, (*loaded.problems, taken), loaded.lost)
    return loaded


def _read(texts: Mapping[str, str]) -> Loaded:
    tree = merged(texts)
    if tree.root is None:
        return Loaded(None, in_order(tree.problems))
    shaped = check_shape(tree.root)
    problems = (*tree.problems, *shaped.problems)
    name = scalar(shaped.node, "app") if isinstance(shaped.node, MappingNode) else None
    if name is None or not isinstance(shaped.node, MappingNode):
        return Loaded(None, in_order(problems))
    loading = Loading(name.text, list(problems), lost={*tree.lost, *_lost(shaped.cut)})
    app = _app(loading, shaped.node, texts)
    return Loaded(app, in_order(loading.problems), frozenset(loading.lost))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems file by file in the order of the text; of several at one place the first that was found."""
    at: dict[Place | str, Problem] = {}
    for problem in problems:
        at.setdefault(problem.where, problem)
    return tuple(sorted(at.values(), key=_position))


def _position(problem: Problem) -> tuple[str, int, int]:
    where = problem.where
    return (where.file, where.line, where.column) if isinstance(where, Place) else (where, 0, 0)


def _lost(cut: frozenset[KeyPath]) -> set[str]:
    """The names that went with what was cut out; an entity without fields or stages is not known either."""
    lost = {str(path[-1]) for path in cut if path}
    keys = (path for path in cut if len(path) == 3 and path[0] == "entities")
    return lost | {str(entity) for _, entity, key in keys if nearest(str(key), STRUCTURE)}


def _app(loading: Loading, node: MappingNode, texts: Mapping[str, str]) -> App:
    name = node.key("app")
    written = scalar(node, "app")
    assert name is not None
    assert written is not None
    labels = {loading.in_full(key.text): label(key, each) for key, each in entries(node.get("entities"))}
    found = (load_entity(loading, key, each, labels) for key, each in entries(node.get("entities")))
    entities = {each.name: each for each in found if each}
    return App(
        name=written.text,
        label=label(written, node),
        place=written.place,
        icon=text(node, "icon"),
        roles=load_roles(loading, node.get("roles")),
        entities=entities,
        texts=dict(texts),
        was=text(node, "was"),
        hidden=flag(node, "hidden"),
        calendars=load_calendars(loading, node.get("calendars"), texts),
        references=tuple(loading.references),
    )
