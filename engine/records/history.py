"""What happened to a record: written with every change, read as a timeline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, true

from engine.access.field_policy import readable
from engine.access.person_changes import SYSTEM, person_changed
from engine.access.policy import row_condition
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.encryption import HIDDEN
from engine.fields.types.link import Link
from engine.problems import NotFound
from engine.records.past import EVENT_COLUMNS, Past, named_today
from engine.records.read import exists, titles
from engine.schema.prepared import Prepared, PreparedChange
from engine.schema.system_tables import history
from engine.text import Text, say
from engine.transaction import Transaction

INSERT = insert(history)
COLUMNS = tuple(each.name for each in history.c if each.name != "id")


@dataclass(frozen=True, slots=True)
class Change:
    """One field's values before and after, as JSON: decimals and dates as text, links as ids."""

    field: str
    label: Text
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: kind is created, updated, deleted, restored, transition or moved_back."""

    at: datetime
    by: Link | None
    kind: str
    transition: str | None
    from_stage: str | None
    to_stage: str | None
    comment: str | None
    changes: tuple[Change, ...]
    id: int = 0


def remember(
    transaction: Transaction,
    entity: CompiledEntity,
    identity: int,
    kind: str,
    changes: Mapping[str, tuple[Any, Any]],
    **about: str | None,
) -> None:
    """Writes one event; `changes` maps a field to its JSON before and after; `about`: transition, comment."""
    if entity.definition.app == SYSTEM:
        person_changed(transaction, entity.key, identity, kind, changes)
    if entity.definition.keep_history:
        connection = transaction.connection
        statement = transaction.catalog.once(
            ("remember",), lambda: PreparedChange(INSERT, connection.dialect, COLUMNS)
        )
        statement.run(connection, [event_row(transaction, entity, identity, kind, changes, **about)])


def event_row(
    transaction: Transaction,
    entity: CompiledEntity,
    identity: int,
    kind: str,
    changes: Mapping[str, tuple[Any, Any]],
    **about: str | None,
) -> dict[str, Any]:
    """The row of an event."""
    return {
        "entity": entity.key,
        "record_id": identity,
        "at": transaction.now,
        "by": transaction.actor.id,
        "kind": kind,
        "transition": about.get("transition"),
        "from_stage": about.get("from_stage"),
        "to_stage": about.get("to_stage"),
        "comment": about.get("comment") or None,
        "changes": {
            name: [_kept(transaction, entity, name, each) for each in pair] for name, pair in changes.items()
        },
        "release": transaction.catalog.release,
    }


def _kept(transaction: Transaction, entity: CompiledEntity, name: str, value: Any) -> Any:
    """A value as the table of history has it: nothing of an encrypted one."""
    if name not in entity.fields or value is None:
        return value
    if entity.fields[name].encrypted:
        return HIDDEN
    if name not in entity.children or not isinstance(value, list):
        return value
    child = transaction.catalog.entity(entity.children[name])
    hidden = {field for field, each in child.fields.items() if each.encrypted}
    return [
        {field: HIDDEN if field in hidden and part is not None else part for field, part in row.items()}
        for row in value
    ]


def stored_json(each: CompiledField, value: Any) -> Any:
    """A value as history keeps it, unless it is encrypted."""
    if value is None:
        return None
    if isinstance(value, Link):
        return value.id
    if isinstance(value, list):
        return value
    return each.type.to_json(each.definition.options, value)


def timeline(transaction: Transaction, key: str, identity: int) -> list[Event]:
    """The events of a record, newest first, with the fields the actor may read; NotFound like `get`."""
    entity = transaction.catalog.entity(key)
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    return timeline_of(transaction, entity, identity)


def timeline_of(transaction: Transaction, entity: CompiledEntity, identity: int) -> list[Event]:
    """As `timeline`, of a record that the actor sees."""
    key = entity.key
    found = _remembered(transaction, key, identity)
    if not found:
        return []
    people = titles(transaction, "system.user", (row.by for row in found if row.by is not None))
    allowed = readable(transaction, entity)
    events = [
        Event(
            at=row.at,
            by=None if row.by is None else Link(row.by, people.get(row.by, "")),
            kind=row.kind,
            transition=row.transition,
            from_stage=row.from_stage,
            to_stage=row.to_stage,
            comment=row.comment,
            changes=tuple(_changes(transaction, entity, row.changes, allowed)),
            id=row.id,
        )
        for row in found
    ]
    return _with_titles(transaction, entity, events)


def _remembered(transaction: Transaction, key: str, identity: int) -> list[Past]:
    """What is kept of a record, newest first."""

    def make() -> Prepared:
        of = (history.c.entity == bindparam("of"), history.c.record_id == bindparam("identity"))
        kept = select(*EVENT_COLUMNS).where(*of).order_by(history.c.id.desc())
        return Prepared(kept, transaction.connection.dialect)

    statement = transaction.catalog.once(("timeline",), make)
    rows = statement.rows(transaction.connection, {"of": key, "identity": identity})
    return named_today(transaction, key, rows)


def _changes(
    transaction: Transaction, entity: CompiledEntity, changes: Mapping[str, Any], allowed: frozenset[str]
) -> Iterable[Change]:
    for name, (before, after) in changes.items():
        if name not in allowed or name == "stage":
            continue
        label = entity.fields[name].definition.label
        if name not in entity.children:
            yield Change(name, label, before, after)
            continue
        child = transaction.catalog.entity(entity.children[name])
        shown = _rows_shown(transaction, child, before), _rows_shown(transaction, child, after)
        # Where both sides are kept alike, what changed is encrypted.
        if shown[0] != shown[1] or (before == after and _has_encrypted(transaction, child)):
            yield Change(name, label, *shown)


def _has_encrypted(transaction: Transaction, child: CompiledEntity) -> bool:
    """Whether the actor reads fields of which history keeps nothing."""
    return any(child.fields[name].encrypted for name in readable(transaction, child))


def _rows_shown(transaction: Transaction, child: CompiledEntity, rows: Any) -> Any:
    """Child rows as history kept them, without what the actor may not read of such rows.

    Rules that ask about the row can only be asked of rows that are still there: with those nothing is shown.
    """
    if not isinstance(rows, list):
        return rows
    if row_condition(transaction, "read", child) is not true() and child.definition.access.rules:
        return []
    open_ = readable(transaction, child)
    return [
        {name: value for name, value in row.items() if name not in child.fields or name in open_}
        for row in rows
    ]


def _with_titles(transaction: Transaction, entity: CompiledEntity, events: list[Event]) -> list[Event]:
    """Links in changes become `{"id", "title"}`, named as their records are named today."""
    targets = {
        name: meant.entity
        for name in entity.fields
        if (meant := transaction.catalog.world.entities[entity.key][name]).entity
    }
    wanted: dict[str, set[int]] = {}
    for event in events:
        for change in event.changes:
            target = targets.get(change.field)
            if target:
                values = (change.before, change.after)
                wanted.setdefault(target, set()).update(each for each in values if isinstance(each, int))
    named = {target: titles(transaction, target, identities) for target, identities in wanted.items()}

    def shown(change: Change, value: Any) -> Any:
        target = targets.get(change.field)
        if target is None or not isinstance(value, int):
            return value
        return {"id": value, "title": named[target].get(value)}

    return [
        Event(
            event.at, event.by, event.kind, event.transition, event.from_stage, event.to_stage, event.comment,
            tuple(
                Change(each.field, each.label, shown(each, each.before), shown(each, each.after))
                for each in event.changes
            ),
            event.id,
        )
        for event in events
    ]  # fmt: skip
