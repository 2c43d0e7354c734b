"""What becomes of approvals that are under way when definitions change.

They stay on the release in which they began (rule 13 of the workflow) as long as what they speak of is there
under its names. Where it is not, they go on by the new release when it has the steps at which they wait, and
are cancelled when it does not; the plan says so before.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, not_, or_, select

from engine.definition.model import Entity, Stage, Transition
from engine.releases.approval_moves import Chosen, ended, gone_back, parents_of, taken_along
from engine.releases.diff import Change
from engine.releases.sameness import meaning
from engine.releases.situation import Situation, entities_of, entity_of
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.under_way import (
    ONGOING,
    UnderWay,
    find_under_way,
    not_waiting_at,
    waiting_at,
)
from engine.schema.workflow_tables import workflow_instance
from engine.text import Message, say

NO_LONGER_FOUND = frozenset(
    {
        "app_renamed", "entity_renamed", "entity_removed", "field_renamed", "field_removed", "type_changed",
        "target_changed", "became_computed", "became_plain", "option_renamed", "stage_renamed",
        "stage_removed",
    }
)  # fmt: skip
"""Changes after which the definitions of an earlier release do not find what they name in the tables."""


def approvals_ended(situation: Situation, changes: Sequence[Change]) -> Iterator[Step]:
    """Approvals of entities that go, or have no workflow any more; before anything else is done."""
    for change in changes:
        if change.kind == "entity_removed":
            key, reason = change.before.key, say("{entity} was taken out of use.", entity=change.before.label)
        elif change.kind == "workflow_removed" and change.entity:
            key = situation.former[change.entity.key]
            reason = say("{entity} has no stages any more.", entity=change.entity.label)
        else:
            continue
        for group in situation.under_way:
            if group.entity == key:
                those = group.those(key)
                yield _cancelled(situation, group, key, (those, those), (), reason)


def approvals_in_stage(work: TableWork, stage: Stage, to: str) -> Iterator[Step]:
    """Approvals of records that stand in a stage that goes, and do not wait where the records are put."""
    situation, entity = work.situation, work.entity
    assert work.before
    found = work.as_it_is()
    here = workflow_instance.c.record_id.in_(select(found.c.id).where(found.c.stage == stage.name))
    own = workflow_instance.c.entity == work.before.key
    groups = find_under_way(situation.connection, situation.release - 1, situation.previous.apps, own, here)
    then = workflow_instance.c.record_id.in_(select(work.table.c.id).where(work.table.c.stage == stage.name))
    reason = say("The stage {stage} was removed.", stage=stage.label)
    for group in groups:
        after = _transition(entity, group.transition)
        if not _waits_in(after, to):
            both = (and_(group.those(work.before.key), here), and_(group.those(entity.key), then))
            yield _cancelled(situation, group, entity.key, both, (), reason)


def moved_sources(work: TableWork, stage: str, to: str) -> str:
    """Approvals that would have gone back to a stage that is gone go back to another one."""
    table = workflow_instance
    mine = (table.c.entity == work.entity.key, table.c.source == stage)
    return work.text(table.update().where(*mine).values(source=to))


def going_back_to(work: TableWork, stage: str) -> int:
    """How many approvals would go back to this stage."""
    assert work.before
    table = workflow_instance.c
    mine = (table.entity == work.before.key, table.source == stage, table.status.in_(ONGOING))
    return len(work.situation.connection.execute(select(table.id).where(*mine)).all())


def approvals_taken_along(situation: Situation, changes: Sequence[Change]) -> Iterator[Step]:
    """Approvals that speak of what is called otherwise or is gone; after everything else is done."""
    words = _words_no_longer_found(changes)
    groups = situation.under_way
    if situation.ending:
        others = [not_(each) for each in situation.ending]
        published = situation.previous.apps
        groups = find_under_way(situation.connection, situation.release - 1, published, *others)
    for entity in entities_of(situation.checked):
        key = situation.former.get(entity.key)
        for group in groups:
            if group.entity == key and entity.workflow and (key != entity.key or group.words & words):
                yield from _along(situation, entity, group)


def approvals_that_stay(situation: Situation, entity: Entity, changes: Sequence[Change]) -> Iterator[Message]:
    """Who is asked by a transition that changes, and is still asked as the release says that asks them."""
    key = situation.former.get(entity.key)
    before = entity_of(situation.previous, key) if key else None
    if before is None or before.workflow is None or entity.workflow is None:
        return
    words = _words_no_longer_found(changes)
    for group in situation.under_way:
        if group.entity != key or key != entity.key or group.words & words:
            continue
        old = before.workflow.transitions.get(group.transition)
        new = entity.workflow.transitions.get(group.transition)
        if meaning(old) != meaning(new):
            yield say(
                "{waiting}; {change} They are decided as release {release} says.",
                waiting=group.waits(),
                change=_change(group, new),
                release=group.release,
            )


def _change(group: UnderWay, new: Transition | None) -> Message:
    if new is None:
        return say("the transition goes.")
    if new.approval is None:
        return say("it needs no approval from now on.")
    names = {step.name for step in new.approval.walk()}
    pinned = group.pinned.approval if group.pinned else None
    gone = tuple(
        step.label for step in (pinned.walk() if pinned else ()) if step.name in group.waiting.keys() - names
    )
    if gone:
        return say("that step goes.") if len(gone) == 1 else say("these steps go: {steps}.", steps=gone)
    return say("it is asked for otherwise from now on.")


def _words_no_longer_found(changes: Iterable[Change]) -> frozenset[str]:
    return frozenset(change.before.name for change in changes if change.kind in NO_LONGER_FOUND)


def _along(situation: Situation, entity: Entity, group: UnderWay) -> Iterator[Step]:
    after = _transition(entity, group.transition)
    unfit = group.unfit(after)
    asks = after is not None and after.approval is not None
    staying = {name: count for name, count in group.waiting.items() if name not in unfit}
    if unfit or not asks:
        number = _number(situation, group, unfit if asks else None)
        if number:
            yield _given_up(situation, entity, group, after, unfit, number)
    else:
        number = 0
    if asks and number < group.count:
        yield _goes_on(situation, entity, group, after, unfit, staying, group.count - number)


def _number(situation: Situation, group: UnderWay, unfit: frozenset[str] | None) -> int:
    """How many of them wait at these steps; all of them for None."""
    if unfit is None:
        return group.count
    those = select(workflow_instance.c.id).where(group.those(group.entity), waiting_at(unfit))
    return len(situation.connection.execute(those).all())


def _given_up(
    situation: Situation,
    entity: Entity,
    group: UnderWay,
    after: Transition | None,
    unfit: frozenset[str],
    number: int,
) -> Step:
    fitting: tuple[ColumnElement[bool], ...] = ()
    if after is not None and after.approval is not None:
        fitting = (waiting_at(unfit),)
    both = (and_(group.those(group.entity), *fitting), and_(group.those(entity.key), *fitting))
    part = UnderWay(
        group.entity,
        group.transition,
        group.release,
        number,
        {name: count for name, count in group.waiting.items() if name in unfit},
        group.pinned,
    )
    reason = say("What this approval speaks of is called otherwise or is gone, and so is where it waited.")
    approval = group.pinned.approval if group.pinned else None
    stages = entity.workflow.stages if entity.workflow else {}
    back = approval.withdrawn if approval and approval.withdrawn in stages else None
    return _cancelled(situation, part, entity.key, both, ((entity.key, back),), reason)


def _goes_on(
    situation: Situation,
    entity: Entity,
    group: UnderWay,
    after: Transition | None,
    unfit: frozenset[str],
    staying: dict[str, int],
    number: int,
) -> Step:
    assert after
    assert after.approval
    old = group.pinned.approval if group.pinned else None
    those = and_(group.those(entity.key), not_waiting_at(unfit)) if unfit else group.those(entity.key)
    sql = taken_along(situation, _ids(those), group.release, old, after.approval, list(staying))
    part = UnderWay(group.entity, group.transition, group.release, number, staying, group.pinned)
    sentence = say(
        "{waiting} and go on as this release says, since they speak of what changes."
        if number > 1
        else "{waiting} and goes on as this release says, since it speaks of what changes.",
        waiting=part.waits(),
    )
    return Step("approvals_taken_along", sentence, entity=entity.key, sql=tuple(sql), records=number)


def _cancelled(
    situation: Situation,
    group: UnderWay,
    key: str,
    those: tuple[ColumnElement[bool], ColumnElement[bool]],
    back: Sequence[tuple[str, str | None]],
    reason: Message,
) -> Step:
    """`those`: the condition that finds them now, and the one when the statements run; `back`: see gone_back.

    An approval that waits for one of them as a part of its own is cancelled with it.
    """
    now, then = those
    situation.ending.append(now)
    parents = parents_of(situation.connection, now)
    waiting = [identity for ids in parents.values() for identity in ids]
    chosen = _ids(or_(then, workflow_instance.c.id.in_(waiting)) if waiting else then)
    names = {was: name for name, was in situation.former.items()}
    others = [(names[each], None) for each in parents if each in names and names[each] != key]
    sql = [text for entity, stage in (*back, *others) for text in gone_back(situation, entity, chosen, stage)]
    sql += ended(situation, chosen, reason)
    sentence = say("Cancels approvals. {waiting}: {reason}", waiting=group.waits(), reason=reason)
    return Step(
        "approvals_cancelled",
        sentence,
        Risk.CONFIRM,
        entity=key,
        sql=tuple(sql),
        records=group.count,
    )


def _ids(those: ColumnElement[bool]) -> Chosen:
    return select(workflow_instance.c.id).where(those)


def _transition(entity: Entity, name: str) -> Transition | None:
    return entity.workflow.transitions.get(name) if entity.workflow else None


def _waits_in(transition: Transition | None, stage: str) -> bool:
    """Whether records wait in this stage while the approval of the transition is under way."""
    if transition is None or transition.approval is None:
        return False
    pending = transition.approval.pending
    return pending == stage or (pending is None and stage in transition.sources)
