"""Moving records between stages: which moves are possible for someone, and doing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.access.policy import concerns, principals_condition, rights_key
from engine.catalog import CompiledEntity
from engine.definition.model import Transition
from engine.formula.compile_sql import moment_parameters
from engine.formula.expression import Expression
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Problem, unknown
from engine.records.accept import accept_values, gate_for
from engine.records.compute import Values, bare, evaluate_all, refit
from engine.records.freeze import freeze, thaw
from engine.records.lock import hold
from engine.records.select import Record
from engine.records.write import move
from engine.text import Message, Text, say
from engine.transaction import Transaction
from engine.workflow import machine


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


def possible(transaction: Transaction, key: str, record: Record) -> list[TransitionState]:
    """The moves out of the record's stage, enabled or with the reason why not.

    A field that is still empty does not disable a move: it is asked for with it.
    """
    workflow = transaction.catalog.entity(key).definition.workflow
    if workflow is None:
        return []
    return [_state(transaction, key, record, each) for each in machine.leaving(workflow, record["stage"])]


def every(transaction: Transaction, key: str, record: Record) -> list[TransitionState]:
    """All moves of the workflow; those that start elsewhere say from where."""
    workflow = transaction.catalog.entity(key).definition.workflow
    moves = workflow.transitions.values() if workflow else ()
    return [_state(transaction, key, record, each) for each in moves]


def _state(transaction: Transaction, key: str, record: Record, transition: Transition) -> TransitionState:
    entity = transaction.catalog.entity(key)
    values = {name: bare(value) for name, value in record.items()}
    reason: Message | Text | None = machine.wrong_stage(entity.definition, transition, values["stage"])
    if reason is None and not _concerned(transaction, entity, transition, record["id"]):
        reason = machine.not_yours(transition)
    if reason is None and not _holds(transaction, entity, transition, values, values):
        reason = machine.unmet(transition)
    return TransitionState(
        name=transition.name,
        label=transition.label,
        enabled=reason is None,
        reason=reason,
        required=tuple(str(each.where) for each in machine.missing(entity.definition, transition, values)),
        comment_required=transition.comment_required,
        to=transition.to,
    )


def fire(
    transaction: Transaction,
    key: str,
    identity: int,
    name: str,
    values: Mapping[str, Any],
    comment: str = "",
    revision: int | None = None,
) -> None:
    """Moves the record; `values` fill fields on the way.

    Raises NotFound, NotPossible (wrong stage, `when`), NotAllowed (`by`), Stale, or InputRefused (required
    fields, comment, checks). Nothing is written then.
    """
    entity = transaction.catalog.entity(key)
    transition = _transition(entity, name)
    held = hold(transaction, entity, identity, revision)
    wrong = machine.wrong_stage(entity.definition, transition, held.stage or "")
    if wrong is not None:
        raise NotPossible(wrong)
    if not _concerned(transaction, entity, transition, identity):
        raise NotAllowed(machine.not_yours(transition))
    opened = frozenset(transition.required)
    accepted, problems = accept_values(entity, values, gate_for(held.rights.fields, opened))
    merged = {**held.values, **accepted}
    broken = {problem.where for problem in problems}
    problems += [
        each for each in machine.missing(entity.definition, transition, merged) if each.where not in broken
    ]
    if transition.comment_required and not comment.strip():
        problems.append(
            Problem("comment", say("'{transition}' needs a comment.", transition=transition.label))
        )
    if problems:
        raise InputRefused(problems)
    if not _holds(transaction, entity, transition, merged, held.values):
        raise NotPossible(machine.unmet(transition))
    about = {"transition": transition.name, "comment": comment.strip()}
    settings = _settings(transaction, entity, transition, merged, held.values)
    if transition.thaw:
        thaw(transaction, entity, identity)
        held = hold(transaction, entity, identity)
    move(transaction, entity, held, transition.to, {**accepted, **settings}, about)
    freeze(transaction, entity, [identity], transition.to)


def _transition(entity: CompiledEntity, name: str) -> Transition:
    workflow = entity.definition.workflow
    known = workflow.transitions if workflow else {}
    if name not in known:
        sentence = say("{entity} has no transition '{name}'.", entity=entity.definition.label, name=name)
        raise NotFound(unknown(sentence, name, known))
    return known[name]


def _holds(
    transaction: Transaction,
    entity: CompiledEntity,
    transition: Transition,
    values: Mapping[str, Any],
    saved: Mapping[str, Any],
) -> bool:
    if transition.when is None:
        return True
    formula = transaction.catalog.formula(transition.when)
    return bool(evaluate_all(transaction, entity, {"when": formula}, values, saved)["when"])


def _settings(
    transaction: Transaction,
    entity: CompiledEntity,
    transition: Transition,
    values: Mapping[str, Any],
    saved: Mapping[str, Any],
) -> Values:
    """What the definition sets on the way; `=` texts are formulas about the record before the move."""
    settings = {}
    for name, value in transition.set.items():
        if isinstance(value, Expression):
            formula = transaction.catalog.formula(value)
            found = evaluate_all(transaction, entity, {name: formula}, values, saved)
            value = refit(entity, name, found[name])
        settings[name] = value
    return settings


def _concerned(
    transaction: Transaction, entity: CompiledEntity, transition: Transition, identity: int
) -> bool:
    """Whether the actor is one of the transition's principals for this record."""
    if transaction.actor.administrator:
        return True
    answers = [concerns(transaction, principal) for principal in transition.by]
    if True in answers:
        return True
    depends = [each for each, answer in zip(transition.by, answers, strict=True) if answer is None]
    if not depends:
        return False
    statement = transaction.catalog.once(
        ("concerned", entity.key, transition.name, rights_key(transaction)),
        lambda: principals_condition(transaction, depends, entity, entity.table),
    )
    found = transaction.connection.execute(
        select(entity.table.c.id).where(entity.table.c.id == identity, statement),
        moment_parameters(transaction.moment),
    )
    return found.first() is not None
