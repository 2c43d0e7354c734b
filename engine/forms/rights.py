"""What a person may do with one record, without locking it: for showing, not for writing."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.access.policy import (
    concerns,
    field_conditions,
    may,
    principals_condition,
    rights_key,
    row_condition,
    writable,
)
from engine.catalog import CompiledEntity
from engine.definition.model import Stage
from engine.formula.compile_sql import moment_parameters
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Rights:
    """`writable` names the fields that may be changed at present; empty when nothing may."""

    writable: frozenset[str]
    delete: bool


NOTHING = Rights(frozenset(), delete=False)


def rights_on_new(transaction: Transaction, entity: CompiledEntity) -> Rights:
    """What may be filled in a record that is not there yet; nothing when none may be created."""
    if not may(transaction, "create", entity).allowed:
        return NOTHING
    dependent = field_conditions(transaction, "update", entity, entity.table)
    return Rights(writable(transaction, entity) | frozenset(dependent), delete=False)


def rights_on(transaction: Transaction, entity: CompiledEntity, identity: int) -> Rights:
    """What may be done with a saved record; nothing when it may not be seen."""
    statement = transaction.catalog.once(
        ("rights", entity.key, rights_key(transaction)), lambda: _statement(transaction, entity)
    )
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    row = transaction.connection.execute(statement, parameters).mappings().first()
    if row is None:
        return NOTHING
    conditional = {
        name.removeprefix("set_") for name, holds in row.items() if name.startswith("set_") and holds
    }
    changes = bool(row["may_update"]) and _stage_is_open(transaction, entity, row)
    return Rights(
        writable=writable(transaction, entity) | conditional if changes else frozenset(),
        delete=bool(row["may_delete"]),
    )


def _statement(transaction: Transaction, entity: CompiledEntity) -> Select[Any]:
    table = entity.table
    columns: list[Any] = [
        row_condition(transaction, action, entity).label(f"may_{action}") for action in ("update", "delete")
    ]
    if entity.definition.workflow:
        columns.append(table.c.stage)
    for name, condition in field_conditions(transaction, "update", entity, table).items():
        columns.append(condition.label(f"set_{name}"))
    for stage in _guarded(entity):
        principals = [each for each in stage.edit or () if concerns(transaction, each) is not False]
        columns.append(principals_condition(transaction, principals, entity, table).label(f"in_{stage.name}"))
    seen = row_condition(transaction, "read", entity)
    return select(*columns).where(table.c.id == bindparam("identity"), seen)


def _stage_is_open(transaction: Transaction, entity: CompiledEntity, row: Any) -> bool:
    guarded = {stage.name for stage in _guarded(entity)}
    stage = row.get("stage")
    return transaction.actor.administrator or stage not in guarded or bool(row[f"in_{stage}"])


def _guarded(entity: CompiledEntity) -> list[Stage]:
    """Stages in which not everybody who may change the record may do so."""
    workflow = entity.definition.workflow
    return [stage for stage in workflow.stages.values() if stage.edit is not None] if workflow else []
