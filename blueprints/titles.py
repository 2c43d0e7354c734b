"""What records that a page has read are called: their titles are mostly among what was read."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity
from engine.formula.types import Kind
from engine.records.read import titles
from engine.transaction import Transaction


def title_field(transaction: Transaction, entity: CompiledEntity) -> str | None:
    """The field that is the title of every record, where it is stored text that the visitor may read."""
    each = entity.fields.get(entity.definition.title.text)
    if each is None or not each.column or each.live or each.encrypted:
        return None
    if each.name not in readable(transaction, entity):
        return None
    return each.name if transaction.catalog.formula(entity.definition.title).type.kind is Kind.TEXT else None


def titles_of(
    transaction: Transaction, entity: CompiledEntity, records: Sequence[Mapping[str, Any]]
) -> dict[int, str]:
    """The titles of records, asked for only where they were not read with them."""
    name = title_field(transaction, entity)
    if name is not None and all(name in record for record in records):
        return {record["id"]: str(record[name] or "") for record in records}
    return titles(transaction, entity.key, [record["id"] for record in records])
