"""Several operations in one transaction: all of them or none, or each by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.problems import InputRefused, Malformed, Problem, Refused, beneath, unknown
from engine.records import write
from engine.records.past import last_event, own_changes
from engine.records.read import get
from engine.records.select import Record
from engine.text import Message, Text, say
from engine.transaction import Actor, Transaction
from engine.workflow.deleting import delete
from engine.workflow.firing import fire
from engine.workflow.undoing import undo_event
from engine.workspace import Workspace

Operation = Mapping[str, Any]
LARGEST_BATCH = 1_000


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


def _create(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    return get(transaction, key, write.create(transaction, key, operation.get("values", {})))


def _update(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> Record:
    identity = _identity(operation)
    write.update(transaction, key, identity, operation.get("values", {}), operation.get("revision"))
    return get(transaction, key, identity)


def _delete(transaction: Transaction, key: str, operation: Mapping[str, Any]) -> None:
    delete(transaction, key, _identity(operation), operation.get("revision"))


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
