"""A move that nothing stands in the way of: the stage, `set`, `do` in order, freezing, timers, events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.access.people import People
from engine.actions.acting import Acting, Made
from engine.actions.registry import ACTIONS
from engine.catalog import Catalog, CompiledEntity
from engine.definition.action import Action, Fire
from engine.definition.model import Transition
from engine.formula.expression import Expression
from engine.notifications import notify
from engine.problems import NotPossible
from engine.records.compute import Values, evaluate_all, refit
from engine.records.freeze import freeze, thaw
from engine.records.lock import Held, hold
from engine.records.subject import Subject
from engine.records.write import move
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import course, store, timers
from engine.workflow.work import DEEPEST, Work


@dataclass(frozen=True, slots=True)
class Move:
    """A transition of the release `catalog` on a held record. `accepted` are the values sent with it.

    `instance` is the approval that let it happen, `submitter` who asked for it.
    """

    catalog: Catalog
    transition: Transition
    held: Held
    accepted: Values
    comment: str
    submitter: int | None
    instance: int | None = None


def arrive(work: Work, entity: CompiledEntity, arriving: Move) -> None:
    """Moves the record to `to`, writes `set`, does `do` in order; any failure undoes everything."""
    transition, held, transaction = arriving.transition, arriving.held, work.transaction
    identity = held.values["id"]
    settings = _settings(transaction, entity, arriving)
    if transition.thaw:
        thaw(transaction, entity, identity)
        held = hold(work.whole, entity, identity)
    values = {**arriving.accepted, **settings}
    change_stage(work, entity, held, transition, transition.to, values, arriving.comment, arriving.instance)
    freeze(transaction, entity, [identity], transition.to)
    for action in transition.do:
        _act(work, entity, identity, arriving, action)


def change_stage(
    work: Work,
    entity: CompiledEntity,
    held: Held,
    transition: Transition,
    to: str,
    values: Values,
    comment: str,
    instance: int | None,
) -> None:
    """Writes stage and values with the event; other approvals of the record end when it goes elsewhere."""
    transaction = work.transaction
    _refuse_gone_stage(entity, to)
    source, identity = held.stage or "", held.values["id"]
    move(transaction, entity, held, to, values, {"transition": transition.name, "comment": comment})
    row = store.event_row(transaction, entity.key, identity, "moved") | {
        "instance_id": instance,
        "transition": transition.name,
        "comment": comment,
        "detail": {"from": source, "to": to},
    }
    store.write_event(transaction, row)
    if source != to:
        supersede(work, entity, identity, transition.name)
        timers.entered(transaction, entity, identity, to, held.values["revision"] + 1)


def _refuse_gone_stage(entity: CompiledEntity, to: str) -> None:
    workflow = entity.definition.workflow
    if workflow is None or to not in workflow.stages:
        raise NotPossible(
            say("{entity} has no stage '{stage}' in this release.", entity=entity.definition.label, stage=to)
        )


def supersede(work: Work, entity: CompiledEntity, identity: int, name: str) -> None:
    """Ends the approvals of other transitions of a record that has gone another way."""
    workflow = entity.definition.workflow
    if workflow is None or not any(each.approval for each in workflow.transitions.values()):
        return
    for instance in store.ongoing(work.transaction, entity.key, identity):
        if instance.transition != name:
            running = store.load(work.transaction, instance.id)
            before = replace(running, steps=dict(running.steps), tasks=dict(running.tasks))
            course.cancel(running, name, "superseded")
            store.save(work.transaction, running, before)


def _settings(transaction: Transaction, entity: CompiledEntity, arriving: Move) -> Values:
    """What the definition sets on the way; `=` texts are formulas about the record before the move."""
    asking = replace(transaction, catalog=arriving.catalog)
    older = arriving.catalog.entity(entity.key)
    saved = arriving.held.values
    merged: Mapping[str, Any] = {**saved, **arriving.accepted}
    settings = {}
    for name, value in arriving.transition.set.items():
        if isinstance(value, Expression):
            formula = arriving.catalog.formula(value)
            found = evaluate_all(asking, older, {name: formula}, merged, saved)
            value = refit(entity, name, found[name])
        settings[name] = value
    return settings


def _act(work: Work, entity: CompiledEntity, identity: int, arriving: Move, action: Action) -> None:
    held = hold(work.whole, entity, identity)
    subject = Subject(work.transaction, arriving.catalog, entity.key, identity, held.values)
    if isinstance(action, Fire):
        target, other = entity.key, identity
        if action.record is not None:
            found = subject.value(action.record)
            if found is None:
                raise NotPossible(
                    say("'{formula}' leads to no record, so nothing moves there.", formula=action.record.text)
                )
            target, other = str(arriving.catalog.formula(action.record).type.entity), int(found)
        follow(work, target, other, action.name)
        return
    new: Made = ACTIONS[type(action)](Acting(subject, arriving.submitter), action)
    for key, record in new:
        made(work.transaction, key, record)


def follow(work: Work, key: str, identity: int, name: str) -> None:
    """Fires a transition that follows from another; beyond the limit it is an incident instead (rule 15)."""
    if work.depth >= DEEPEST:
        message = say(
            "“{transition}” of {entity} {id} was stopped: more than {most} transitions followed from one "
            "another.",
            transition=name,
            entity=key,
            id=identity,
            most=DEEPEST,
        )
        transaction = work.transaction
        words = {locale: message.to(locale) for locale in ("en", "zh")}
        row = store.event_row(transaction, key, identity, "incident") | {
            "transition": name,
            "detail": {"words": words},
        }
        store.write_event(transaction, row)
        people = People(transaction).administrators()
        told = f"loop:{key}:{identity}:{name}:{transaction.now.isoformat()}"
        notify(transaction, people, message, (key, identity), "workflow_incident", told)
        return
    work.fire(work.deeper(), key, identity, name, None)


def made(transaction: Transaction, key: str, identity: int) -> None:
    """Sets the timers of the first stage of a new record."""
    entity = transaction.catalog.entity(key)
    if entity.definition.workflow:
        timers.entered(transaction, entity, identity, entity.definition.workflow.initial.name, 1)
