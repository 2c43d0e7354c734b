"""Storing computed values for good when a record enters a stage, and letting go of them again."""

from collections.abc import Sequence

from sqlalchemy import Update, bindparam, delete, insert, select
from sqlalchemy import update as update_rows

from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.records.breakdown import fetch
from engine.records.facts import MARK, facts_of
from engine.records.select import PARAMETERS_AT_MOST, Identities, live_rows
from engine.schema.names import frozen_marker
from engine.schema.system_tables import explanation
from engine.transaction import Transaction

RECORDS_AT_ONCE = 500


def freeze(transaction: Transaction, entity: CompiledEntity, identities: Sequence[int], stage: str) -> None:
    """Stores what the live fields that freeze at `stage` give now, with the number of the release.

    From then on they are read as stored, whatever happens to the records they came from. How all fields that
    freeze came about is stored too.
    """
    if stage not in entity.freezing_stages or not identities:
        return
    _explain(transaction, entity, identities, stage)
    store_values(transaction, entity, identities, stage)


def store_values(
    transaction: Transaction, entity: CompiledEntity, identities: Sequence[int], stage: str
) -> None:
    """Stores the values of a freeze by one statement in the database, however many records there are."""
    parameters = moment_parameters(transaction.moment)
    if len(identities) > PARAMETERS_AT_MOST:
        transaction.connection.execute(_store(transaction, entity, stage, identities), parameters)
        return
    store = transaction.catalog.once(
        ("freeze", entity.key, stage),
        lambda: _store(transaction, entity, stage, bindparam("identities", expanding=True)),
    )
    transaction.connection.execute(store, parameters | {"identities": list(identities)})


def _store(transaction: Transaction, entity: CompiledEntity, stage: str, identities: Identities) -> Update:
    names = [name for name, each in entity.fields.items() if each.live and each.frozen_at == stage]
    sources, source = live_rows(transaction, entity, frozenset(names), identities)
    columns = [sources.column(source, entity.key, name).label(name) for name in names]
    values = select(source.c.id, *columns).cte().prefix_with("MATERIALIZED")
    table, marker = entity.table, frozen_marker(stage)
    return (
        update_rows(table)
        .where(table.c.id == values.c.id, table.c[marker].is_(None))
        .values({marker: transaction.catalog.release, **{name: values.c[name] for name in names}})
    )


def _explain(transaction: Transaction, entity: CompiledEntity, identities: Sequence[int], stage: str) -> None:
    """Stores how the values came about, of those records that are not frozen at the stage yet."""
    table = entity.table
    names = frozen_fields(entity, stage)
    facts = facts_of(transaction.catalog, entity, names)
    for start in range(0, len(identities), RECORDS_AT_ONCE):
        asked = identities[start : start + RECORDS_AT_ONCE]
        fresh = select(table.c.id).where(table.c.id.in_(asked), table.c[frozen_marker(stage)].is_(None))
        wanted = transaction.connection.execute(fresh).scalars().all()
        rows = [
            {
                "entity": entity.key,
                "record_id": identity,
                "stage": stage,
                "fields": {MARK: facts(row, records, transaction.now)},
            }
            for identity, row, records in fetch(transaction, entity, names, wanted)
        ]
        if rows:
            transaction.connection.execute(insert(explanation), rows)


def frozen_fields(entity: CompiledEntity, stage: str) -> list[str]:
    """The computed fields that freeze at a stage."""
    return [name for name, each in entity.fields.items() if each.computed and each.frozen_at == stage]


def forget_explanations(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Removes what was stored about a record's frozen values."""
    if entity.freezing_stages:
        transaction.connection.execute(
            delete(explanation).where(explanation.c.entity == entity.key, explanation.c.record_id == identity)
        )


def thaw_stage(transaction: Transaction, entity: CompiledEntity, identity: int, stage: str) -> None:
    """Takes a freeze at one stage back, as if the record had not come there."""
    table = entity.table
    names = [name for name, each in entity.fields.items() if each.live and each.frozen_at == stage]
    own = (explanation.c.entity == entity.key, explanation.c.record_id == identity)
    transaction.connection.execute(delete(explanation).where(*own, explanation.c.stage == stage))
    transaction.connection.execute(
        update_rows(table).where(table.c.id == identity), dict.fromkeys([frozen_marker(stage), *names])
    )


def thaw(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Lets the record's computed values follow their sources again."""
    table = entity.table
    names = [name for name, each in entity.fields.items() if each.live and each.frozen_at]
    markers = [frozen_marker(stage) for stage in entity.freezing_stages]
    if markers:
        forget_explanations(transaction, entity, identity)
        transaction.connection.execute(
            update_rows(table).where(table.c.id == identity), dict.fromkeys([*markers, *names])
        )
