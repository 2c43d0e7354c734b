"""Events: one row for everything that happened to a record or its approvals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from engine.schema.prepared import PreparedChange
from engine.schema.workflow_tables import workflow_event
from engine.transaction import Transaction
from engine.workflow.state import Happening, Instance

COLUMNS = tuple(each.name for each in workflow_event.c if each.name != "id")


def event_row(transaction: Transaction, entity: str, record_id: int, kind: str) -> dict[str, Any]:
    """An event of a record outside an instance."""
    return {
        "entity": entity,
        "record_id": record_id,
        "instance_id": None,
        "at": transaction.now,
        "by": transaction.actor.id,
        "instead_of": None,
        "kind": kind,
        "transition": None,
        "step": None,
        "task_id": None,
        "comment": "",
        "release": transaction.catalog.release,
        "detail": {},
    }


def write_event(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Writes one event of a record."""
    _write(transaction, [row])


def record_happenings(
    transaction: Transaction,
    instance: Instance,
    happenings: Iterable[Happening],
    identities: Mapping[int, int],
) -> None:
    """One row for each event of an instance; ids below 0 in them become those that were given."""
    rows = [
        event_row(transaction, instance.entity, instance.record_id, each.kind)
        | {
            "instance_id": instance.id,
            "transition": instance.transition,
            "step": each.step,
            "task_id": identities.get(each.task or 0, each.task),
            "comment": each.comment,
            "instead_of": each.instead_of,
            "release": instance.release,
            "detail": dict(each.detail),
        }
        for each in happenings
    ]
    _write(transaction, rows)


def _write(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    connection = transaction.connection
    statement = transaction.catalog.once(
        ("workflow", "write event"),
        lambda: PreparedChange(insert(workflow_event), connection.dialect, COLUMNS),
    )
    statement.run(connection, rows)
