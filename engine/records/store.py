"""A record's rows: its own, its pairs of many-to-many links, its child rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert

from engine.catalog import CompiledEntity
from engine.records.compute import Values
from engine.records.history import stored_json
from engine.records.numbers import next_numbers
from engine.records.saved_rows import linked_ids
from engine.transaction import Transaction


def own_row(entity: CompiledEntity, values: Mapping[str, Any]) -> Values:
    """The values that stand in the entity's own table."""
    return {
        name: value
        for name, value in values.items()
        if name in entity.table.c and name != "id" and not entity.fields[name].live
    }


def add_numbers(transaction: Transaction, entity: CompiledEntity, rows: Sequence[Values]) -> None:
    """Gives new records their sequence numbers, in order; one that was sent stays."""
    for name, each in entity.fields.items():
        if each.type.numbering(each.definition.options) is None:
            continue
        waiting = [row for row in rows if row.get(name) is None]
        numbers = next_numbers(transaction, entity, each, len(waiting)) if waiting else []
        for row, number in zip(waiting, numbers, strict=True):
            row[name] = number


def with_many(transaction: Transaction, entity: CompiledEntity, values: Values) -> Values:
    """The values together with those of many-to-many fields, as tuples of ids."""
    return values | {name: linked_ids(transaction, entity, name, values["id"]) for name in entity.many}


def write_many(transaction: Transaction, entity: CompiledEntity, identity: int, values: Values) -> None:
    """Replaces the pairs of those many-to-many fields that are among the values."""
    for name in entity.many:
        if name not in values:
            continue
        pairs = transaction.catalog.tables.links_table(entity.key, name)
        transaction.connection.execute(delete(pairs).where(pairs.c.record_id == identity))
        targets = sorted(set(values[name] or ()))
        if targets:
            transaction.connection.execute(
                insert(pairs), [{"record_id": identity, "target_id": target} for target in targets]
            )


def row_json(child: CompiledEntity, row: Values) -> dict[str, Any]:
    """A child row as history keeps it."""
    return {
        name: stored_json(each, row[name])
        for name, each in child.fields.items()
        if name == "id" or (name in row and not each.definition.system)
    }
