"""Cross references: every name in a definition that stands for something else must stand for something."""

from collections.abc import Callable, Mapping

from engine.definition.check_flows import FLOW_KINDS
from engine.definition.check_public_forms import public_field
from engine.definition.check_shown import SHOWN_FIELDS, filter_field
from engine.definition.model import App, Entity, Field, Reference
from engine.definition.references import USER, FieldCheck, Index, in_full, in_use, near
from engine.definition.world import field_type
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.formula.types import Kind
from engine.problems import unknown
from engine.text import Message, say

EVERYONE = "everyone"


def check_reference(index: Index, app: App, reference: Reference) -> Message | None:
    """What is wrong with one reference of `app`; None when it stands for something that fits."""
    return KINDS[reference.kind](index, app, reference)


def _entity(index: Index, app: App, reference: Reference) -> Message | None:
    if in_full(app, reference.name) in index.entities:
        return None
    return unknown(
        say("There is no entity '{name}'.", name=reference.name), reference.name, near(app, index.entities)
    )


def _parent(index: Index, app: App, reference: Reference) -> Message | None:
    if in_full(app, reference.name) == reference.entity:
        return say("An entity cannot be its own parent; for a hierarchy use 'tree' with a link to itself.")
    return _entity(index, app, reference)


def _child(index: Index, app: App, reference: Reference) -> Message | None:
    """`of` of a table: the entity must be a child of this one."""
    missing = _entity(index, app, reference)
    if missing:
        return missing
    child = index.entities[in_full(app, reference.name)]
    if child.parent == reference.entity:
        return None
    owner = reference.entity.removeprefix(f"{child.app}.")
    if child.parent is None:
        return say(
            "The rows of '{name}' belong to no record; write 'parent: {owner}' in it.",
            name=child.name,
            owner=owner,
        )
    return say(
        "The rows of '{name}' belong to {parent}, not to {owner}.",
        name=child.name,
        parent=child.parent,
        owner=owner,
    )


def _role(index: Index, app: App, reference: Reference) -> Message | None:
    name = reference.name.removeprefix("role:")
    full = in_full(app, name)
    if full not in index.roles:
        return unknown(say("There is no role '{name}'.", name=name), name, near(app, index.roles))
    if reference.detail:
        owner = in_full(app, reference.detail)
        circle = {owner, *(each for each in _included(index, owner) if owner in _included(index, each))}
        if full in circle and owner == min(circle):
            return say("The role '{name}' includes itself.", name=reference.detail)
    return None


def _included(index: Index, role: str) -> set[str]:
    """The roles that a role includes, near and far."""
    found: set[str] = set()
    waiting = [role]
    while waiting:
        app, _, name = waiting.pop().partition(".")
        owner = index.apps[app].roles.get(name) if app in index.apps else None
        new = set(owner.includes) - found if owner else set()
        found |= new
        waiting += new
    return found


def _principal(index: Index, app: App, reference: Reference) -> Message | None:
    """A path to a user field, `everyone` or `user:name`."""
    if reference.name == EVERYONE or reference.name.startswith("user:"):
        return None
    key, path = reference.entity, reference.name.split(".")
    for position, name in enumerate(path):
        entity = index.entities[key]
        field = entity.fields.get(name)
        if field is None or field.retired:
            known = [*in_use(entity), *([EVERYONE] if position == 0 else [])]
            return unknown(say("{entity} has no field '{name}'.", entity=key, name=name), name, known)
        type_ = field_type(field)
        if type_.kind is not Kind.LINK or type_.entity not in index.entities:
            return _no_person(reference.name)
        key = str(type_.entity)
    return None if key == USER else _no_person(reference.name)


def _no_person(name: str) -> Message:
    return say(
        "'{name}' does not lead to a person; name a user field, a role such as 'role:sales', or 'everyone'.",
        name=name,
    )


def _missing(index: Index, reference: Reference, name: str) -> Message | None:
    entity = index.entities[reference.entity]
    if name not in entity.fields:
        return unknown(
            say("{entity} has no field '{name}'.", entity=entity.key, name=name), name, in_use(entity)
        )
    if entity.fields[name].retired:
        return say("The field '{name}' is retired.", name=name)
    return None


def _of_field(check: FieldCheck) -> Callable[[Index, App, Reference], Message | None]:
    """The check of a reference to a field of the same entity, which fits when `check` has nothing to say."""

    def checked(index: Index, _: App, reference: Reference) -> Message | None:
        name = reference.name.removeprefix("-")
        missing = _missing(index, reference, name)
        if missing:
            return missing
        entity = index.entities[reference.entity]
        return check(index, entity, entity.fields[name], reference)

    return checked


