"""Timers of stages: records that stay too long, and transitions that happen by themselves.

Every door by which a record comes to a stage sets them: one that is created, moved, or written with many.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, update

from engine.catalog import CompiledEntity
from engine.definition.model import Workflow
from engine.records.due import due_at
from engine.schema.workflow_tables import workflow_timer
from engine.transaction import Transaction

OF_STAGE = ("stage", "transition")


def began(transaction: Transaction, entity: CompiledEntity, identities: Sequence[int], stage: str) -> None:
    """Sets the timers of the stage in which new records begin."""
    workflow = entity.definition.workflow
    if workflow is not None and _has_timers(transaction, entity, workflow):
        _set(transaction, entity, workflow, dict.fromkeys(identities, 1), stage)


def entered(transaction: Transaction, entity: CompiledEntity, identity: int, stage: str, times: int) -> None:
    """Sets the timers of a stage that a record came to, in place of those of the stage that it left.

    `times` is the revision with which it came, so that each stay has timers of its own.
    """
    workflow = entity.definition.workflow
    if workflow is not None and _has_timers(transaction, entity, workflow):
        left(transaction, entity.key, identity)
        _set(transaction, entity, workflow, {identity: times}, stage)


def left(transaction: Transaction, entity: str, identity: int) -> None:
    """Closes the timers of the stage in which the record was."""
    table = workflow_timer
    transaction.connection.execute(
        update(table)
        .where(
            *_of_stages(entity, identity),
            table.c.fired_at.is_(None),
        )
        .values(fired_at=transaction.now, outcome="stale")
    )


def reopened(transaction: Transaction, entity: str, identity: int, at: datetime) -> None:
    """The timers that were closed when a record left a stage at a moment go on: it is back there."""
    table = workflow_timer
    transaction.connection.execute(
        update(table)
        .where(
            *_of_stages(entity, identity),
            table.c.fired_at == at,
            table.c.outcome == "stale",
        )
        .values(fired_at=None, outcome=None)
    )


def _of_stages(entity: str, identity: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for all timers of stages that a record has, and had."""
    table = workflow_timer
    return table.c.entity == entity, table.c.record_id == identity, table.c.kind.in_(OF_STAGE)


def _set(
    transaction: Transaction,
    entity: CompiledEntity,
    workflow: Workflow,
    records: Mapping[int, int],
    stage: str,
) -> None:
    """Writes the timers of a stage for records, id → times."""
    rows = [
        {
            **timer,
            "entity": entity.key,
            "record_id": identity,
            "number": 1,
            "key": f"{timer['kind']}:{entity.key}:{identity}:{timer['name']}:{times}:1",
        }
        for timer in _timers(transaction, entity, workflow, stage)
        for identity, times in records.items()
    ]
    if rows:
        transaction.connection.execute(insert(workflow_timer), rows)


def _has_timers(transaction: Transaction, entity: CompiledEntity, workflow: Workflow) -> bool:
    return transaction.catalog.once(
        ("has timers", entity.key),
        lambda: any(workflow.limits(stage) for stage in workflow.stages.values()),
    )


def _timers(
    transaction: Transaction, entity: CompiledEntity, workflow: Workflow, stage: str
) -> list[dict[str, Any]]:
    limits = workflow.limits(workflow.stages[stage]) if stage in workflow.stages else []
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "due_at": due_at(transaction, each.wait, entity.definition.app),
        }
        for each in limits
    ]
