"""What is saved beside a record's own row: its child rows and its many-to-many links, as values."""

from typing import Any

from sqlalchemy import select

from engine.catalog import CompiledEntity
from engine.schema.names import frozen_marker
from engine.transaction import Transaction

Values = dict[str, Any]


def child_values(transaction: Transaction, child: CompiledEntity, owner: int) -> list[Values]:
    """The stored values of the child rows of an owner, in their order."""
    table = child.table
    columns = [table.c[name] for name, each in child.fields.items() if each.column]
    columns += [table.c[frozen_marker(stage)] for stage in sorted(child.freezing_stages)]
    owned = table.c[child.parent_link or ""] == owner
    rows = transaction.connection.execute(
        select(*columns).where(owned).order_by(table.c.position, table.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def linked_ids(
    transaction: Transaction, entity: CompiledEntity, field: str, identity: int
) -> tuple[int, ...]:
    """The ids that a many-to-many field of a record holds, in order."""
    pairs = transaction.catalog.tables.links_table(entity.key, field)
    targets = transaction.connection.execute(
        select(pairs.c.target_id).where(pairs.c.record_id == identity).order_by(pairs.c.target_id)
    )
    return tuple(targets.scalars())


def stored_values(transaction: Transaction, entity: CompiledEntity, identity: int) -> Values:
    """The stored values of a record, links as ids; empty when it is gone."""
    table = entity.table
    columns = [table.c[name] for name, each in entity.fields.items() if each.column]
    columns += [table.c[frozen_marker(stage)] for stage in sorted(entity.freezing_stages)]
    row = transaction.connection.execute(select(*columns).where(table.c.id == identity)).mappings().first()
    return dict(row) if row else {}
