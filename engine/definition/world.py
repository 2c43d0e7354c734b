"""What formulas can see: the types of all fields of all apps."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.definition.model import App, Entity, Field
from engine.fields.registry import FIELD_TYPES
from engine.formula.types import Kind, Type
from engine.formula.world import World


def field_type(field: Field) -> Type:
    """What a formula sees when it reads the field."""
    seen = FIELD_TYPES[field.type].formula_type(field.options)
    return replace(seen, blank_stays=True) if field.blank_stays else seen


def _known_type(entity: Entity, field: Field) -> Type:
    """The type of a field that knows whose options its values are."""
    seen, origin = field_type(field), f"{entity.key}.{field.name}"
    if seen.element and seen.element.kind is Kind.CHOICE:
        return replace(seen, element=replace(seen.element, origin=origin))
    return replace(seen, origin=origin) if seen.kind is Kind.CHOICE else seen


def all_entities(apps: Iterable[App]) -> dict[str, Entity]:
    """Entities of all these apps by their names in full."""
    return {entity.key: entity for app in apps for entity in app.entities.values()}


def parent_field(entity: Entity) -> str | None:
    """The system field of a child row that links to its owner."""
    return entity.parent.rpartition(".")[2] if entity.parent else None


def make_world(
    apps: Iterable[App], entities: Mapping[str, Entity], live: frozenset[tuple[str, str]] = frozenset()
) -> World:
    """The world of these entities; `live` are the fields whose value is computed when it is read."""
    return World(
        entities={
            key: {name: _known_type(entity, each) for name, each in entity.fields.items() if not each.retired}
            for key, entity in entities.items()
        },
        live=live,
        parents={key: name for key, entity in entities.items() if (name := parent_field(entity))},
        calendars={each.key: each.time for app in apps for each in app.calendars.values()},
        encrypted=frozenset(
            (key, each.name)
            for key, entity in entities.items()
            for each in entity.fields.values()
            if each.encrypted
        ),
    )
