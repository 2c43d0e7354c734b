"""Rows and files that become records: all of them or none, or those that are good."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.access import audit
from engine.problems import InputRefused, Problem
from engine.records import imports, write
from engine.transaction import Actor, Transaction
from engine.workflow.deleting import delete
from engine.workspace import Workspace

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: ids of new and changed records, and the refused rows with their problems."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    refused: list[tuple[int, tuple[Problem, ...]]] = field(default_factory=list)


def import_rows(
    workspace: Workspace,
    actor: Actor,
    key: str,
    rows: Iterable[tuple[int, Values]],
    partial: bool = False,
) -> ImportResult:
    """Writes (row number, values); a row with an `id` changes that record.

    All or nothing unless `partial`: with any refused row nothing is written, and all refused rows are named.
    """
    result = ImportResult()
    with workspace.writing(actor) as transaction, transaction.connection.begin_nested() as whole:
        for number, values in rows:
            _import_row(transaction, key, number, values, result)
        if result.refused and not partial:
            whole.rollback()
            result.created.clear()
            result.updated.clear()
    return result


def _import_row(
    transaction: Transaction, key: str, number: int, values: Values, result: ImportResult
) -> None:
    given = dict(values)
    identity = given.pop("id", None)
    try:
        with transaction.connection.begin_nested():
            if identity is None:
                result.created.append(write.create(transaction, key, given))
            else:
                write.update(transaction, key, int(identity), given)
                result.updated.append(int(identity))
    except InputRefused as refused:
        result.refused.append((number, refused.problems))


def import_file(
    workspace: Workspace, actor: Actor, key: str, identity: int, write: str
) -> Iterator[imports.Outcome]:
    """Imports a kept file, and tells every so often how far it is; the last outcome is the whole.

    `write` is nothing (a trial), all (all rows, or none when one is refused) or good (those that are good).
    """
    with workspace.writing(actor) as transaction, transaction.connection.begin_nested() as whole:
        outcome = imports.Outcome(0)
        for outcome in imports.write_rows(transaction, key, identity):
            yield outcome
        if write == "good" or (write == "all" and not outcome.refused):
            imports.finish(transaction, identity)
            detail = {"created": len(outcome.created), "updated": len(outcome.updated)}
            audit.record(transaction, "imported", about=key, subject=key, detail=detail)
        else:
            whole.rollback()


def undo_import(workspace: Workspace, actor: Actor, key: str, identity: int) -> int:
    """Takes an import back as one act; how many records. InputRefused names every record that forbids it."""
    with workspace.writing(actor) as transaction:
        count = imports.undo(transaction, key, identity, delete)
        audit.record(transaction, "import_undone", about=key, subject=key, detail={"records": count})
        return count
