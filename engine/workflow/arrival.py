"""A move that nothing stands in the way of: the stage, `set`, `do` in order, freezing, timers, events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.access.people import People
from engine.actions.acting import Acting
from engine.actions.registry import ACTIONS
from engine.catalog import Catalog, CompiledEntity
from engine.definition.action import Action, Fire
from engine.definition.model import Transition
from engine.formula.expression import Expression
from engine.notifications import notify
from engine.problems import NotPossible
from engine.records import stage_timers
from engine.records.compute import Values, evaluate_all, refit
from engine.records.freeze import freeze, thaw
from engine.records.lock import Held, hold
from engine.records.subject import Subject
from engine.records.write import move
from engine.text import say
from engine.transaction import Transaction
from engine.workflow import course, store
from engine.workflow.events import event_row, write_event
from engine.workflow.saving import save
from engine.workflow.work import DEEPEST, Parent, Work


@dataclass(frozen=True, slots=True)
class Move:
    """A transition of the release `catalog` on a held record. `accepted` are the values sent with it.

    `submitter` is who asked for it, `instance` the approval in which it happens, `parent` the step of another
    approval that waits for it.
    """

    entity: CompiledEntity
    catalog: Catalog
    transition: Transition
    held: Held
    accepted: Values = field(default_factory=dict)
    comment: str = ""
    submitter: int | None = None
    instance: int | None = None
    parent: Parent | None = None

    @property
    def identity(self) -> int:
        """The id of the record."""
        found: int = self.held.values["id"]
        return found


def arrive(work: Work, going: Move) -> None:
    """Moves the record to `to`, writes `set`, does `do` in order; any failure undoes everything."""
    transition, transaction = going.transition, work.transaction
    values = {**going.accepted, **_settings(transaction, going)}
    if transition.thaw:
        thaw(transaction, going.entity, going.identity)
        going = replace(going, held=hold(work.whole, going.entity, going.identity))
    change_stage(work, going, transition.to, values)
    freeze(transaction, going.entity, [going.identity], transition.to)
    for action in transition.do:
        _act(work, going, action)


def change_stage(work: Work, going: Move, to: str, values: Values) -> None:
    """Writes stage and values with the event; other approvals of the record end when it goes elsewhere."""
    transaction, entity, held, name = work.transaction, going.entity, going.held, going.transition.name
    _refuse_gone_stage(entity, to)
    source, identity = held.stage or "", going.identity
    move(transaction, entity, held, to, values, {"transition": name, "comment": going.comment})
    row = event_row(transaction, entity.key, identity, "moved") | {
        "instance_id": going.instance,
        "transition": name,
        "comment": going.comment,
        "detail": {"from": source, "to": to},
    }
    write_event(transaction, row)
    if source != to:
        supersede(work, entity, identity, name)
        stage_timers.entered(transaction, entity, identity, to, held.values["revision"] + 1)


def _refuse_gone_stage(entity: CompiledEntity, to: str) -> None:
    workflow = entity.definition.workflow
    if workflow is None or to not in workflow.stages:
        raise NotPossible(
            say("{entity} has no stage '{stage}' in this release.", entity=entity.definition.label, stage=to)
        )


def supersede(work: Work, entity: CompiledEntity, identity: int, name: str) -> None:
    """Ends the approvals of other transitions of a record that has gone another way."""
    workflow = entity.definition.workflow
    others = workflow.transitions.values() if workflow else ()
    if not any(each.approval and each.name != name for each in others):
        return
    for instance in store.ongoing(work.transaction, entity.key, identity):
        if instance.transition != name:
            end(work.transaction, instance.id, name, "superseded")


def end(transaction: Transaction, instance: int, reason: str, kind: str) -> None:
    """Cancels an approval whose record stays where it is; `kind` is the event that says why."""
    running = store.load(transaction, instance)
    before = running.copy()
    course.cancel(running, reason, kind)
    save(transaction, running, before)


def _settings(transaction: Transaction, going: Move) -> Values:
    """What the definition sets on the way; `=` texts are formulas about the record before the move."""
    if not going.transition.set:
        return {}
    asking = replace(transaction, catalog=going.catalog)
    older = going.catalog.entity(going.entity.key)
    saved = going.held.values
    merged: Mapping[str, Any] = {**saved, **going.accepted}
    settings = {}
    for name, value in going.transition.set.items():
        if isinstance(value, Expression):
            formula = going.catalog.formula(value)
            found = evaluate_all(asking, older, {name: formula}, merged, saved)
            value = refit(going.entity, name, found[name])
        settings[name] = value
    return settings


def _act(work: Work, going: Move, action: Action) -> None:
    key, identity = going.entity.key, going.identity
    held = hold(work.whole, going.entity, identity)
    subject = Subject(work.transaction, going.catalog, key, identity, held.values)
    if isinstance(action, Fire):
        target, other = key, identity
        if action.record is not None:
            found = subject.value(action.record)
            if found is None:
                raise NotPossible(
                    say("'{formula}' leads to no record, so nothing moves there.", formula=action.record.text)
                )
            target, other = str(going.catalog.formula(action.record).type.entity), int(found)
        follow(work, target, other, action.name)
        return
    ACTIONS[type(action)](Acting(subject, going.submitter), action)


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
        row = event_row(transaction, key, identity, "incident") | {
            "transition": name,
            "detail": {"words": words},
        }
        write_event(transaction, row)
        people = People(transaction).administrators()
        told = f"loop:{key}:{identity}:{name}:{transaction.now.isoformat()}"
        notify(transaction, people, message, (key, identity), "workflow_incident", told)
        return
    work.fire(work.deeper(), key, identity, name, None)
