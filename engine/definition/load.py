"""Texts of one app → its App: read, merged, checked for shape, made into values; every problem collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from engine.definition.layers import LAYERS_KEPT, Layer, Texts, lay_over, layers_of, read_layer
from engine.definition.load_access import load_roles
from engine.definition.load_calendars import load_calendars
from engine.definition.load_dashboards import load_dashboards
from engine.definition.load_entity import load_entity
from engine.definition.load_prints import load_prints
from engine.definition.loading import Loading, entries, flag, label, scalar, text
from engine.definition.model import App
from engine.definition.nodes import MappingNode
from engine.definition.sentences import KeyPath
from engine.definition.shape import check_shape
from engine.problems import DefinitionRefused, Place, Problem, nearest, unknown
from engine.text import say

SYSTEM = "system"
OF_THE_SITE = frozenset(
    [
        "admin",
        "api",
        "dashboards",
        "files",
        "form",
        "healthz",
        "inbox",
        "notifications",
        "password",
        "profile",
        "readyz",
        "search",
        "static",
        "tokens",
    ]
)
"""Where addresses of the site itself begin: an app of that name would have pages that nobody reaches."""
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


def load_apps(texts: Iterable[Texts]) -> dict[str, App]:
    """The apps of these texts with their overlays; raises DefinitionRefused with all problems."""
    found = read_apps(texts)
    if problems := [problem for each in found for problem in each.problems]:
        raise DefinitionRefused(problems)
    return {each.app.name: each.app for each in found if each.app}


@cache
def load_system_app() -> App:
    """The app `system`: people and departments, which every workspace has; the same one every time."""
    return _whole(_read(read_layer({SYSTEM_FILE.name: SYSTEM_FILE.read_text(encoding="utf-8")}), ()))


def _whole(loaded: Loaded) -> App:
    if loaded.problems or loaded.app is None:
        raise DefinitionRefused(loaded.problems)
    return loaded.app


def read_app(texts: Texts) -> Loaded:
    """What can be loaded of these texts together with all problems."""
    (loaded,) = read_apps([texts])
    return loaded


def read_apps(texts: Iterable[Texts]) -> list[Loaded]:
    """What can be loaded of all these apps, each with the overlays among them that extend it.

    Several overlays of one app are laid over it in the order of their names.
    """
    apps, alone = layers_of(texts)
    loaded = [_own(_read(base, tuple(overlays))) for base, overlays in apps]
    names = [base.name for base, _ in apps if base.name]
    return loaded + [_without_app(each, names) for each in alone]


def _own(loaded: Loaded) -> Loaded:
    if loaded.app and loaded.app.name == SYSTEM:
        taken = Problem(
            loaded.app.place, say("The name 'system' is taken by Dougong's own app; choose another.")
        )
        return Loaded(None, (*loaded.problems, taken), loaded.lost)
    if loaded.app and loaded.app.name in OF_THE_SITE:
        sentence = say(
            "Addresses of the site itself begin with '{name}'; choose another name.", name=loaded.app.name
        )
        return Loaded(None, (*loaded.problems, Problem(loaded.app.place, sentence)), loaded.lost)
    return loaded


def _without_app(overlay: Layer, names: Iterable[str]) -> Loaded:
    assert overlay.extends
    if overlay.problems:
        return Loaded(None, in_order(overlay.problems))
    name = overlay.extends.text
    sentence = say(
        "There is no app '{name}' to extend: it is neither published nor among these files.", name=name
    )
    problem = Problem(overlay.extends.place, unknown(sentence, name, names))
    return Loaded(None, (problem,))


@lru_cache(LAYERS_KEPT)
def _read(base: Layer, overlays: tuple[Layer, ...]) -> Loaded:
    if base.root is None:
        unlaid = [problem for each in overlays for problem in each.problems]
        return Loaded(None, in_order([*base.problems, *unlaid]))
    laid = lay_over(base, overlays)
    shaped = check_shape(laid.root)
    problems = (*laid.problems, *shaped.problems)
    name = scalar(shaped.node, "app") if isinstance(shaped.node, MappingNode) else None
    if name is None or not isinstance(shaped.node, MappingNode):
        return Loaded(None, in_order(problems))
    loading = Loading(name.text, list(problems), lost={*laid.lost, *_lost(shaped.cut)})
    texts = {name: text for each in (base, *overlays) for name, text in each.texts.items()}
    app = replace(_app(loading, shaped.node, texts), texts=dict(base.texts))
    app = replace(app, overlays={each.name: dict(each.texts) for each in overlays if each.name})
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
    for key, each in entries(node.get("entities")):
        if key.text in entities:
            prints = load_prints(loading, each.get("print"), texts)
            entities[key.text] = replace(entities[key.text], prints=prints)
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
        dashboards=load_dashboards(loading, node.get("dashboards")),
        references=tuple(loading.references),
    )
