"""The check of loaded apps together: cross references, all formulas, and how they depend on one another."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.definition.check_actions import check_actions
from engine.definition.check_cycles import check_dependencies, computed_fields, live_fields
from engine.definition.check_fields import check_entity
from engine.definition.check_formulas import check_formulas
from engine.definition.check_public_forms import check_public_forms
from engine.definition.check_references import check_reference
from engine.definition.check_shown import check_shown
from engine.definition.layers import name_taken
from engine.definition.load import SYSTEM, in_order, load_system_app, read_apps
from engine.definition.model import App, Entity
from engine.definition.references import Index
from engine.definition.world import all_entities, make_world
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.formula.world import World
from engine.problems import DefinitionRefused, Place, Problem
from engine.text import Message, Text

CHECKED_KEPT = 16
"""How many of the definitions that were checked last are kept: what is published is what was planned."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Apps without problems, `system` among them, with the checked form of each of their formulas.

    The same texts are the same object, so that what is made from it can be kept with it.
    """

    apps: Mapping[str, App]
    world: World
    formulas: Mapping[Expression, Formula]


def check_apps(apps: Mapping[str, App]) -> Checked:
    """These apps checked together; raises DefinitionRefused with all problems."""
    checked, problems = _check(apps)
    if problems:
        raise DefinitionRefused(problems)
    return checked


def check_texts(texts: Iterable[Mapping[str, str]]) -> Checked:
    """The apps of these texts (file → text, each its own file first), loaded and checked.

    Raises DefinitionRefused with the problems of loading and of checking together: what could be loaded is
    checked, and nothing is said twice about a name that was lost.
    """
    return _check_texts(tuple(tuple(each.items()) for each in texts))


@lru_cache(CHECKED_KEPT)
def _check_texts(texts: tuple[tuple[tuple[str, str], ...], ...]) -> Checked:
    apps: dict[str, App] = {}
    problems: list[Problem] = []
    lost: dict[str, frozenset[str]] = {}
    whole = True
    for loaded in read_apps(map(dict, texts)):
        problems += loaded.problems
        if loaded.app is None:
            whole = False
        elif loaded.app.name in apps:
            problems.append(Problem(loaded.app.place, name_taken(loaded.app.name)))
        else:
            apps[loaded.app.name] = loaded.app
            lost[loaded.app.name] = loaded.lost
    problems += _overlays_of_one_name(apps)
    if not whole:
        raise DefinitionRefused(in_order(problems))
    checked, found = _check(apps)
    problems += (
        each for each in found if not any(_is_about(each, apps[app], names) for app, names in lost.items())
    )
    if problems:
        raise DefinitionRefused(in_order(problems))
    return checked


def known_of(texts: Iterable[Mapping[str, str]]) -> Checked | None:
    """What is sound in the apps of these texts, whatever else is wrong; None when one cannot be read."""
    apps: dict[str, App] = {}
    for loaded in read_apps(texts):
        if loaded.app is None:
            return None
        apps.setdefault(loaded.app.name, loaded.app)
    return _check(apps)[0]


def _overlays_of_one_name(apps: Mapping[str, App]) -> Iterator[Problem]:
    """Apps and overlays are kept by their names, so each needs one of its own."""
    seen = set(apps)
    for app in apps.values():
        for name, texts in app.overlays.items():
            if name in seen:
                yield Problem(Place(next(iter(texts)), 1, 1), name_taken(name))
            seen.add(name)


def _check(apps: Mapping[str, App]) -> tuple[Checked, list[Problem]]:
    apps = apps if SYSTEM in apps else {SYSTEM: load_system_app(), **apps}
    entities = all_entities(apps.values())
    first = check_formulas(apps.values(), entities, make_world(apps.values(), entities))
    live = live_fields(computed_fields(entities, first.formulas))
    world = make_world(apps.values(), entities, live)
    second = check_formulas(apps.values(), entities, world) if live else first
    problems = [
        *_references(apps, entities, live),
        *(problem for entity in entities.values() for problem in check_entity(entity)),
        *(
            problem
            for entity in entities.values()
            for problem in check_actions(entity, entities, second.formulas)
        ),
        *second.problems,
        *(problem for entity in entities.values() for problem in check_public_forms(entity)),
        *check_shown(entities.values(), apps.values(), second.formulas),
        *check_dependencies(computed_fields(entities, second.formulas), live),
    ]
    return Checked(apps, world, second.formulas), list(in_order(problems))


def _references(
    apps: Mapping[str, App], entities: Mapping[str, Entity], live: frozenset[tuple[str, str]]
) -> Iterator[Problem]:
    index = Index(apps, entities, live)
    for app in apps.values():
        for reference in app.references:
            if not reference.entity or reference.entity in entities:
                message = check_reference(index, app, reference)
                if message:
                    yield Problem(reference.place, message)


def _is_about(problem: Problem, app: App, lost: frozenset[str]) -> bool:
    """Whether a problem names something of `app` that could not be loaded, which has its own problem."""
    named = {word for value in _values(problem.message) for word in re.findall(r"[a-z][a-z0-9_]*", value)}
    is_inside = isinstance(problem.where, Place) and _is_file_of(problem.where.file, app)
    return bool(named & lost) and (is_inside or app.name in named)


def _is_file_of(file: str, app: App) -> bool:
    """Whether the file belongs to the app or to an overlay of it, which may stand before its name."""
    overlays = ({*texts, *(f"{name}/{each}" for each in texts)} for name, texts in app.overlays.items())
    return file in app.texts or any(file in names for names in overlays)


def _values(message: Message | Text) -> Iterator[str]:
    if isinstance(message, Message):
        for value in message.parameters.values():
            if isinstance(value, (Message, Text)):
                yield from _values(value)
            else:
                yield str(value)
