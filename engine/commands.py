"""What a person can do. One command is one request is one database transaction: all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine.access import audit
from engine.problems import InputRefused, Malformed, Problem, Refused, ReleaseChanged, beneath, unknown
from engine.records import imports, write
from engine.records.follow import follow, unfollow
from engine.records.past import last_event, own_changes
from engine.records.read import get
from engine.records.select import Record
from engine.text import Message, Text, say
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workflow import instances, remarks, substitutes, tasks, time_passes
from engine.workflow.firing import fire
from engine.workflow.undoing import undo_event
from engine.workspace import Workspace

Values = Mapping[str, Any]
Operation = Mapping[str, Any]
LARGEST_BATCH = 1_000


def create_record(
    workspace: Workspace, actor: Actor, key: str, values: Values, release: int | None = None
) -> Record:
    """Writes a new record and gives it as it can be read; raises NotAllowed or InputRefused.

    Here and below `release` is the one by which the values were read, if they were read before; raises
    ReleaseChanged where another one has come.
    """
    with workspace.writing(actor) as transaction:
        _still(transaction, release)
        return get(transaction, key, write.create(transaction, key, values))


def update_record(
    workspace: Workspace,
    actor: Actor,
    key: str,
    identity: int,
    values: Values,
    revision: int | None = None,
    release: int | None = None,
) -> Record:
    """Changes a record read at `revision`. Raises NotFound, NotAllowed, Stale or InputRefused."""
    with workspace.writing(actor) as transaction:
        _still(transaction, release)
        write.update(transaction, key, identity, values, revision)
        return get(transaction, key, identity)


def delete_record(
    workspace: Workspace, actor: Actor, key: str, identity: int, revision: int | None = None
) -> int | None:
    """Deletes a record with its child rows. Raises NotFound, NotAllowed, Stale, NotPossible.

    Gives the number of the change, by which it is undone; None where no history is kept.
    """
    with workspace.writing(actor) as transaction:
        before = last_event(transaction)
        _deleted(transaction, key, identity, revision)
        return own_changes(transaction, key, [identity], "deleted", before).get(identity)


def fire_transition(
    workspace: Workspace,
    actor: Actor,
    key: str,
    identity: int,
    name: str,
    values: Values | None = None,
    comment: str = "",
    revision: int | None = None,
    release: int | None = None,
) -> Record:
    """Moves a record to another stage. Raises NotFound, NotAllowed, NotPossible, Stale, InputRefused."""
    with workspace.writing(actor) as transaction:
        _still(transaction, release)
        fire(transaction, key, identity, name, values or {}, comment, revision)
        return get(transaction, key, identity)


def decide_task(
    workspace: Workspace, actor: Actor, task: int, decision: str, sent: tasks.Sent | None = None
) -> dict[str, Any]:
    """Does an action on a task, such as approve; how things stand then.

    Raises NotFound, NotAllowed, NotPossible (already decided: by whom, when) or InputRefused.
    """
    with workspace.writing(actor) as transaction:
        return tasks.decide(transaction, task, decision, sent or tasks.Sent())


def withdraw(workspace: Workspace, actor: Actor, key: str, identity: int, comment: str = "") -> Record:
    """Takes back what was submitted for approval. Raises NotAllowed, NotPossible."""
    with workspace.writing(actor) as transaction:
        get(transaction, key, identity)
        instances.withdraw(transaction, key, identity, comment)
        return get(transaction, key, identity)


def remind(workspace: Workspace, actor: Actor, key: str, identity: int, comment: str = "") -> None:
    """Reminds those who are asked, once an hour at most. Raises NotAllowed, NotPossible."""
    with workspace.writing(actor) as transaction:
        get(transaction, key, identity)
        instances.remind(transaction, key, identity, comment)


def remark(workspace: Workspace, actor: Actor, key: str, identity: int, text: str) -> None:
    """Keeps a remark on the approval of a record; who is mentioned as @username is told."""
    with workspace.writing(actor) as transaction:
        remarks.remark(transaction, key, identity, text)


def comment_on(workspace: Workspace, actor: Actor, key: str, identity: int, text: str) -> None:
    """Keeps a comment in the history of a record; who is mentioned is told, and who follows the record."""
    with workspace.writing(actor) as transaction:
        remarks.comment(transaction, key, identity, text)


def undo_change(workspace: Workspace, actor: Actor, key: str, identity: int, event: int) -> Record:
    """Writes back what a change replaced, takes a move back, brings a deleted record back.

    Raises NotFound, NotAllowed, NotPossible, InputRefused.
    """
    with workspace.writing(actor) as transaction:
        undo_event(transaction, key, identity, event)
        return get(transaction, key, identity)


def follow_record(workspace: Workspace, actor: Actor, key: str, identity: int, wanted: bool) -> None:
    """From now on the actor is told of changes of a record, or is not."""
    with workspace.writing(actor) as transaction:
        (follow if wanted else unfollow)(transaction, key, identity)


def reassign_task(workspace: Workspace, actor: Actor, task: int, to: Sequence[int], reason: str) -> None:
    """An administrator gives somebody's task to others, with a reason."""
    with workspace.writing(actor) as transaction:
        instances.reassign(transaction, task, tuple(to), reason)