def _in_the_clear(check: FieldCheck) -> FieldCheck:
    """The check of a field by whose values the database finds, orders, groups or counts records."""

    def checked(index: Index, entity: Entity, field: Field, reference: Reference) -> Message | None:
        if field.encrypted:
            return say(
                "'{name}' is encrypted; records cannot be sorted, grouped, totalled or indexed by it.",
                name=field.name,
            )
        return check(index, entity, field, reference)

    return checked


def _any_field(_: Index, __: Entity, ___: Field, ____: Reference) -> Message | None:
    return None


def _form_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field.name == "stage" and field.system:
        return say("The stage is shown above every form and changes only by transitions; leave 'stage' out.")
    return None


def _column(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if FIELD_TYPES[field.type].relation is Relation.ROWS:
        return say("A list cannot show '{name}': its values are rows of their own.", name=field.name)
    return None


def _sort_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if not FIELD_TYPES[field.type].sortable:
        return say(
            "Records cannot be sorted by '{name}', a field of type {type}.", name=field.name, type=field.type
        )
    return None


def _total(_: Index, __: Entity, field: Field, reference: Reference) -> Message | None:
    if reference.detail in ("sum", "avg") and not field_type(field).is_number:
        return say(
            "Only numbers have a {total}; '{name}' is of type {type}.",
            total=reference.detail,
            name=field.name,
            type=field.type,
        )
    if reference.detail in ("min", "max"):
        return _sort_field(_, __, field, reference)
    return None


def _stored_field(index: Index, entity: Entity, field: Field, _: Reference) -> Message | None:
    if FIELD_TYPES[field.type].column(field.options) is None:
        return say("'{name}' has no column of its own, so it cannot be unique or indexed.", name=field.name)
    if (entity.key, field.name) in index.live:
        return say(
            "'{name}' is computed when it is read, so it cannot be unique or indexed.", name=field.name
        )
    return None


def _tree_field(_: Index, entity: Entity, field: Field, __: Reference) -> Message | None:
    if FIELD_TYPES[field.type].target(field.options) == entity.key and field_type(field).kind is Kind.LINK:
        return None
    return say(
        "A hierarchy needs a link to {entity} itself; '{name}' is none.", entity=entity.key, name=field.name
    )


def _required_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field.formula:
        return say("'{name}' is computed; nobody can fill it.", name=field.name)
    return None


def _set_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field.formula:
        return say("'{name}' is computed and cannot be set.", name=field.name)
    if field.system:
        return say("'{name}' is written by Dougong itself and cannot be set.", name=field.name)
    if FIELD_TYPES[field.type].relation in (Relation.ROWS, Relation.MANY):
        return say("'{name}' has many values and cannot be set by a transition.", name=field.name)
    return None


def _stage(index: Index, _: App, reference: Reference) -> Message | None:
    entity = index.entities[reference.entity]
    if entity.workflow is None:
        return say(
            "{entity} has no workflow, so it has no stage '{name}'.", entity=entity.key, name=reference.name
        )
    if reference.name in entity.workflow.stages:
        return None
    sentence = say("{entity} has no stage '{name}'.", entity=entity.key, name=reference.name)
    return unknown(sentence, reference.name, entity.workflow.stages)


def _elsewhere(_: Index, __: App, ___: Reference) -> Message | None:
    """What the check of fields and of actions looks at; here it is only known where the name stands."""
    return None


KINDS: Mapping[str, Callable[[Index, App, Reference], Message | None]] = {
    **FLOW_KINDS,
    "option_to": _entity,
    "option_of": _child,
    "parent": _parent,
    "role": _role,
    "principal_role": _role,
    "principal": _principal,
    "field": _of_field(_any_field),
    "form_field": _of_field(_form_field),
    "column": _of_field(_column),
    "sort_field": _of_field(_in_the_clear(_sort_field)),
    "total": _of_field(_in_the_clear(_total)),
    "unique_field": _of_field(_in_the_clear(_stored_field)),
    "index_field": _of_field(_in_the_clear(_stored_field)),
    "tree_field": _of_field(_tree_field),
    **{kind: _of_field(_in_the_clear(check)) for kind, check in SHOWN_FIELDS.items()},
    "filter_field": filter_field,
    "public_field": _of_field(public_field),
    "required_field": _of_field(_required_field),
    "set_field": _of_field(_set_field),
    "stage": _stage,
    "option": _elsewhere,
    "field_there": _elsewhere,
    "transition_there": _elsewhere,
}
