"""Firing a transition: by a person, with all that is asked of them, or by itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from engine.access.called import called
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.definition.model import Transition
from engine.problems import InputRefused, NotAllowed, NotPossible, Problem
from engine.records.accept import accept_values, gate_for
from engine.records.compute import evaluate_all
from engine.records.lock import Held, hold
from engine.schema.workflow_tables import workflow_event
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import guards, store
from engine.workflow.arrival import Move, arrive, end
from engine.workflow.events import event_row, write_event
from engine.workflow.gate import submit, submit_again
from engine.workflow.mentions import tell_mentioned
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
    transition = guards.find_transition(entity.definition, name)
    require_scope(transaction, "update", entity)
    held = hold(transaction, entity, identity, revision)
    returned = _not_waiting(transaction, entity, transition, held)
    if not concerned(transaction, entity, transition, identity):
        raise NotAllowed(guards.not_yours(transition, called(transaction, entity, transition.by)))
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
    going = Move(
        entity, transaction.catalog, transition, held, accepted, comment.strip(), transaction.actor.id
    )
    _go(Work(transaction, fire_by_itself), going, returned)
    tell_mentioned(transaction, key, identity, going.comment)


def fire_by_itself(work: Work, key: str, identity: int, name: str, parent: Parent | None) -> str:
    """Fires a transition because time, an action or another approval says so: without `by` and comment.

    Gives the state of its gate: approved (it has happened), or open.
    """
    catalog = work.transaction.catalog
    entity = catalog.entity(key)
    transition = guards.find_transition(entity.definition, name)
    held = hold(work.whole, entity, identity)
    returned = _not_waiting(work.transaction, entity, transition, held)
    problems = guards.missing(entity.definition, transition, held.values)
    if problems:
        raise InputRefused(problems)
    submitter = work.transaction.actor.id
    return _go(work, Move(entity, catalog, transition, held, submitter=submitter, parent=parent), returned)


def _not_waiting(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, held: Held
) -> Instance | None:
    """The approval of the transition that was sent back, if any; NotPossible while one is open."""
    going_on = []
    if entity.definition.has_approvals:
        going_on = [
            each
            for each in store.ongoing(transaction, entity.key, held.values["id"])
            if each.transition == transition.name
        ]
    if going_on and going_on[0].status == "open":
        raise NotPossible(guards.waits_for_approval(transition))
    wrong = guards.wrong_stage(entity.definition, transition, held.stage or "")
    if wrong is not None:
        raise NotPossible(wrong)
    return going_on[0] if going_on else None


def _go(work: Work, going: Move, returned: Instance | None) -> str:
    transaction, transition = work.transaction, going.transition
    merged = {**going.held.values, **going.accepted}
    if not holds(transaction, going.entity, transition, merged, going.held.values):
        raise NotPossible(guards.unmet(transition))
    _refuse_too_often(transaction, going.entity, transition, going.identity)
    if transition.approval is not None and _is_needed(transaction, going.entity, transition, merged):
        return submit(work, going) if returned is None else submit_again(work, going, returned)
    if transition.approval is not None or returned is not None:
        _note_open_gate(work, going, returned)
    arrive(work, going)
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


def _note_open_gate(work: Work, going: Move, returned: Instance | None) -> None:
    """The history says that no approval was needed; one that was returned is not needed any more."""
    transaction = work.transaction
    row = event_row(transaction, going.entity.key, going.identity, "gate_open")
    write_event(transaction, row | {"transition": going.transition.name})
    if returned is not None:
        end(transaction, returned.id, "", "not_needed")


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
    back = select(func.count()).where(
        table.c.entity == entity.key,
        table.c.record_id == identity,
        table.c.kind == "moved_back",
        table.c.transition == transition.name,
    )
    times = transaction.connection.execute(
        select(moved.scalar_subquery() - back.scalar_subquery())
    ).scalar_one()
    if times >= transition.at_most:
        raise NotPossible(
            say(
                "'{transition}' is possible {most} times at most, and has happened {times} times.",
                transition=transition.label,
                most=transition.at_most,
                times=times,
            )
        )


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