def cancel_approval(workspace: Workspace, actor: Actor, instance: int, reason: str) -> None:
    """An administrator ends an approval, with a reason; the record goes back."""
    with workspace.writing(actor) as transaction:
        instances.cancel(transaction, instance, reason)


def jump_to_step(workspace: Workspace, actor: Actor, instance: int, step: str, reason: str) -> None:
    """An administrator lets an approval go on at another step, with a reason."""
    with workspace.writing(actor) as transaction:
        instances.jump(transaction, instance, step, reason)


def migrate_approval(
    workspace: Workspace, actor: Actor, instance: int, mapping: Mapping[str, str], reason: str
) -> None:
    """An administrator moves an approval to the current release; `mapping`: step → its name there."""
    with workspace.writing(actor) as transaction:
        instances.migrate_instance(transaction, instance, mapping, reason)


def migrate_approvals(
    workspace: Workspace, actor: Actor, moves: Mapping[int, Mapping[str, str]], reason: str
) -> dict[int, Message | Text | None]:
    """An administrator moves many approvals, id → mapping; why each was not moved, None where it was."""
    if len(moves) > LARGEST_BATCH:
        raise Malformed(say("{most} approvals at most are moved at once.", most=LARGEST_BATCH))
    with workspace.writing(actor) as transaction:
        return instances.migrate_many(transaction, moves, reason)


def fire_timer(workspace: Workspace, timer: int, now: datetime) -> time_passes.Outcome:
    """Does what a timer is for that is due at `now`; does nothing when it is stale. What came of it."""
    with workspace.writing(SYSTEM) as transaction:
        return time_passes.fire_timer(replace(transaction, now=now), timer)


def name_substitute(
    workspace: Workspace,
    actor: Actor,
    substitute: int,
    first_day: date,
    last_day: date,
    person: int | None = None,
) -> int:
    """Has somebody asked instead of the actor from one day to another."""
    with workspace.writing(actor) as transaction:
        return substitutes.name_substitute(transaction, substitute, first_day, last_day, person)


def remove_substitute(workspace: Workspace, actor: Actor, identity: int) -> None:
    """Ends a substitution."""
    with workspace.writing(actor) as transaction:
        substitutes.remove_substitute(transaction, identity)


def _still(transaction: Transaction, release: int | None) -> None:
    if release is not None and release != transaction.catalog.release:
        raise ReleaseChanged


