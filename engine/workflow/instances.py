"""What is done with a whole approval: withdraw, remind, comment; and what administrators may do (rule 15)."""

from collections.abc import Mapping
from datetime import timedelta

from engine.access.scopes import require_scope
from engine.problems import InputRefused, NotAllowed, NotPossible, Problem, Refused
from engine.records import stage_timers
from engine.text import Message, Text, say
from engine.transaction import Transaction, require_no_scope
from engine.workflow import course, store
from engine.workflow.arrival import end
from engine.workflow.firing import fire_by_itself
from engine.workflow.gate import Gate, open_gate, settle
from engine.workflow.mentions import tell_mentioned
from engine.workflow.migrate import migrate
from engine.workflow.principals import is_among
from engine.workflow.state import Instance
from engine.workflow.work import Work

REMINDED_AT_MOST_EVERY = timedelta(hours=1)


def withdraw(transaction: Transaction, key: str, identity: int, comment: str) -> None:
    """Takes back what was submitted for a record; NotAllowed, NotPossible when it is too late."""
    gate = open_gate(Work(transaction, fire_by_itself), _going_on(transaction, key, identity))
    refused = why_not_withdraw(transaction, gate)
    if refused is not None:
        raise NotAllowed(refused)
    assert gate.transition.approval is not None
    late = course.refuse_withdrawal(gate.running, gate.transition.approval.withdraw.until)
    if late is not None:
        raise NotPossible(late)
    course.withdraw(gate.running, comment.strip())
    settle(gate)
    tell_mentioned(transaction, key, identity, comment)


def why_not_withdraw(transaction: Transaction, gate: Gate) -> Message | None:
    """Why the actor is none of those who may withdraw."""
    assert gate.transition.approval is not None
    by, instance = gate.transition.approval.withdraw.by, gate.instance
    if transaction.actor.administrator or is_among(
        transaction, gate.entity, by, instance.record_id, instance.submitter
    ):
        return None
    return say("Only {principals} can withdraw this.", principals=tuple(_shown(each) for each in by))


def _shown(principal: str) -> str | Message:
    return say("the submitter") if principal == "submitter" else principal.removeprefix("role:")


def remind(transaction: Transaction, key: str, identity: int, comment: str) -> None:
    """Reminds those who are asked, once an hour at most; by the submitter, or who may withdraw."""
    gate = open_gate(Work(transaction, fire_by_itself), _going_on(transaction, key, identity))
    running, instance = gate.running, gate.instance
    if instance.status != "open":
        raise NotPossible(say("Nobody is asked at present."))
    if why_not_withdraw(transaction, gate) is not None:
        raise NotAllowed(say("Only the submitter reminds those who are asked."))
    if instance.reminded_at and transaction.now - instance.reminded_at < REMINDED_AT_MOST_EVERY:
        at = instance.reminded_at.strftime("%H:%M UTC")
        raise NotPossible(say("They were reminded at {time}; once an hour is enough.", time=at))
    people = [each.person for each in running.tasks.values() if each.status == "open" and each.person]
    title = gate.around.title()
    running.instance = store.reminded(instance, transaction.now)
    message = say("Please remember '{transition}': {title}.", transition=gate.flow.label, title=title)
    running.tell("reminder", people, message, f"reminder:{instance.id}:{transaction.now.isoformat()}")
    running.note("reminded", comment=comment.strip(), detail={"people": people})
    settle(gate)
    tell_mentioned(transaction, key, identity, comment)


def reassign(transaction: Transaction, task_id: int, to: tuple[int, ...], reason: str) -> None:
    """Gives somebody's task to other people; administrators only."""
    _refuse_others(transaction, reason)
    gate = open_gate(Work(transaction, fire_by_itself), store.instance_of_task(transaction, task_id))
    task = gate.running.tasks[task_id]
    if task.status not in ("open", "waiting", "delegated"):
        raise NotPossible(say("Only a task that is not decided can be given to others."))
    present = gate.around.directory.active(to)
    if not to or len(present) != len(set(to)):
        raise InputRefused([Problem("to", say("Name active people."))])
    people = tuple(dict.fromkeys(to))
    course.reassign(gate.running, gate.flow, gate.around, task, people, reason.strip())
    settle(gate)


def cancel(transaction: Transaction, instance_id: int, reason: str) -> None:
    """Ends an approval; the record goes back to where it came from. Administrators only."""
    _refuse_others(transaction, reason)
    gate = _open_ongoing(transaction, instance_id)
    course.cancel(gate.running, reason.strip())
    settle(gate)


def jump(transaction: Transaction, instance_id: int, step: str, reason: str) -> None:
    """Goes on at another step; administrators only."""
    _refuse_others(transaction, reason)
    gate = _open_ongoing(transaction, instance_id)
    if gate.instance.status != "open":
        raise NotPossible(say("It was sent back to the submitter; it goes on when it is submitted again."))
    refused = course.refuse_jump(gate.running, gate.flow, step)
    if refused is not None:
        raise NotPossible(refused)
    course.jump(gate.running, gate.flow, gate.around, step, reason.strip())
    settle(gate)


def migrate_instance(
    transaction: Transaction, instance_id: int, mapping: Mapping[str, str], reason: str
) -> None:
    """Moves an approval to the current release; administrators only."""
    _refuse_others(transaction, reason)
    gate = _open_ongoing(transaction, instance_id)
    if gate.instance.release == transaction.catalog.release:
        raise NotPossible(say("This approval runs in the current release already."))
    migrate(gate, mapping)
    gate.running.note("commented", comment=reason.strip())
    settle(gate)


def migrate_many(
    transaction: Transaction, moves: Mapping[int, Mapping[str, str]], reason: str
) -> dict[int, Message | Text | None]:
    """Moves approvals, id → mapping, to the current release, each whole or not at all; administrators only.

    Gives why each was not moved, None where it was.
    """
    _refuse_others(transaction, reason)
    outcomes: dict[int, Message | Text | None] = {}
    # In one order, so that two who do this at once do not wait for each other.
    for identity in sorted(moves):
        try:
            with transaction.connection.begin_nested():
                migrate_instance(transaction, identity, moves[identity], reason)
        except Refused as refused:
            outcomes[identity] = refused.message
        else:
            outcomes[identity] = None
    return {identity: outcomes[identity] for identity in moves}


def forget(transaction: Transaction, key: str, identity: int) -> None:
    """Ends the approvals of a record that is deleted."""
    for instance in store.ongoing(transaction, key, identity):
        end(transaction, instance.id, "", "record_deleted")
    stage_timers.left(transaction, key, identity)


def _refuse_others(transaction: Transaction, reason: str) -> None:
    if not transaction.actor.administrator:
        raise NotAllowed(say("Only administrators do this."))
    require_no_scope(transaction.actor)
    if not reason.strip():
        raise InputRefused([Problem("reason", say("Write the reason; it stays in the history."))])


def _open_ongoing(transaction: Transaction, instance_id: int) -> Gate:
    gate = open_gate(Work(transaction, fire_by_itself), store.instance_of(transaction, instance_id))
    if gate.instance.status not in store.ONGOING:
        raise NotPossible(say("This approval has ended."))
    return gate


def _going_on(transaction: Transaction, key: str, identity: int) -> Instance:
    require_scope(transaction, "update", transaction.catalog.entity(key))
    found = store.ongoing(transaction, key, identity)
    if not found:
        raise NotPossible(say("Nothing of this record is waiting for approval."))
    return found[-1]
