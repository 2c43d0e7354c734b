"""What history keeps of a record that is deleted: all that brings it back, but for what is encrypted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.catalog import CompiledEntity
from engine.records.history import stored_json
from engine.records.saved_rows import linked_ids
from engine.schema.names import frozen_marker
from engine.transaction import Transaction

LINKED = "=linked"
"""Under this stands who linked to the record by a many-to-many field, `entity/field` → ids."""
FROZEN = "=frozen"
"""Under this stands in which release the record was frozen, stage → number."""


def what_was(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Mapping[str, Any],
    rows: Mapping[str, list[int]],
) -> dict[str, tuple[Any, None]]:
    """The changes of the event; `rows` are the ids of the child rows that are deleted with the record.

    Child rows have events of their own, from which they are brought back.
    """
    identity = values["id"]
    found: dict[str, Any] = {
        name: stored_json(each, values[name])
        for name, each in entity.fields.items()
        if each.column and name != "id" and values.get(name) is not None
    }
    found |= {name: list(linked_ids(transaction, entity, name, identity)) for name in entity.many}
    found |= {name: [{"id": each} for each in ids] for name, ids in rows.items()}
    found[LINKED] = _linking(transaction, entity, identity)
    found[FROZEN] = {
        stage: release
        for stage in sorted(entity.freezing_stages)
        if (release := values.get(frozen_marker(stage))) is not None
    }
    return {name: (value, None) for name, value in found.items() if value not in ([], {})}


def _linking(transaction: Transaction, entity: CompiledEntity, identity: int) -> dict[str, list[int]]:
    """Pairs of others with the record, which go with it."""
    found = {}
    for other in transaction.catalog.entities.values():
        for name, target in other.many.items():
            if target != entity.key:
                continue
            pairs = transaction.catalog.tables.links_table(other.key, name)
            linked = select(pairs.c.record_id).where(pairs.c.target_id == identity)
            ids = transaction.connection.execute(linked.order_by(pairs.c.record_id)).scalars().all()
            if ids:
                found[f"{other.key}/{name}"] = list(ids)
    return found