def run_batch(
    workspace: Workspace, actor: Actor, key: str, operations: Sequence[Mapping[str, Any]]
) -> list[Record | None]:
    """Up to 1,000 operations in one transaction: `{"op", "id", "values", "name", "comment", "event"}` each.

    Gives what each left behind (None for a delete). Problems are at `operations[n].field`; any undoes all.
    """
    if len(operations) > LARGEST_BATCH:
        raise Malformed(say("A batch has at most {most} operations.", most=LARGEST_BATCH))
    problems: list[Problem] = []
    results: list[Record | None] = []
    with workspace.writing(actor) as transaction:
        for number, operation in enumerate(operations):
            try:
                results.append(_run(transaction, key, operation))
            except InputRefused as refused:
                problems += [beneath(f"operations[{number}]", problem) for problem in refused.problems]
        if problems:
            raise InputRefused(problems)
        return results


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation of several: why it was refused, or the change to undo it by.

    There is no change where none was written: the move waits for approval, the value was the same before.
    """

    refusal: tuple[Message | Text, ...]
    event: int | None = None


def run_each(workspace: Workspace, actor: Actor, key: str, operations: Sequence[Operation]) -> list[Outcome]:
    """Operations on records as in a batch, all of one kind, but a refused one hinders no other.

    All that were not refused are written together.
    """
    if len(operations) > LARGEST_BATCH:
        raise Malformed(say("A batch has at most {most} operations.", most=LARGEST_BATCH))
    with workspace.writing(actor) as transaction:
        before = last_event(transaction)
        refusals = [_refusal(transaction, key, operation) for operation in operations]
        done = [each.get("id", 0) for each, refused in zip(operations, refusals, strict=True) if not refused]
        kind = _WRITES.get(str(operations[0].get("op"))) if operations else None
        events = own_changes(transaction, key, done, kind, before) if kind and done else {}
        return [
            Outcome(refused, None if refused else events.get(each.get("id", 0)))
            for each, refused in zip(operations, refusals, strict=True)
        ]


_WRITES: Mapping[str, str] = {"update": "updated", "transition": "transition", "delete": "deleted"}
"""Operation → the kind of event that it writes and that can be undone."""


def _refusal(transaction: Transaction, key: str, operation: Operation) -> tuple[Message | Text, ...]:
    try:
        with transaction.connection.begin_nested():
            _run(transaction, key, operation)
    except InputRefused as refused:
        return tuple(problem.message for problem in refused.problems)
    except Refused as refused:
        return (refused.message,)
    return ()


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
        count = imports.undo(transaction, key, identity, _deleted)
        audit.record(transaction, "import_undone", about=key, subject=key, detail={"records": count})
        return count


def _deleted(transaction: Transaction, key: str, identity: int, revision: int | None) -> None:
    """Deletes a record and ends what waits for approval."""
    write.delete(transaction, key, identity, revision)
    instances.forget(transaction, key, identity)


def _create(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    return get(transaction, key, write.create(transaction, key, operation.get("values", {})))


def _update(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    identity = _identity(operation)
    write.update(transaction, key, identity, operation.get("values", {}), operation.get("revision"))
    return get(transaction, key, identity)


def _delete(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> None:
    _deleted(transaction, key, _identity(operation), operation.get("revision"))


def _transition(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    identity = _identity(operation)
    name, comment = str(operation.get("name", "")), str(operation.get("comment", ""))
    fire(transaction, key, identity, name, operation.get("values", {}), comment, operation.get("revision"))
    return get(transaction, key, identity)


def _undo(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    identity = _identity(operation)
    undo_event(transaction, key, identity, operation.get("event"))
    return get(transaction, key, identity)


_Operation = Callable[[Transaction, str, Mapping[str, Any]], Record | None]
_OPERATIONS: Mapping[str, _Operation] = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "transition": _transition,
    "undo": _undo,
}


def _run(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record | None:
    name = str(operation.get("op"))
    if name not in _OPERATIONS:
        sentence = say("There is no operation '{name}'.", name=name)
        raise Malformed(unknown(sentence, name, _OPERATIONS))
    return _OPERATIONS[name](transaction, key, operation)


def _identity(operation: Mapping[str, Any]) -> int:
    identity = operation.get("id")
    if isinstance(identity, int):
        return identity
    raise Malformed(say("An operation on a record needs its 'id', a whole number."))
