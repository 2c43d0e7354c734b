"""Two people who change one record at the same time: what changed meanwhile, and what of it collides.

Each change of a record makes one event and raises its revision by one, so that the latest events tell what a
field held at the revision that somebody began with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.policy import readable
from engine.catalog import CompiledEntity, CompiledField
from engine.fields.types.link import Link
from engine.records.compute import Values, bare
from engine.records.history import stored_json, timeline
from engine.transaction import Transaction

CHANGING = frozenset({"created", "updated", "transition", "moved_back"})
"""Kinds of events that raise the revision."""


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


def merged(
    transaction: Transaction,
    entity: CompiledEntity,
    sent: Mapping[str, Any],
    record: Mapping[str, Any],
    meanwhile: Mapping[str, Meanwhile],
) -> Merged:
    """Puts what was sent together with what others wrote; `record` is as it is now."""
    values: Values = dict(sent)
    taken, conflicts = [], []
    allowed = readable(transaction, entity)
    for name, theirs in meanwhile.items():
        if name not in sent or name not in allowed:
            continue
        mine = _json(theirs.field, sent[name], entity)
        if same(mine, theirs.then):
            values.pop(name)
            taken.append(theirs)
        elif not same(mine, _json(theirs.field, record.get(name), entity)):
            conflicts.append(theirs)
    return Merged(values, tuple(taken), tuple(conflicts))


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
