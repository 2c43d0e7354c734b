"""What a person can do. One command is one request is one database transaction: all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from engine.problems import Malformed, ReleaseChanged
from engine.records import write
from engine.records.follow import follow, unfollow
from engine.records.past import last_event, own_changes
from engine.records.read import get
from engine.records.select import Record
from engine.text import Message, Text, say
from engine.transaction import SYSTEM, Actor, Transaction
from engine.workflow import instances, remarks, substitutes, tasks, time_passes
from engine.workflow.deleting import delete
from engine.workflow.firing import fire
from engine.workflow.undoing import undo_event
from engine.workspace import Workspace

Values = Mapping[str, Any]
APPROVALS_AT_ONCE = 1_000


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
        delete(transaction, key, identity, revision)
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
    if len(moves) > APPROVALS_AT_ONCE:
        raise Malformed(say("{most} approvals at most are moved at once.", most=APPROVALS_AT_ONCE))
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
