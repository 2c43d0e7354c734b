"""Where the apps name one of the things that they define: in formulas, lists, keys, and paths to people."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.definition.approval import SUBMITTER
from engine.definition.check import Checked
from engine.definition.check_shown import SHOWN_FIELDS
from engine.definition.model import App, Entity, Field, Reference
from engine.definition.references import USER, in_full
from engine.definition.world import all_entities, field_type
from engine.formula.mentions import Meant
from engine.problems import Place

Found = Iterator[tuple[int, Meant]]
"""Names in the text of a reference: the offset of each, and what it stands for."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A place where a definition of `app` names something; `clear` unless it stands for another thing too."""

    app: str
    place: Place
    meant: Meant
    clear: bool = True


def namings(checked: Checked) -> Iterator[Naming]:
    """Every place where the apps name a field, an entity, an option, a role or a transition."""
    entities = all_entities(checked.apps.values())
    # Without a title an entity has its first field, which is named nowhere.
    unwritten = {each.title for each in entities.values() if each.title.place == each.place}
    for expression, formula in checked.formulas.items():
        if expression not in unwritten:
            for mention in formula.mentions:
                at = expression.place_of(mention.at)
                yield Naming(formula.scope.app, at, mention.meant, mention.clear)
    for app in checked.apps.values():
        for reference in app.references:
            yield from _of_reference(checked, entities, app, reference)


def _of_reference(
    checked: Checked, entities: Mapping[str, Entity], app: App, reference: Reference
) -> Iterator[Naming]:
    place, entity = reference.place, reference.entity
    if reference.record:
        formula = checked.formulas.get(reference.record)
        entity = formula.type.entity or "" if formula else ""
    found = list(READERS.get(reference.kind, _field)(_Known(entities, app, entity), reference))
    for offset, meant in found:
        at = Place(place.file, place.line, place.column + offset)
        shared = reference.kind == "filter_field" and len(found) > 1
        yield Naming(app.name, at, meant, clear=not shared)


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is, and where a reference was written."""

    entities: Mapping[str, Entity]
    app: App
    entity: str


def _field(known: _Known, reference: Reference) -> Found:
    name = reference.name.removeprefix("-")
    yield len(reference.name) - len(name), Meant("field", known.entity, name)


def _field_of_new(_: _Known, reference: Reference) -> Found:
    yield 0, Meant("field", reference.detail, reference.name)


def _filter(known: _Known, reference: Reference) -> Found:
    for key in reference.detail.split():
        if key in known.entities and reference.name in known.entities[key].fields:
            yield 0, Meant("field", key, reference.name)


def _in_app(kind: str) -> Callable[[_Known, Reference], Found]:
    """Something of an app, written `deal` or `crm.deal`; roles also `role:sales`."""

    def read(known: _Known, reference: Reference) -> Found:
        bare = reference.name.removeprefix("role:").lstrip()
        app, _, name = in_full(known.app, bare).partition(".")
        yield len(reference.name) - len(name), Meant(kind, app, name)

    return read


def _stage(known: _Known, reference: Reference) -> Found:
    yield 0, Meant("option", f"{known.entity}.stage", reference.name)


def _option(known: _Known, reference: Reference) -> Found:
    yield 0, Meant("option", f"{known.entity}.{reference.detail}", reference.name)


def _transition(known: _Known, reference: Reference) -> Found:
    yield 0, Meant("transition", known.entity, reference.name)


def _people(known: _Known, reference: Reference) -> Found:
    """A path to people, which may begin with the submitter."""
    entity = known.entities.get(known.entity)
    first, dot, rest = reference.name.partition(".")
    if first == SUBMITTER and entity and SUBMITTER not in entity.fields:
        yield from _path(known, USER, rest, len(first + dot))
    else:
        yield from _path(known, known.entity, reference.name, 0)


def _path(known: _Known, key: str, path: str, offset: int) -> Found:
    for name in path.split("."):
        field = known.entities[key].fields.get(name) if key in known.entities else None
        if field is None:
            return
        yield offset, Meant("field", key, name)
        key, offset = _target(field), offset + len(name) + 1


def _target(field: Field) -> str:
    """The entity that a field leads to."""
    type_ = field_type(field)
    return (type_.element.entity if type_.element else type_.entity) or ""


def _weights(known: _Known, reference: Reference) -> Found:
    yield from _path(known, known.entity, reference.name, 0)


def _subflow(known: _Known, reference: Reference) -> Found:
    """A link, or several, and a transition of the entity to which they lead."""
    path, _, name = reference.name.rpartition(".")
    found = list(_path(known, known.entity, path, 0))
    yield from found
    if found:
        last = found[-1][1]
        key = _target(known.entities[last.owner].fields[last.name])
        yield len(path) + 1, Meant("transition", key, name)


READERS: Mapping[str, Callable[[_Known, Reference], Found]] = {
    **dict.fromkeys(("option_to", "option_of", "parent", "form_entity", "action_entity"), _in_app("entity")),
    **dict.fromkeys(("role", "principal_role"), _in_app("role")),
    **dict.fromkeys(SHOWN_FIELDS, _field),
    "principal": _people,
    "approver": _people,
    "weights": _weights,
    "subflow": _subflow,
    "filter_field": _filter,
    "action_field": _field_of_new,
    "stage": _stage,
    "option": _option,
    "transition": _transition,
    "transition_there": _transition,
}
"""Kind of reference → how its names are read; every other kind names a field of its entity."""
