"""A record's rows: its own, its pairs of many-to-many links, its child rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from engine.catalog import CompiledEntity
from engine.records.compute import Values
from engine.records.history import stored_json
from engine.records.numbers import next_number
from engine.schema.names import frozen_marker
from engine.transaction import Transaction


def own_row(entity: CompiledEntity, values: Mapping[str, Any]) -> Values:
    """The values that stand in the entity's own table."""
    return {
        name: value
        for name, value in values.items()
        if name in entity.table.c and name != "id" and not entity.fields[name].live
    }


def add_numbers(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Gives a new record its sequence numbers."""
    for name, each in entity.fields.items():
        if values.get(name) is None and each.type.numbering(each.definition.options):
            values[name] = next_number(transaction, entity, each)


def with_many(transaction: Transaction, entity: CompiledEntity, values: Values) -> Values:
    """The values together with those of many-to-many fields, as tuples of ids."""
    found = dict(values)
    for name in entity.many:
        pairs = transaction.catalog.tables.links_table(entity.key, name)
        targets = transaction.connection.execute(
            select(pairs.c.target_id).where(pairs.c.record_id == values["id"]).order_by(pairs.c.target_id)
        ).scalars()
        found[name] = tuple(targets)
    return found


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


def child_values(transaction: Transaction, child_key: str, owner: int) -> list[Values]:
    """The stored values of the child rows of an owner, in their order."""
    child = transaction.catalog.entity(child_key)
    table = child.table
    columns = [table.c[name] for name, each in child.fields.items() if each.column]
    columns += [table.c[frozen_marker(stage)] for stage in sorted(child.freezing_stages)]
    rows = transaction.connection.execute(
        select(*columns)
        .where(table.c[child.parent_link or ""] == owner)
        .order_by(table.c.position, table.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def row_json(child: CompiledEntity, row: Values) -> dict[str, Any]:
    """A child row as history keeps it."""
    return {
        name: stored_json(each, row[name])
        for name, each in child.fields.items()
        if name == "id" or (name in row and not each.definition.system)
    }
