"""Two people who change one record at the same time: what changed meanwhile, and what of it collides.

Each change of a record makes one event and raises its revision by one, so that the latest events tell what a
field held at the revision that somebody began with.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson

from engine.access.field_policy import readable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.encrypted_column import keys_of
from engine.fields.encryption import KeyMissing
from engine.fields.types.link import Link
from engine.records.compute import Values, bare
from engine.records.history import stored_json, timeline
from engine.transaction import Transaction

CHANGING = frozenset({"created", "updated", "transition", "moved_back"})
"""Kinds of events that raise the revision."""


Began = Mapping[tuple[str, int | None, str], Any]
"""Entity, record and encrypted field → what it held when the form was made, as JSON."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A field that somebody else changed: what it held when one began, as JSON, and who changed it last."""

    field: CompiledField
    then: Any
    by: Link | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be written: `values` without what only others changed; `conflicts`: both sides did."""

    values: Values
    taken: tuple[Meanwhile, ...]
    conflicts: tuple[Meanwhile, ...]


def changed_since(
    transaction: Transaction, entity: CompiledEntity, identity: int, revision: int, now: int
) -> dict[str, Meanwhile] | None:
    """The fields that changed between two revisions; None where nobody can tell: no history is kept."""
    changing = [each for each in timeline(transaction, entity.key, identity) if each.kind in CHANGING]
    if not entity.definition.keep_history or not 0 < revision <= now <= len(changing):
        return None
    found: dict[str, Meanwhile] = {}
    for event in changing[: now - revision]:
        for change in event.changes:
            latest = found.get(change.field)
            by = latest.by if latest else event.by
            found[change.field] = Meanwhile(entity.fields[change.field], plain(change.before), by)
    return found


def sealed(
    transaction: Transaction, entity: CompiledEntity, each: CompiledField, identity: int, value: Any
) -> str:
    """What an encrypted field holds, as a text for the form that begins with it: history does not keep it."""
    kept = [entity.key, identity, each.name, _json(each, value, entity)]
    return keys_of(transaction.connection.dialect).encrypt(orjson.dumps(kept))


def merged(
    transaction: Transaction,
    entity: CompiledEntity,
    sent: Mapping[str, Any],
    record: Mapping[str, Any],
    meanwhile: Mapping[str, Meanwhile],
    began: Iterable[str] = (),
) -> Merged:
    """Puts what was sent together with what others wrote; `record` is as it is now.

    `began` are the texts of `sealed` that the form was made with.
    """
    known = _unsealed(transaction, began)
    values: Values = dict(sent)
    taken, conflicts = [], []
    allowed = readable(transaction, entity)
    for name, hidden in meanwhile.items():
        if name not in sent or name not in allowed:
            continue
        theirs = replace(hidden, then=_then(entity, record.get("id"), hidden, known))
        mine = _json(theirs.field, sent[name], entity)
        if same(mine, theirs.then):
            values.pop(name)
            taken.append(theirs)
        elif not same(mine, _json(theirs.field, record.get(name), entity)):
            conflicts.append(theirs)
    return Merged(values, tuple(taken), tuple(conflicts))


def _unsealed(transaction: Transaction, began: Iterable[str]) -> Began:
    """What was sealed; what cannot be read, since its key is gone or it was made up, is not known."""
    keys, found = keys_of(transaction.connection.dialect), {}
    for text in began:
        with suppress(KeyMissing):
            key, identity, name, value = orjson.loads(keys.decrypt(text))
            found[key, identity, name] = value
    return found


def _then(entity: CompiledEntity, identity: int | None, meanwhile: Meanwhile, known: Began) -> Any:
    """What the field held when one began, encrypted values in place of the dots that history has of them."""
    name, then = meanwhile.field.name, meanwhile.then
    if meanwhile.field.encrypted:
        return known.get((entity.key, identity, name), then)
    if name in entity.children and isinstance(then, list):
        child = entity.children[name]
        return [
            {part: known.get((child, row.get("id"), part), value) for part, value in row.items()}
            for row in then
        ]
    return then


def _json(each: CompiledField, value: Any, entity: CompiledEntity) -> Any:
    if each.name in entity.children:
        return value
    return plain(stored_json(each, bare(value)))


def plain(value: Any) -> Any:
    """Links as ids, in lists as well, in their order."""
    if isinstance(value, Link):
        return value.id
    if isinstance(value, Mapping) and "title" in value and "id" in value:
        return value["id"]
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def same(mine: Any, other: Any) -> bool:
    """Whether two values in JSON are one; of rows, whether all that was sent of them is the same."""
    if isinstance(mine, (list, tuple)) and any(isinstance(each, Mapping) for each in mine):
        return _same_rows(list(mine), list(other or ()))
    return bool(mine == other or (not mine and not other and mine is not False and other is not False))


def _same_rows(mine: list[Any], other: list[Any]) -> bool:
    if len(mine) != len(other):
        return False
    return all(
        all(
            str(plain(each)) == str(plain(theirs.get(name))) for name, each in row.items() if each is not None
        )
        for row, theirs in zip(mine, other, strict=True)
    )
