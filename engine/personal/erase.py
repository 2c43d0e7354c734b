"""Erasing a person: personal values are blanked wherever they are kept; what the law asks to keep stays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import column, delete, select, table, update

from engine.access import audit
from engine.access.people import USER
from engine.access.person_changes import OF_AN_ACCOUNT
from engine.catalog import CompiledEntity
from engine.personal.belongings import Belongings, belongings
from engine.problems import NotPossible
from engine.records.compute import add_stored_formulas
from engine.records.history import remember
from engine.records.saved_rows import stored_values
from engine.records.store import own_row
from engine.releases.former_names import FIELD, former_names
from engine.releases.retired import COLUMN, all_retired
from engine.schema.names import frozen_marker
from engine.schema.system_tables import history, idempotency, notification
from engine.text import Message, say
from engine.transaction import Transaction

NOT_ONESELF = say("Nobody erases their own account; another administrator has to do it.")
OF_A_PERSON = {"name": "erased", "email": None, "active": False}
"""What remains of the person's own entry; the user name becomes one that tells nobody."""


@dataclass(slots=True)
class Erasure:
    """What is, or was, blanked: entity → fields with the number of values; `kept` says what stays and why."""

    user: int
    username: str
    blanked: dict[str, dict[str, int]] = field(default_factory=dict)
    kept: list[Message] = field(default_factory=list)


def plan_erasure(transaction: Transaction, user: int) -> Erasure:
    """What `erase_person` would do. For administrators."""
    return _over(transaction, belongings(transaction, user), write=False)


def erase_person(transaction: Transaction, user: int) -> Erasure:
    """Blanks the person's personal values, in history and in columns out of use too, and ends the account.

    Values that were frozen, such as those of an approved payslip, stay: accounts and wages have to be kept
    for years. For administrators; it is noted in the audit. Raises NotPossible for one's own account.
    """
    if user == transaction.actor.id:
        raise NotPossible(NOT_ONESELF)
    found = belongings(transaction, user)
    done = _over(transaction, found, write=True)
    _forget_account(transaction, found)
    detail = {"blanked": {key: dict(fields) for key, fields in done.blanked.items()}}
    audit.record(
        transaction, "personal_erased", about=USER, identity=user, subject=f"erased-{user}", detail=detail
    )
    return done


def _over(transaction: Transaction, found: Belongings, write: bool) -> Erasure:
    people = transaction.catalog.entity(USER)
    username = str(stored_values(transaction, people, found.user)["username"])
    result = Erasure(found.user, username)
    for key, ids in sorted(found.own.items()):
        entity = transaction.catalog.entity(key)
        personal = _personal_fields(entity)
        kept = 0
        erased = []
        for identity in sorted(ids):
            values = stored_values(transaction, entity, identity)
            if _is_frozen(entity, values):
                kept += 1
                continue
            erased.append(identity)
            blanks = {name: _blank(entity, name) for name in personal if values.get(name) is not None}
            for name in blanks:
                result.blanked.setdefault(key, {}).setdefault(name, 0)
                result.blanked[key][name] += 1
            if write and blanks:
                _blank_record(transaction, entity, values, blanks)
        if kept and (personal or entity.freezing_stages):
            label = entity.definition.label
            sentence = "{count} records of {entity} were computed for good and stay as they are."
            result.kept.append(say(sentence, count=kept, entity=label))
        if write and personal:
            _blank_history(transaction, entity, erased, personal)
            _blank_out_of_use(transaction, entity, erased, personal)
    return result


def _personal_fields(entity: CompiledEntity) -> frozenset[str]:
    return frozenset(
        name
        for name, each in entity.fields.items()
        if each.definition.personal and each.column and not each.computed
    )


def _is_frozen(entity: CompiledEntity, values: Mapping[str, Any]) -> bool:
    return any(values.get(frozen_marker(stage)) is not None for stage in entity.freezing_stages)


def _blank(entity: CompiledEntity, name: str) -> Any:
    """No value; a dash where the database asks for one."""
    return None if entity.table.c[name].nullable else "–"


def _blank_record(
    transaction: Transaction, entity: CompiledEntity, values: dict[str, Any], blanks: Mapping[str, Any]
) -> None:
    """Past the rules, which may require the value; what is computed from it follows."""
    after = {**values, **blanks}
    add_stored_formulas(transaction, entity, after)
    changed = {name: value for name, value in after.items() if value != values.get(name)}
    row = own_row(entity, changed) | {"revision": values["revision"] + 1, "updated_at": transaction.now}
    statement = update(entity.table).where(entity.table.c.id == values["id"])
    transaction.connection.execute(statement, row)
    remember(transaction, entity, values["id"], "updated", {})


def _blank_history(
    transaction: Transaction, entity: CompiledEntity, ids: Iterable[int], personal: frozenset[str]
) -> None:
    """Takes the values out of the events of these records, under whatever names they had.

    Of child rows also out of the events of their owner.
    """
    names = former_names(transaction.connection, entity.key)
    for identity in ids:
        _blank_events(
            transaction, entity.key, identity, lambda name, at: names.now(FIELD, at, name) in personal
        )
    parent = entity.definition.parent
    if parent is None:
        return
    owner = transaction.catalog.entity(parent)
    inside = frozenset(name for name, child in owner.children.items() if child == entity.key)
    for identity in ids:
        above = stored_values(transaction, entity, identity).get(entity.parent_link or "")
        if above is not None:
            _blank_events(transaction, parent, above, lambda name, _at: name in inside)


def _blank_events(transaction: Transaction, key: str, identity: int, blanked: Any) -> None:
    rows = transaction.connection.execute(
        select(history.c.id, history.c.changes, history.c.release).where(
            history.c.entity == key, history.c.record_id == identity
        )
    ).all()
    for row in rows:
        changes = {
            name: [None, None] if blanked(name, row.release) else pair for name, pair in row.changes.items()
        }
        if changes != row.changes:
            statement = update(history).where(history.c.id == row.id).values(changes=changes)
            transaction.connection.execute(statement)


def _blank_out_of_use(
    transaction: Transaction, entity: CompiledEntity, ids: list[int], personal: frozenset[str]
) -> None:
    """Columns out of use of these records: those of personal fields, and of fields that are no more."""
    for each in all_retired(transaction.connection):
        gone = each.field not in entity.fields
        if each.entity == entity.key and each.kind == COLUMN and (gone or each.field in personal):
            old = table(each.table, column("id"), column(each.column or ""))
            for identity in ids:
                statement = update(old).where(old.c.id == identity).values({each.column: None})
                transaction.connection.execute(statement)


def _forget_account(transaction: Transaction, found: Belongings) -> None:
    """The person signs in no more, is told nothing more, and has no name any more."""
    user, people = found.user, transaction.catalog.entity(USER)
    for each in (*OF_AN_ACCOUNT, idempotency, notification):
        transaction.connection.execute(delete(each).where(each.c.user_id == user))
    for key, ids in found.own.items():
        about = notification.c.entity == key, notification.c.record_id.in_(sorted(ids))
        if key != USER:
            transaction.connection.execute(delete(notification).where(*about))
    row = {**OF_A_PERSON, "username": f"erased-{user}", "updated_at": transaction.now}
    transaction.connection.execute(update(people.table).where(people.table.c.id == user), row)
    _blank_events(transaction, USER, user, lambda name, _at: name in {"name", "username", "email"})
