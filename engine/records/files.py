"""Files of records: who may put which into a field, attach them, see them. The record gives the rights.

A file that was uploaded belongs to whoever sent it until a record takes it. A record takes no file that
belongs to another one, so that naming its number opens nobody's file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.rights import Rights, rights_on
from engine.catalog import CompiledEntity
from engine.fields.field_type import FileRule
from engine.fields.file_type import KeptFile, files_in, written
from engine.files.kept import FileRow, claim, copies, keep, let_go, of_record, rows, too_large
from engine.files.store import Store, Taken
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.records.compute import Values
from engine.records.history import remember
from engine.records.lock import hold
from engine.records.read import exists, get
from engine.text import Message, say
from engine.transaction import Transaction

ATTACHMENT = ""
"""The field of files that belong to the record as a whole."""
MOST_ATTACHMENTS = 100


def rule_of(entity: CompiledEntity, field: str) -> FileRule | None:
    """What a field of files takes; None for other fields."""
    each = entity.fields.get(field)
    return each.type.files(each.definition.options) if each else None


def with_files(
    transaction: Transaction, entity: CompiledEntity, accepted: Values, before: Mapping[str, Any]
) -> tuple[Values, list[Problem]]:
    """The accepted values with each file under its own name, and what may not be put into its field."""
    fields = [name for name in accepted if accepted[name] and rule_of(entity, name)]
    if not fields:
        return accepted, []
    known = rows(transaction, (each.id for name in fields for each in files_in(accepted[name])))
    values, problems = dict(accepted), []
    for name in fields:
        rule = rule_of(entity, name)
        assert rule is not None
        there = {each.id for each in files_in(before.get(name))}
        place = (entity.key, before.get("id"), name)
        for each in files_in(accepted[name]):
            row = known.get(each.id)
            wrong = None if each.id in there else _refusal(transaction, row, rule, place, each)
            if wrong is not None:
                problems.append(Problem(name, wrong))
        named = tuple(
            KeptFile(each.id, known[each.id].name) for each in files_in(accepted[name]) if each.id in known
        )
        values[name] = written(named)
    return values, problems


def _refusal(
    transaction: Transaction,
    row: FileRow | None,
    rule: FileRule,
    place: tuple[str, int | None, str],
    sent: KeptFile,
) -> Message | None:
    """Why a file cannot be put into a field; None when it can."""
    own = row is not None and row.entity is None and row.by == transaction.actor.id
    back = row is not None and row.record_id is not None and (row.entity, row.record_id, row.field) == place
    if row is None or not (own or back):
        return say("There is no uploaded file {id} of yours. Upload it again.", id=sent.id)
    kind = row.kind
    if kind is None or not set(kind.extensions) & set(rule.extensions):
        return say(
            "“{name}” cannot be kept here; possible are {kinds}.", name=row.name, kinds=rule.extensions[:12]
        )
    return too_large(row, rule)


def give_files(
    transaction: Transaction,
    entity: CompiledEntity,
    identity: int,
    values: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    """Gives the record the files of its new values, and lets go those that it does not hold any more."""
    for name in values:
        if rule_of(entity, name) is None or values[name] == before.get(name):
            continue
        now = {each.id for each in files_in(values[name])}
        then = {each.id for each in files_in(before.get(name))}
        claim(transaction, now - then, entity.key, identity, name)
        let_go(transaction, then - now)


def seen_file(transaction: Transaction, identity: int) -> FileRow:
    """A file that the actor may see; NotFound for all others.

    That is: one's own that no record has taken yet, an attachment of a record one sees, or one in a field of
    such a record that one may read.
    """
    row = rows(transaction, [identity]).get(identity)
    unseen = NotFound(say("There is no file {id}.", id=identity))
    if row is None or row.removed_at is not None:
        raise unseen
    if row.entity is None:
        if row.by is None or row.by != transaction.actor.id:
            raise unseen
        return row
    if row.entity not in transaction.catalog.entities or row.record_id is None:
        raise unseen
    if row.field == ATTACHMENT:
        if not exists(transaction, row.entity, row.record_id):
            raise unseen
        return row
    try:
        record = get(transaction, row.entity, row.record_id)
    except NotFound as error:
        raise unseen from error
    if identity not in {each.id for each in files_in(record.get(row.field or ""))}:
        raise unseen
    return row


def upload(transaction: Transaction, store: Store, taken: Taken, name: str) -> FileRow:
    """Keeps received content for a record that is still to be written; it belongs to the actor until then."""
    if transaction.actor.id is None:
        raise NotAllowed(say("Only a person can upload files."))
    return keep(transaction, store, taken, name)


def upload_with_form(transaction: Transaction, store: Store, taken: Taken, name: str) -> FileRow:
    """Keeps content that came with a public form, which names it in the same request or not at all."""
    return keep(transaction, store, taken, name)


@dataclass(frozen=True, slots=True)
class Attachments:
    """The files of a record as a whole, and whether the actor may add and remove some."""

    files: list[FileRow]
    changeable: bool


def attachments(transaction: Transaction, key: str, identity: int) -> Attachments:
    """The attachments of a record; NotFound like `get`."""
    entity = transaction.catalog.entity(key)
    if not exists(transaction, key, identity):
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    return attachments_of(transaction, key, identity, rights_on(transaction, entity, identity))


def attachments_of(transaction: Transaction, key: str, identity: int, rights: Rights) -> Attachments:
    """The attachments of a record that the actor sees, on which they have these rights."""
    return Attachments(of_record(transaction, key, identity), rights.update)


def attach(
    transaction: Transaction, store: Store, key: str, identity: int, taken: Taken, name: str
) -> FileRow:
    """Adds a file to a record that the actor may change, whatever its stage; NotAllowed, NotFound."""
    entity = transaction.catalog.entity(key)
    _changeable(transaction, entity, identity)
    if len(of_record(transaction, key, identity)) >= MOST_ATTACHMENTS:
        sentence = say("A record has at most {most} files.", most=MOST_ATTACHMENTS)
        raise InputRefused([Problem("file", sentence)])
    row = keep(transaction, store, taken, name, entity=key, record_id=identity, field=ATTACHMENT)
    remember(transaction, entity, identity, "attached", {}, comment=name)
    return row


def detach(transaction: Transaction, key: str, identity: int, number: int) -> None:
    """Takes an attachment out of a record; NotFound, NotAllowed."""
    entity = transaction.catalog.entity(key)
    _changeable(transaction, entity, identity)
    found = {each.id: each for each in of_record(transaction, key, identity)}
    if number not in found:
        raise NotFound(say("There is no file {id}.", id=number))
    let_go(transaction, [number])
    remember(transaction, entity, identity, "detached", {}, comment=found[number].name)


def _changeable(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    held = hold(transaction, entity, identity)
    if not held.rights.update:
        raise NotAllowed(
            say("No rule lets you change the files of this {entity}.", entity=entity.definition.label)
        )


def copied(transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]) -> Values:
    """The values with copies of their files, which belong to the actor: for a record like another one."""
    found = dict(values)
    for name, value in values.items():
        if value and rule_of(entity, name):
            originals = rows(transaction, (each.id for each in files_in(value)))
            made = copies(transaction, originals.values())
            found[name] = written(
                tuple(KeptFile(made[each.id], each.name) for each in files_in(value) if each.id in made)
            )
    return found
