"""Where the words of records stand that a person may search in: own texts, and titles of linked records."""

from collections.abc import Iterator

from engine.access.field_policy import field_right, readable
from engine.catalog import CompiledEntity
from engine.formula.types import Kind
from engine.records.word_index import Searched, searched
from engine.schema.search_index import OPEN, TITLE
from engine.transaction import Transaction


def free_classes(transaction: Transaction, entity: CompiledEntity, own: Searched) -> list[str]:
    """The classes that the actor may read on every record."""
    found = {
        each
        for name, each in own.fields.items()
        if each in {OPEN, TITLE} or (name in entity.fields and field_right(transaction, entity, name, "read"))
    }
    return sorted({OPEN, *found} - {TITLE})


def limited_classes(transaction: Transaction, entity: CompiledEntity, own: Searched) -> dict[str, str]:
    """The classes that the actor may read on some records: class → a field of it."""
    return {
        each: name
        for name, each in own.fields.items()
        if each not in {OPEN, TITLE}
        and name in entity.fields
        and field_right(transaction, entity, name, "read") is None
    }


def searched_links(
    transaction: Transaction, entity: CompiledEntity
) -> Iterator[tuple[str, CompiledEntity, Searched]]:
    """The link fields that may be read: name, the entity they lead to, and how that is indexed."""
    catalog, allowed = transaction.catalog, readable(transaction, entity)
    for name, each in entity.fields.items():
        meant = catalog.world.entities[entity.key][name]
        if meant.kind is not Kind.LINK or not meant.entity or name not in allowed:
            continue
        other = searched(transaction, meant.entity)
        if each.column and not each.live and not each.definition.system and other is not None:
            yield name, catalog.entity(meant.entity), other
