"""Which moves are possible for someone, and why the others are not."""

from dataclasses import dataclass

from engine.access.called import called
from engine.definition.model import Transition
from engine.records.compute import bare
from engine.records.select import Record
from engine.text import Message, Text
from engine.transaction import Transaction
from engine.workflow import guards, store
from engine.workflow.firing import holds
from engine.workflow.principals import concerned


@dataclass(frozen=True, slots=True)
class TransitionState:
    """A move out of the present stage; when it is not enabled, `reason` says why."""

    name: str
    label: Text
    enabled: bool
    reason: Message | Text | None
    required: tuple[str, ...]
    """Fields that must still be filled; they can be sent with the move."""
    comment_required: bool
    to: str
    approval: bool = False
    """Whether it may have to be approved."""


def possible(transaction: Transaction, key: str, record: Record) -> list[TransitionState]:
    """The moves out of the record's stage, enabled or with the reason why not.

    A field that is still empty does not disable a move: it is asked for with it. Moves that only happen by
    themselves are left out.
    """
    workflow = transaction.catalog.entity(key).definition.workflow
    if workflow is None:
        return []
    moves = [each for each in guards.leaving(workflow, record["stage"]) if each.by]
    return _states(transaction, key, record, moves)


def every(transaction: Transaction, key: str, record: Record) -> list[TransitionState]:
    """All moves of the workflow; those that start elsewhere say from where."""
    workflow = transaction.catalog.entity(key).definition.workflow
    return _states(transaction, key, record, list(workflow.transitions.values()) if workflow else [])


def _states(
    transaction: Transaction, key: str, record: Record, transitions: list[Transition]
) -> list[TransitionState]:
    entity = transaction.catalog.entity(key)
    ongoing = store.ongoing(transaction, key, record["id"]) if entity.definition.has_approvals else []
    waiting = frozenset(each.transition for each in ongoing if each.status == "open")
    return [_state(transaction, key, record, each, waiting) for each in transitions]


def _state(
    transaction: Transaction, key: str, record: Record, transition: Transition, waiting: frozenset[str]
) -> TransitionState:
    entity = transaction.catalog.entity(key)
    values = {name: bare(value) for name, value in record.items()}
    reason: Message | Text | None = None
    if transition.name in waiting:
        reason = guards.waits_for_approval(transition)
    if reason is None:
        reason = guards.wrong_stage(entity.definition, transition, values["stage"])
    if reason is None and not concerned(transaction, entity, transition, record["id"]):
        reason = guards.not_yours(transition, called(transaction, entity, transition.by))
    if reason is None and not holds(transaction, entity, transition, values, values):
        reason = guards.unmet(transition)
    return TransitionState(
        name=transition.name,
        label=transition.label,
        enabled=reason is None,
        reason=reason,
        required=tuple(str(each.where) for each in guards.missing(entity.definition, transition, values)),
        comment_required=transition.comment_required,
        to=transition.to,
        approval=transition.approval is not None,
    )
