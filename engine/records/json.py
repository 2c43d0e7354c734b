"""Records as the API shows them: exact numbers as text, links as id and title, child rows as lists."""

from collections.abc import Callable, Iterable
from typing import Any

from engine.catalog import Catalog, CompiledEntity, CompiledField
from engine.fields.field_type import FieldType
from engine.fields.types.link import Link
from engine.records.select import MASKED, Record
from engine.transaction import Transaction

Encoder = Callable[[Any], Any] | None
"""None where a value is JSON as it is."""


def to_json(transaction: Transaction, key: str, record: Record) -> dict[str, Any]:
    """The record as JSON values; a field that the record does not show is absent."""
    return _encoded(encoders_of(transaction.catalog, key), record)


def all_to_json(transaction: Transaction, key: str, records: Iterable[Record]) -> list[dict[str, Any]]:
    """The records as JSON values."""
    encoders = encoders_of(transaction.catalog, key)
    return [_encoded(encoders, record) for record in records]


def encoders_of(catalog: Catalog, key: str) -> dict[str, Encoder]:
    """For each field of an entity, what makes its values JSON."""
    entity = catalog.entity(key)
    return catalog.once(
        ("encoders", key),
        lambda: {name: _encoder(catalog, entity, each) for name, each in entity.fields.items()},
    )


def _encoded(encoders: dict[str, Encoder], record: Record) -> dict[str, Any]:
    found = {
        name: value if value is None or (encode := encoders[name]) is None else encode(value)
        for name, value in record.items()
        if name in encoders
    }
    if MASKED in record:
        found[MASKED] = sorted(record[MASKED])
    return found


def _encoder(catalog: Catalog, entity: CompiledEntity, each: CompiledField) -> Encoder:
    if each.name in entity.children:
        child = entity.children[each.name]
        return lambda rows: [_encoded(encoders_of(catalog, child), row) for row in rows]
    if each.name in entity.many:
        return lambda links: [link_json(link) for link in links]
    if catalog.world.entities[entity.key][each.name].entity:
        return link_json
    if type(each.type).to_json is FieldType.to_json:
        return None
    options, write = each.definition.options, each.type.to_json
    return lambda value: write(options, value)


def link_json(link: Any) -> Any:
    """`{"id", "title"}`; a bare id where no title is known, null where the record may not be seen."""
    if not isinstance(link, Link):
        return {"id": link}
    return {"id": link.id, "title": link.title if link.seen else None}
