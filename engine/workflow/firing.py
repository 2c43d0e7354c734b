"""Firing a transition: by a person, with all that is asked of them, or by itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from engine.catalog import CompiledEntity
from engine.definition.model import Transition
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Problem, unknown
from engine.records.accept import accept_values, gate_for
from engine.records.compute import Values, evaluate_all
from engine.records.lock import Held, hold
from engine.schema.workflow_tables import workflow_event
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import course, guards, store
from engine.workflow.arrival import Move, arrive
from engine.workflow.gate import submit, submit_again
from engine.workflow.principals import concerned
from engine.workflow.state import Instance
from engine.workflow.work import Parent, Work

DONE = "approved"


def fire(
    transaction: Transaction,
    key: str,
    identity: int,
    name: str,
    values: Mapping[str, Any],
    comment: str = "",
    revision: int | None = None,
) -> None:
    """Moves the record, or has the move approved; `values` fill fields on the way.

    Raises NotFound, NotPossible (wrong stage, `when`, waiting for approval), NotAllowed (`by`), Stale, or
    InputRefused (required fields, comment, checks). Nothing is written then.
    """
    entity = transaction.catalog.entity(key)
    transition = find_transition(entity, name)
    held = hold(transaction, entity, identity, revision)
    _refuse_wrong_stage(transaction, entity, transition, held)
    if not concerned(transaction, entity, transition, identity):
        raise NotAllowed(guards.not_yours(transition))
    opened = frozenset(transition.required)
    accepted, problems = accept_values(entity, values, gate_for(held.rights.fields, opened))
    merged = {**held.values, **accepted}
    broken = {problem.where for problem in problems}
    problems += [
        each for each in guards.missing(entity.definition, transition, merged) if each.where not in broken
    ]
    if transition.comment_required and not comment.strip():
        problems.append(
            Problem("comment", say("'{transition}' needs a comment.", transition=transition.label))
        )
    if problems:
        raise InputRefused(problems)
    work = Work(transaction, fire_by_itself)
    _go(work, entity, transition, held, accepted, comment.strip(), None)


def fire_by_itself(work: Work, key: str, identity: int, name: str, parent: Parent | None) -> str:
    """Fires a transition because time, an action or another approval says so: without `by` and comment.

    Gives the state of its gate: approved (it has happened), or open.
    """
    entity = work.transaction.catalog.entity(key)
    transition = find_transition(entity, name)
    held = hold(work.whole, entity, identity)
    _refuse_wrong_stage(work.transaction, entity, transition, held)
    problems = guards.missing(entity.definition, transition, held.values)
    if problems:
        raise InputRefused(problems)
    return _go(work, entity, transition, held, {}, "", parent)


def _refuse_wrong_stage(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, held: Held
) -> None:
    waiting = waiting_for(transaction, entity, held.values["id"], transition.name)
    if waiting is not None and waiting.status == "open":
        raise NotPossible(guards.waits_for_approval(transition))
    wrong = guards.wrong_stage(entity.definition, transition, held.stage or "")
    if wrong is not None:
        raise NotPossible(wrong)


def waiting_for(
    transaction: Transaction, entity: CompiledEntity, identity: int, name: str
) -> Instance | None:
    """The approval of a transition of the record that is going on, open or returned."""
    if not has_approvals(entity):
        return None
    found = store.ongoing(transaction, entity.key, identity)
    return next((each for each in found if each.transition == name), None)


def has_approvals(entity: CompiledEntity) -> bool:
    """Whether a transition of the entity has to be approved."""
    workflow = entity.definition.workflow
    return workflow is not None and any(each.approval for each in workflow.transitions.values())


def _go(
    work: Work,
    entity: CompiledEntity,
    transition: Transition,
    held: Held,
    accepted: Values,
    comment: str,
    parent: Parent | None,
) -> str:
    transaction, identity = work.transaction, held.values["id"]
    merged = {**held.values, **accepted}
    if not holds(transaction, entity, transition, merged, held.values):
        raise NotPossible(guards.unmet(transition))
    _refuse_too_often(transaction, entity, transition, identity)
    if transition.approval is not None:
        returned = waiting_for(transaction, entity, identity, transition.name)
        if _is_needed(transaction, entity, transition, merged):
            if returned is not None:
                return submit_again(work, entity, transition, held, accepted, comment, returned)
            return submit(work, entity, transition, held, accepted, comment, parent)
        _note_open_gate(work, entity, transition, identity, returned)
    submitter = transaction.actor.id
    arrive(work, entity, Move(transaction.catalog, transition, held, accepted, comment, submitter))
    return DONE


def _is_needed(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, values: Mapping[str, Any]
) -> bool:
    assert transition.approval is not None
    condition = transition.approval.needed_when
    if condition is None:
        return True
    formula = transaction.catalog.formula(condition)
    return bool(evaluate_all(transaction, entity, {"needed": formula}, values)["needed"])


def _note_open_gate(
    work: Work, entity: CompiledEntity, transition: Transition, identity: int, returned: Instance | None
) -> None:
    """The history says that no approval was needed; one that was returned is not needed any more."""
    transaction = work.transaction
    row = store.event_row(transaction, entity.key, identity, "gate_open") | {"transition": transition.name}
    store.write_event(transaction, row)
    if returned is not None:
        running = store.load(transaction, returned.id)
        before = store.load(transaction, returned.id)
        course.cancel(running, "", "not_needed")
        store.save(transaction, running, before)


def _refuse_too_often(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, identity: int
) -> None:
    if transition.at_most is None:
        return
    table = workflow_event
    moved = select(func.count()).where(
        table.c.entity == entity.key,
        table.c.record_id == identity,
        table.c.kind.in_(("moved", "submitted")),
        table.c.transition == transition.name,
        table.c.detail["to"].as_string() == transition.to,
    )
    times = transaction.connection.execute(moved).scalar_one()
    if times >= transition.at_most:
        raise NotPossible(
            say(
                "'{transition}' is possible {most} times at most, and has happened {times} times.",
                transition=transition.label,
                most=transition.at_most,
                times=times,
            )
        )


def find_transition(entity: CompiledEntity, name: str) -> Transition:
    """The transition; NotFound names those that are near."""
    workflow = entity.definition.workflow
    known = workflow.transitions if workflow else {}
    if name not in known:
        sentence = say("{entity} has no transition '{name}'.", entity=entity.definition.label, name=name)
        raise NotFound(unknown(sentence, name, known))
    return known[name]


def holds(
    transaction: Transaction,
    entity: CompiledEntity,
    transition: Transition,
    values: Mapping[str, Any],
    saved: Mapping[str, Any],
) -> bool:
    """Whether `when` holds; what cannot be decided does not."""
    if transition.when is None:
        return True
    formula = transaction.catalog.formula(transition.when)
    return bool(evaluate_all(transaction, entity, {"when": formula}, values, saved)["when"])
