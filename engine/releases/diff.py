"""The differences between two sets of definitions. Pure: no database is asked.

A difference is a Change of one kind; plan.py knows for each kind what it means for a database that holds
data, and refusals.py which of them cannot be published. What is the same thing under another name renames.py
tells.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.definition.model import App, Entity, Field, Stage
from engine.releases.renames import Names, former, former_entities, former_fields, renames
from engine.releases.sameness import (
    FIELD_RULES,
    LIMITS,
    LOOKS,
    RULES,
    differ,
    layouts_differ,
    looks_differ,
    meaning,
    option_looks,
    options_of,
    other_options,
    stored_alike,
    target_of,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are the parts of the definitions that differ, None for nothing."""

    kind: str
    app: App
    entity: Entity | None = None
    field: Field | None = None
    before: Any = None
    after: Any = None


def diff(before: Mapping[str, App], after: Mapping[str, App], removed: Collection[str] = ()) -> list[Change]:
    """The changes from `before` to `after`. Apps that `after` does not name are left as they are.

    Those that are to be `removed` are taken out, with all that is in them.
    """
    entities = former_entities(before, after)
    apps = former(before, after)
    changes = [
        change for app in after.values() for change in _app(before.get(apps.get(app.name, "")), app, entities)
    ]
    return changes + [change for name in removed if name in before for change in _gone(before[name])]


def changed_calendars(before: Mapping[str, App], after: Mapping[str, App]) -> set[str]:
    """The calendars (in full) by which something else is counted than before."""
    old = {each.key: each.time for app in before.values() for each in app.calendars.values()}
    new = {each.key: each.time for app in after.values() for each in app.calendars.values()}
    return {key for key, time in new.items() if old.get(key) != time}


def _gone(app: App) -> Iterator[Change]:
    yield Change("app_removed", app, before=app)
    for entity in app.entities.values():
        yield Change("entity_removed", app, before=entity)


def _app(previous: App | None, app: App, entities: Names) -> Iterator[Change]:
    if previous is None:
        yield Change("app_added", app, after=app)
        previous = replace(app, entities={}, texts={})
    elif previous.name != app.name:
        yield Change("app_renamed", app, before=previous, after=app)
    if differ(previous, app, ("label", "icon", "hidden")):
        yield Change("app_shown", app, before=previous, after=app)
    if differ(previous, app, ("roles",)):
        yield Change("roles_changed", app, before=previous.roles, after=app.roles)
    if differ(previous, app, ("calendars",)):
        yield Change("calendars_changed", app, before=previous.calendars, after=app.calendars)
    names = former(previous.entities, app.entities)
    for name, gone in previous.entities.items():
        if name not in names.values():
            yield Change("entity_removed", app, before=gone)
    for name, entity in app.entities.items():
        if name not in names:
            yield Change("entity_added", app, entity, after=entity)
            continue
        old = previous.entities[names[name]]
        if old.key != entity.key:
            yield Change("entity_renamed", app, entity, before=old, after=entity)
        yield from _entity(app, old, entity, entities)


def _entity(app: App, before: Entity, after: Entity, entities: Names) -> Iterator[Change]:
    if before.parent != entities.get(after.parent or "", after.parent):
        yield Change("parent_changed", app, after, before=before.parent, after=after.parent)
    if before.workflow and not after.workflow:
        yield Change("workflow_removed", app, after, before=before.fields["stage"])
    names = former_fields(before, after, entities)
    for name, gone in before.fields.items():
        # What goes with a workflow or a parent is named there.
        if name not in names.values() and not gone.system:
            yield Change("field_removed", app, after, before=gone)
    for name, each in after.fields.items():
        if name not in names:
            yield Change("field_added", app, after, each, after=each)
            continue
        old = before.fields[names[name]]
        if old.name != name:
            yield Change("field_renamed", app, after, each, old, each)
        yield from _field(app, after, old, each, entities)
    if before.workflow and after.workflow:
        yield from _workflow(app, before, after)
    yield from _whole_entity(app, before, after)


def _whole_entity(app: App, before: Entity, after: Entity) -> Iterator[Change]:
    """One change for how the entity looks, one for its rules, one for its rights, however many parts."""
    names = former(before.fields, after.fields)
    common = [
        (before.fields[names[name]], each)
        for name, each in after.fields.items()
        if name in names and not each.system
    ]
    looks = [each for old, each in common if looks_differ(old, each) or option_looks(old, each)]
    if looks or differ(before, after, LOOKS) or layouts_differ(before, after, names):
        yield Change("entity_shown", app, after, before=before, after=after)
    ruled = [each for old, each in common if differ(old, each, FIELD_RULES) or other_options(old, each)]
    transitions = before.workflow and after.workflow and _transitions(before) != _transitions(after)
    if ruled or transitions or differ(before, after, RULES):
        yield Change("rules_changed", app, after, before=before, after=after)
    if differ(before, after, ("access",)):
        yield Change("access_changed", app, after, before=before.access, after=after.access)


def _transitions(entity: Entity) -> Any:
    return meaning(entity.workflow.transitions) if entity.workflow else None


def _field(app: App, entity: Entity, before: Field, after: Field, entities: Names) -> Iterator[Change]:
    def change(kind: str) -> Change:
        return Change(kind, app, entity, after, before, after)

    target = target_of(after)
    same_type = stored_alike(before, after)
    if not same_type:
        yield change("type_changed")
    if target_of(before) != entities.get(target or "", target):
        if same_type:
            yield change("target_changed")
    elif not after.system:
        yield from _options(app, entity, before, after)
    if before.retired != after.retired:
        yield change("field_retired" if after.retired else "field_restored")
    if differ(before, after, ("formula",)):
        yield change(_FORMULA_CHANGES[before.formula is not None, after.formula is not None])
    if before.freeze != after.freeze:
        yield change("freeze_added" if after.freeze else "thawed")
    if before.required != after.required:
        yield change("required_added" if after.required else "required_removed")
    if same_type and any(before.options.get(name) != after.options.get(name) for name in LIMITS):
        yield change("limits_changed")


_FORMULA_CHANGES = {
    (True, True): "formula_changed",
    (False, True): "became_computed",
    (True, False): "became_plain",
}


def _options(app: App, entity: Entity, before: Field, after: Field) -> Iterator[Change]:
    old, new = options_of(before), options_of(after)
    if not (old and new):
        return
    names = renames(old, new)
    for name, was in names.items():
        yield Change("option_renamed", app, entity, after, old[was], new[name])
    for name, gone in old.items():
        if name not in new and name not in names.values():
            yield Change("option_removed", app, entity, after, before=gone)
    for name, option in new.items():
        if name not in old and name not in names:
            yield Change("option_added", app, entity, after, after=option)


def _workflow(app: App, before: Entity, after: Entity) -> Iterator[Change]:
    assert before.workflow
    assert after.workflow
    old, new = before.workflow.stages, after.workflow.stages
    names = former(old, new)
    for name, gone in old.items():
        if name not in names.values():
            yield Change("stage_removed", app, after, before=gone)
    for name, stage in new.items():
        if name not in names:
            yield Change("stage_added", app, after, after=stage)
            continue
        was = old[names[name]]
        if was.name != name:
            yield Change("stage_renamed", app, after, before=was, after=stage)
        if not _only_renamed(was, stage):
            kind = "thawed" if was.freeze and not stage.freeze else "stage_changed"
            yield Change(kind, app, after, before=was, after=stage)


def _only_renamed(before: Stage, after: Stage) -> bool:
    label = before.label if before.name == after.name else after.label
    return bool(meaning(replace(before, name=after.name, was=after.was, label=label)) == meaning(after))
