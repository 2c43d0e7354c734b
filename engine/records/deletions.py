"""What was deleted lately and can be brought back, the latest first: one's own; administrators see all of it.

`engine.records.restore` brings back; what stands in its way is decided there, and told here as far as the
history alone tells it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select

from engine.access.person_changes import USER
from engine.access.policy import Decision, may
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID, Link
from engine.problems import Malformed, NotAllowed
from engine.records.as_it_was import title_as_it_was
from engine.records.past import EVENT_COLUMNS, Past, named_today
from engine.records.read import titles
from engine.records.restore import RESTORED_FOR, kept_values, not_kept
from engine.schema.system_tables import DELETED, history
from engine.text import Message, Text, say
from engine.transaction import Transaction

SCANNED = 1_000
SCANS = 10
"""A page looks through so many deletions at most: of very many, most may have been brought back already."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record that is gone. By the number `event` it is brought back, `until` then.

    `reason` says why it cannot be brought back as things stand. `owner` is the (entity, id) of the record
    that a child row belongs to, where that is gone, too. `rows` are child rows that come back with it.
    """

    id: int
    event: int
    title: str
    at: datetime
    by: Link | None
    until: datetime
    reason: Message | Text | None = None
    owner: tuple[str, int] | None = None
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Deletions:
    """Some of what was deleted; `next` is the cursor of what was deleted before, None at the end."""

    records: list[Deletion]
    next: str | None


def may_bring_back(transaction: Transaction, entity: CompiledEntity) -> Decision:
    """Whether the actor could bring back records of this kind at all."""
    label = entity.definition.label
    if entity.key == USER:
        return Decision(False, say("With a person their sign-in has gone; add the person anew."))
    if not entity.definition.keep_history:
        return Decision(
            False, say("No history is kept of {entity}: what is deleted stays gone.", entity=label)
        )
    decisions = [may(transaction, action, entity) for action in ("read", "delete")]
    return next((each for each in decisions if not each.allowed), decisions[-1])


def lately_deleted(transaction: Transaction, key: str, limit: int, after: str | None = None) -> Deletions:
    """What the actor may see and bring back; NotAllowed where that is nothing, whatever was deleted.

    A page may hold fewer than `limit` though there are more: `next` tells.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "delete", entity)
    decision = may_bring_back(transaction, entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    found: list[Deletion] = []
    cursor = _position(transaction, key, after) if after else None
    # Mostly what was deleted is gone: a few more than the page holds will do.
    for size in (min(2 * limit, SCANNED), *[SCANNED] * SCANS):
        lot = _scanned(transaction, entity, cursor, size)
        waiting = _still_gone(transaction, entity, lot)
        while waiting and len(found) <= limit:
            some, waiting = waiting[: limit + 1], waiting[limit + 1 :]
            found += _shown(transaction, entity, some)
        if len(found) > limit:
            return _finished(transaction, entity, found[:limit], str(found[limit - 1].event))
        if len(lot) < size:
            return _finished(transaction, entity, found, None)
        cursor = lot[-1].at, lot[-1].id
    return _finished(transaction, entity, found, str(cursor[1]) if cursor else None)


def _position(transaction: Transaction, key: str, after: str) -> tuple[datetime, int]:
    """Where a page begins: behind the deletion with this number."""
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    found = transaction.connection.execute(
        select(history.c.at).where(history.c.id == min(number, LARGEST_ID), history.c.entity == key, DELETED)
    ).scalar()
    if found is None:
        raise Malformed(say("'after' is not a cursor of this list: “{value}”.", value=after))
    return found, number


def _scanned(
    transaction: Transaction, entity: CompiledEntity, after: tuple[datetime, int] | None, limit: int
) -> list[Row[Any]]:
    """Deletions that are not too long ago, and whether the records are there again."""
    conditions: list[Any] = [
        history.c.entity == entity.key,
        DELETED,
        history.c.at >= transaction.now - RESTORED_FOR,
    ]
    if not transaction.actor.administrator:
        conditions.append(history.c.by == transaction.actor.id)
    if after is not None:
        at, number = after
        conditions += [history.c.at <= at, or_(history.c.at < at, history.c.id < number)]
    there = exists().where(entity.table.c.id == history.c.record_id).label("there")
    statement = select(history.c.id, history.c.at, history.c.record_id, there).where(*conditions)
    ordered = statement.order_by(history.c.at.desc(), history.c.id.desc()).limit(limit)
    return list(transaction.connection.execute(ordered))


def _still_gone(transaction: Transaction, entity: CompiledEntity, lot: Sequence[Row[Any]]) -> list[int]:
    """The numbers of those deletions by which a record is gone today, in their order."""
    gone = [row for row in lot if not row.there]
    if not gone:
        return []
    last = select(history.c.record_id, func.max(history.c.id)).where(
        history.c.entity == entity.key,
        history.c.record_id.in_({row.record_id for row in gone}),
        history.c.kind == "deleted",
    )
    latest = {row[0]: row[1] for row in transaction.connection.execute(last.group_by(history.c.record_id))}
    return [row.id for row in gone if latest.get(row.record_id) == row.id]


def _shown(transaction: Transaction, entity: CompiledEntity, numbers: Sequence[int]) -> list[Deletion]:
    """Those that the actor may see and could delete, were they there."""
    rows = transaction.connection.execute(
        select(*EVENT_COLUMNS, history.c.record_id)
        .where(history.c.id.in_(numbers))
        .order_by(history.c.at.desc(), history.c.id.desc())
    ).all()
    identities = [row.record_id for row in rows]
    events = named_today(transaction, entity.key, [row[:-1] for row in rows])
    found = []
    for identity, gone in zip(identities, events, strict=True):
        values, problems = kept_values(transaction, entity, identity, gone)
        if entity.definition.workflow:
            values["stage"] = values.get("stage") or gone.from_stage
        title = title_as_it_was(transaction, entity, values, gone)
        if title is None:
            continue
        owner = values.get(entity.parent_link) if entity.parent_link else None
        broken = problems[0].message if problems else None
        found.append(
            Deletion(
                id=identity,
                event=gone.id,
                title=title or f"#{identity}",
                at=gone.at,
                by=None if gone.by is None else Link(gone.by, ""),
                until=gone.at + RESTORED_FOR,
                reason=not_kept(entity, gone) or broken,
                owner=None if owner is None else (entity.definition.parent or "", owner),
                rows=_rows(entity, gone),
            )
        )
    return found


def _finished(
    transaction: Transaction, entity: CompiledEntity, found: Sequence[Deletion], following: str | None
) -> Deletions:
    """With the names of those who deleted, and told where the owner of a child row is gone."""
    people = titles(transaction, USER, (each.by.id for each in found if each.by))
    kept = _owners_there(transaction, entity, (each.owner[1] for each in found if each.owner))
    finished = []
    for each in found:
        gone = each.owner is not None and each.owner[1] not in kept
        finished.append(
            replace(
                each,
                by=each.by and Link(each.by.id, people.get(each.by.id, ""), each.by.id in people),
                owner=each.owner if gone else None,
                reason=_owner_first(transaction, entity) if gone else each.reason,
            )
        )
    return Deletions(finished, following)


def _owners_there(transaction: Transaction, entity: CompiledEntity, identities: Iterable[int]) -> set[int]:
    if not entity.definition.parent:
        return set()
    table = transaction.catalog.tables.table(entity.definition.parent)
    return set(
        transaction.connection.execute(select(table.c.id).where(table.c.id.in_(set(identities)))).scalars()
    )


def _owner_first(transaction: Transaction, entity: CompiledEntity) -> Message:
    owner = transaction.catalog.entity(entity.definition.parent or "")
    return say(
        "The {owner} that it belongs to is deleted, too: bring that back first.", owner=owner.definition.label
    )


def _rows(entity: CompiledEntity, gone: Past) -> tuple[tuple[str, int], ...]:
    """How many child rows went with the record, by the fields that held them."""
    counted = ((name, len(gone.changes.get(name, [[]])[0] or ())) for name in entity.children)
    return tuple((name, count) for name, count in counted if count)
