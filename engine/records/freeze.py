"""Storing computed values for good when a record enters a stage, and letting go of them again."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy import update as update_rows

from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.records.select import live_rows
from engine.schema.names import frozen_marker
from engine.transaction import Transaction


def freeze(transaction: Transaction, entity: CompiledEntity, identities: Sequence[int], stage: str) -> None:
    """Stores what the live fields that freeze at `stage` give now, with the number of the release.

    From then on they are read as stored, whatever happens to the records they came from.
    """
    if stage not in entity.freezing_stages or not identities:
        return
    names = [name for name, each in entity.fields.items() if each.live and each.frozen_at == stage]
    sources, source = live_rows(transaction, entity, frozenset(names), identities)
    columns = [sources.column(source, entity.key, name).label(name) for name in names]
    statement = select(source.c.id.label("identity"), *columns)
    rows = transaction.connection.execute(statement, moment_parameters(transaction.moment)).mappings().all()
    table, marker = entity.table, frozen_marker(stage)
    store = (
        update_rows(table)
        .where(table.c.id == bindparam("identity"), table.c[marker].is_(None))
        .values({marker: transaction.catalog.release, **{name: bindparam(f"value_{name}") for name in names}})
    )
    parameters: list[dict[str, Any]] = [
        {"identity": row["identity"], **{f"value_{name}": row[name] for name in names}} for row in rows
    ]
    if parameters:
        transaction.connection.execute(store, parameters)


def thaw(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Lets the record's computed values follow their sources again."""
    table = entity.table
    names = [name for name, each in entity.fields.items() if each.live and each.frozen_at]
    markers = [frozen_marker(stage) for stage in entity.freezing_stages]
    if markers:
        transaction.connection.execute(
            update_rows(table).where(table.c.id == identity), dict.fromkeys([*markers, *names])
        )
