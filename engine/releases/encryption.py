"""Publishing that fields are encrypted: their first key, and all that had kept them in plain text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select, update

from engine.definition.check import Checked
from engine.definition.model import Entity, Field
from engine.fields.encrypted_column import keys_of
from engine.fields.encryption import HIDDEN
from engine.problems import Problem
from engine.releases.former_names import FIELD, FormerNames, former_names
from engine.releases.retired import COLUMN, ENCRYPTED
from engine.releases.sameness import column_types
from engine.releases.situation import entities_of, entity_of
from engine.releases.table_work import TableWork
from engine.schema.system_tables import explanation, history, idempotency, import_file, import_row
from engine.text import say

AT_ONCE = 5_000
Changes = Mapping[str, Any]


def encrypted_fields(checked: Checked) -> Iterator[tuple[Entity, Field]]:
    """Every encrypted field of these definitions."""
    for entity in entities_of(checked):
        for each in entity.fields.values():
            if each.encrypted:
                yield entity, each


def key_problems(connection: Connection, checked: Checked, previous: Checked) -> Iterator[Problem]:
    """Why these definitions cannot be published: their keys are gone, or nobody says where keys are to be."""
    keys = keys_of(connection.dialect)
    first = next(encrypted_fields(checked), None)
    if first is None or keys.ids:
        return
    if keys.path is None or any(encrypted_fields(previous)):
        sentence = "'{name}' is encrypted, and there is no key for it in {where}."
        yield Problem(first[1].place, say(sentence, name=first[1].name, where=keys.where))


def make_first_key(connection: Connection, checked: Checked, previous: Checked | None) -> None:
    """Makes the first key when the first encrypted field is published; one that was lost is not replaced."""
    keys = keys_of(connection.dialect)
    known = previous is not None and any(encrypted_fields(previous))
    if keys.path is not None and not keys.ids and not known and any(encrypted_fields(checked)):
        keys.add()


def refuse_encryption(work: TableWork, before: Field, after: Field) -> None:
    """Refuses what would leave values in plain text somewhere, or mix two changes of one column."""
    if before.type != after.type or column_types(before) != column_types(after):
        sentence = "Publish that {field} of {entity} is encrypted, or no longer is, apart from its new type."
        work.refuse(after.place, say(sentence, **work.labels(after)))
    if not after.encrypted:
        return
    for each in work.situation.retired:
        of_field = (each.entity, each.field, each.kind) == (work.entity.key, after.name, COLUMN)
        if of_field and not (each.options or {}).get(ENCRYPTED):
            sentence = (
                "Earlier values of {field} of {entity} are kept in the column {column} and would "
                "stay readable. Purge it first."
            )
            work.refuse(after.place, say(sentence, **work.labels(after), column=each.column))


def overwrite_what_goes(connection: Connection) -> None:
    """Makes SQLite write zeros over what is deleted from now on; PostgreSQL clears it when it vacuums."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def hide_what_was_kept(connection: Connection, checked: Checked, key: str, field: str) -> None:
    """Takes the values of a field out of everything that had kept them beside its column."""
    names = former_names(connection, key)
    _hide_in_history(connection, key, lambda changes, at: _hidden_values(changes, names, at, field))
    parent = entity_of(checked, key).parent
    if parent:
        owner = entity_of(checked, parent)
        rows = {each.name for each in owner.fields.values() if each.options.get("of") == key}
        above = former_names(connection, parent)
        _hide_in_history(
            connection,
            parent,
            lambda changes, at: {
                name: [_hidden_rows(part, names, at, field) for part in pair]
                if above.now(FIELD, at, name) in rows
                else pair
                for name, pair in changes.items()
            },
        )
    imports = select(import_file.c.id).where(import_file.c.entity == key)
    changed = import_row.c.import_id.in_(imports), import_row.c.before.is_not(None)
    connection.execute(delete(import_row).where(*changed))
    unread = import_file.c.entity == key, import_file.c.done_at.is_(None)
    connection.execute(delete(import_file).where(*unread))
    hide_answers(connection)


def forget_explanations_with(connection: Connection, previous: Checked, key: str, field: str) -> None:
    """Removes the explanations of frozen values in which a field may stand, near or far."""
    found = {(key, field)}
    computed = {
        (entity.key, each.name): {(read.entity, read.field) for read in previous.formulas[each.formula].reads}
        for entity in entities_of(previous)
        for each in entity.fields.values()
        if each.formula
    }
    while more := {name for name, reads in computed.items() if reads & found} - found:
        found |= more
    entities = sorted({entity for entity, name in found if (entity, name) != (key, field)})
    if entities:
        connection.execute(delete(explanation).where(explanation.c.entity.in_(entities)))


def hide_answers(connection: Connection) -> None:
    """Encrypts the answers that are kept for requests which are sent again."""
    keys = keys_of(connection.dialect)
    rows = connection.execute(select(idempotency.c.user_id, idempotency.c.key, idempotency.c.answer)).all()
    for row in rows:
        if ENCRYPTED not in row.answer:
            one = idempotency.c.user_id == row.user_id, idempotency.c.key == row.key
            kept = {ENCRYPTED: keys.encrypt(orjson.dumps(row.answer, default=str))}
            connection.execute(update(idempotency).where(*one).values(answer=kept))


def _hide_in_history(connection: Connection, key: str, hidden: Callable[[Changes, int], Changes]) -> None:
    last = 0
    lot = select(history.c.id, history.c.changes, history.c.release).order_by(history.c.id).limit(AT_ONCE)
    while rows := connection.execute(lot.where(history.c.entity == key, history.c.id > last)).all():
        last = rows[-1].id
        for row in rows:
            changes = hidden(row.changes, row.release)
            if changes != row.changes:
                connection.execute(update(history).where(history.c.id == row.id).values(changes=changes))


def _hidden_values(changes: Changes, names: FormerNames, release: int, field: str) -> Changes:
    return {
        name: [None if each is None else HIDDEN for each in pair]
        if names.now(FIELD, release, name) == field
        else pair
        for name, pair in changes.items()
    }


def _hidden_rows(rows: Any, names: FormerNames, release: int, field: str) -> Any:
    if not isinstance(rows, list):
        return rows
    return [
        {
            name: HIDDEN if value is not None and names.now(FIELD, release, name) == field else value
            for name, value in row.items()
        }
        for row in rows
    ]
