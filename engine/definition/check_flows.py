"""Cross references of workflows: people, forms, links to other flows, and what actions name."""

from collections.abc import Callable, Mapping

from engine.definition.approval import SUBMITTER
from engine.definition.model import App, Entity, Field, Reference
from engine.definition.references import USER, Index, in_full, in_use, near
from engine.definition.world import field_type
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.formula.types import Kind
from engine.problems import unknown
from engine.text import Message, say


def _approver(index: Index, _: App, reference: Reference) -> Message | None:
    """A path to people: of the record, or of the submitter; it may go through rows and many links."""
    key, names = reference.entity, reference.name.split(".")
    if names[0] == SUBMITTER and SUBMITTER not in index.entities[key].fields:
        key, names = USER, names[1:]
    for position, name in enumerate(names):
        entity = index.entities[key]
        field = entity.fields.get(name)
        if field is None or field.retired:
            known = [*in_use(entity), *([SUBMITTER] if position == 0 else [])]
            return unknown(say("{entity} has no field '{name}'.", entity=key, name=name), name, known)
        target = _leads_to(field)
        if target is None or target not in index.entities:
            return _nobody(reference.name)
        key = target
    return None if key == USER else _nobody(reference.name)


def _leads_to(field: Field) -> str | None:
    type_ = field_type(field)
    if type_.kind is Kind.SET:
        return type_.element.entity if type_.element else None
    return type_.entity if type_.kind is Kind.LINK else None


def _nobody(name: str) -> Message:
    return say(
        "'{name}' does not lead to people; name a user field, 'role:sales', 'manager(1)' or 'submitter'.",
        name=name,
    )


def _form_entity(index: Index, app: App, reference: Reference) -> Message | None:
    """The entity of a form has to link to the record that asks, in exactly one field."""
    key = in_full(app, reference.name)
    if key not in index.entities:
        sentence = say("There is no entity '{name}'.", name=reference.name)
        return unknown(sentence, reference.name, near(app, index.entities))
    links = links_between(index.entities[key], reference.entity)
    if len(links) == 1:
        return None
    return say(
        "The answers '{form}' need one link to {entity}, so that it is known what they are about; there are "
        "{count}.",
        form=reference.name,
        entity=reference.entity,
        count=len(links),
    )


def links_between(entity: Entity, target: str) -> list[str]:
    """The fields of an entity that link to `target`; child rows have the link to their owner."""
    return [
        name
        for name, field in entity.fields.items()
        if not field.retired
        and (not field.system or entity.parent == target)
        and field_type(field).kind is Kind.LINK
        and field_type(field).entity == target
    ]


def _weights(index: Index, _: App, reference: Reference) -> Message | None:
    """`members.share`: a number in child rows that link to one person each."""
    rows, _dot, number = reference.name.partition(".")
    field = index.entities[reference.entity].fields.get(rows)
    element = field_type(field).element if field else None
    child = index.entities.get(element.entity or "") if element else None
    if field is None or child is None or FIELD_TYPES[field.type].relation is not Relation.ROWS:
        return say("'{name}' names no rows; weights are written like 'members.share'.", name=reference.name)
    if number not in child.fields or not field_type(child.fields[number]).is_number:
        return say("{entity} has no number '{name}'.", entity=child.key, name=number)
    if len(links_between(child, USER)) != 1:
        return say(
            "The rows of {entity} need one user field, so that each weighs one vote.", entity=child.key
        )
    return None


def _subflow(index: Index, _: App, reference: Reference) -> Message | None:
    """`contract.review`: a link and a transition of the entity to which it leads."""
    link, _dot, name = reference.name.rpartition(".")
    key = reference.entity
    for step in link.split("."):
        field = index.entities[key].fields.get(step)
        target = _leads_to(field) if field and field_type(field).kind is Kind.LINK else None
        if target is None or target not in index.entities:
            return say(
                "{entity} has no link '{name}'; a subflow is a link and a transition there.",
                entity=key,
                name=step,
            )
        key = target
    return _missing_transition(index.entities[key], name)


def _transition(index: Index, _: App, reference: Reference) -> Message | None:
    return _missing_transition(index.entities[reference.entity], reference.name)


def _missing_transition(entity: Entity, name: str) -> Message | None:
    known = entity.workflow.transitions if entity.workflow else {}
    if name in known:
        return None
    return unknown(say("{entity} has no transition '{name}'.", entity=entity.key, name=name), name, known)


def _action_entity(index: Index, app: App, reference: Reference) -> Message | None:
    if in_full(app, reference.name) in index.entities:
        return None
    sentence = say("There is no entity '{name}'.", name=reference.name)
    return unknown(sentence, reference.name, near(app, index.entities))


def _action_field(index: Index, _: App, reference: Reference) -> Message | None:
    """A field that an action writes; nothing is said when its entity is not there."""
    entity = index.entities.get(reference.detail)
    if entity is None:
        return None
    field = entity.fields.get(reference.name)
    if field is None or field.retired:
        sentence = say("{entity} has no field '{name}'.", entity=entity.key, name=reference.name)
        return unknown(sentence, reference.name, in_use(entity))
    if field.formula:
        return say("'{name}' is computed and cannot be set.", name=reference.name)
    return None


FLOW_KINDS: Mapping[str, Callable[[Index, App, Reference], Message | None]] = {
    "approver": _approver,
    "form_entity": _form_entity,
    "weights": _weights,
    "subflow": _subflow,
    "transition": _transition,
    "action_entity": _action_entity,
    "action_field": _action_field,
}
