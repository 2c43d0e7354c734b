"""A record opened for somebody, saved or new."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from blueprints import visitor
from blueprints.values import entity_url
from engine.access.rights import Rights, rights_on, rights_on_new
from engine.catalog import CompiledEntity
from engine.fields.field_type import Relation
from engine.forms.layout import layout
from engine.forms.nodes import Form
from engine.records.personal import with_shown
from engine.records.preview import preview
from engine.records.read import get, named_link, titles
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Opened:
    """A record opened for somebody: its values, what may be done with it, its form."""

    entity: CompiledEntity
    identity: int | None
    record: Mapping[str, Any]
    rights: Rights
    form: Form

    @property
    def base(self) -> str:
        return entity_url(self.entity.key)

    @property
    def url(self) -> str:
        return entity_url(self.entity.key, self.identity) if self.identity else self.base


def open_record(
    transaction: Transaction, key: str, identity: int, shown: Mapping[str, Any] = MappingProxyType({})
) -> Opened:
    """A saved record with the personal values that were asked for; NotFound also when it may not be seen."""
    entity = transaction.catalog.entity(key)
    record = get(transaction, key, identity)
    visitor.disclosures().record(transaction, entity, record)
    if shown:
        record = with_shown(record, shown)
    rights = rights_on(transaction, entity, identity)
    return Opened(entity, identity, record, rights, layout(transaction, entity, record, rights.writable))


def open_new(transaction: Transaction, key: str, begun: Mapping[str, Any]) -> Opened:
    """A record that is not there yet, with its defaults and the values it is begun with."""
    entity = transaction.catalog.entity(key)
    rights = rights_on_new(transaction, entity)
    values = unsaved_values(transaction, entity, begun, None)
    return Opened(entity, None, values, rights, layout(transaction, entity, values, rights.writable))


def unsaved_values(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any], identity: int | None
) -> dict[str, Any]:
    """What the record would hold with these values, links with their titles."""
    computed = preview(transaction, entity.key, values, identity).values
    rows = {name: computed[name] for name in entity.children if name in computed}
    whole = {
        **computed,
        **{name: value for name, value in values.items() if name not in entity.children},
        **rows,
    }
    return {**titled(transaction, entity, whole), **({"id": identity} if identity else {})}


def titled(transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with bare ids of links as Link."""
    found = dict(values)
    for name, each in entity.fields.items():
        value = found.get(name)
        target = each.type.target(each.definition.options)
        if value is None or target is None:
            continue
        if each.type.relation is Relation.ONE and isinstance(value, int):
            found[name] = named_link(value, titles(transaction, target, [value]))
        elif each.type.relation is Relation.MANY and any(isinstance(one, int) for one in value):
            named = titles(transaction, target, [one for one in value if isinstance(one, int)])
            found[name] = tuple(named_link(one, named) if isinstance(one, int) else one for one in value)
        elif each.type.relation is Relation.ROWS:
            child = transaction.catalog.entity(entity.children[name])
            found[name] = [titled(transaction, child, row) for row in value]
    return found
