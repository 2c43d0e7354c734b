"""Timers of stages: records that stay too long, and transitions that happen by themselves."""

from typing import Any

from sqlalchemy import insert, update

from engine.catalog import CompiledEntity
from engine.definition.model import Workflow
from engine.schema.workflow_tables import workflow_timer
from engine.transaction import Transaction
from engine.workflow.due import due_at

OF_STAGE = ("stage", "transition")


def entered(transaction: Transaction, entity: CompiledEntity, identity: int, stage: str, times: int) -> None:
    """Sets the timers of a stage that a record came to, in place of those of the stage that it left.

    `times` is the revision with which it came, so that each stay has timers of its own.
    """
    workflow = entity.definition.workflow
    if workflow is None or not _has_timers(transaction, entity, workflow):
        return
    left(transaction, entity.key, identity)
    rows = _rows(transaction, entity, workflow, stage)
    for row in rows:
        row |= {
            "entity": entity.key,
            "record_id": identity,
            "number": 1,
            "key": f"{row['kind']}:{entity.key}:{identity}:{row['name']}:{times}:1",
        }
    if rows:
        transaction.connection.execute(insert(workflow_timer), rows)


def left(transaction: Transaction, entity: str, identity: int) -> None:
    """Closes the timers of the stage in which the record was."""
    table = workflow_timer
    transaction.connection.execute(
        update(table)
        .where(
            table.c.entity == entity,
            table.c.record_id == identity,
            table.c.kind.in_(OF_STAGE),
            table.c.fired_at.is_(None),
        )
        .values(fired_at=transaction.now, outcome="stale")
    )


def _has_timers(transaction: Transaction, entity: CompiledEntity, workflow: Workflow) -> bool:
    return transaction.catalog.once(
        ("has timers", entity.key),
        lambda: (
            any(each.due for each in workflow.stages.values())
            or any(each.after for each in workflow.transitions.values())
        ),
    )


def _rows(
    transaction: Transaction, entity: CompiledEntity, workflow: Workflow, stage: str
) -> list[dict[str, Any]]:
    app = entity.definition.app
    rows = [
        {"kind": "transition", "name": each.name, "due_at": due_at(transaction, each.after, app)}
        for each in workflow.transitions.values()
        if each.after and stage in each.sources
    ]
    due = workflow.stages[stage].due if stage in workflow.stages else None
    if due:
        rows.append({"kind": "stage", "name": stage, "due_at": due_at(transaction, due, app)})
    return rows
