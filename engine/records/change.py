"""Changing one record and its child rows: values accepted, completed, checked, written and remembered.

Whoever calls this has asked for the right already; `engine.records.write` is the door.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Update, bindparam, func, insert, select
from sqlalchemy import delete as delete_from
from sqlalchemy import update as update_rows

from engine.access.policy import refusal
from engine.access.rights import Rights
from engine.catalog import CompiledEntity
from engine.files.kept import let_go_of_record
from engine.problems import InputRefused, NotAllowed, Problem, beneath
from engine.records import stage_timers
from engine.records.accept import Gate, accept_values, gate_for
from engine.records.child_rows import sent_fields, with_row_values
from engine.records.compute import Values, add_defaults, add_stored_formulas
from engine.records.deleted import what_was
from engine.records.files import give_files, with_files
from engine.records.follow import tell_followers
from engine.records.freeze import forget_explanations
from engine.records.history import remember, stored_json
from engine.records.integrity import no_longer_referred_to, told_apart
from engine.records.lock import Held
from engine.records.row_rights import (
    check_new_row,
    fields_of_new_row,
    refuse_new_row,
    row_rights,
    without_echoes,
)
from engine.records.saved_rows import child_values
from engine.records.store import (
    add_numbers,
    own_row,
    row_json,
    with_many,
    write_many,
)
from engine.records.validate import (
    check_problems,
    link_problems,
    read_only_problems,
    required_problems,
    unique_problems,
)
from engine.records.word_index import forget_words, keep_changed_words, keep_words
from engine.transaction import Transaction

MOVED_BACK = "moved_back"
MOVES = ("transition", MOVED_BACK)
"""Kinds of events that name the stages; a move is taken back whatever may be edited where it led."""


def insert_record(
    transaction: Transaction, entity: CompiledEntity, sent: Mapping[str, Any], gate: Gate
) -> int:
    """Writes a new record with its child rows and gives its id; InputRefused with every problem."""
    accepted, problems = accept_values(entity, sent, gate)
    accepted, missing = with_files(transaction, entity, accepted, {})
    problems += missing
    read, wrong = with_row_values(transaction, entity, accepted, None)
    values = _new_values(transaction, entity, read)
    _refuse_invalid(transaction, entity, values, {}, [*problems, *wrong], frozenset(values))
    add_numbers(transaction, entity, [values])
    row = own_row(entity, values)
    with told_apart(entity):
        statement = transaction.catalog.once(("insert", entity.key), lambda: insert(entity.table))
        inserted = transaction.connection.execute(statement, row)
    identity = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    values["id"] = identity
    write_many(transaction, entity, identity, values)
    give_files(transaction, entity, identity, accepted, {})
    keep_words(transaction, entity, [values])
    changes = {
        name: (None, stored_json(entity.fields[name], values[name]))
        for name in values
        if not entity.fields[name].definition.system
        and values[name] is not None
        and name not in entity.children
    }
    remember(transaction, entity, identity, "created", changes, to_stage=values.get("stage"))
    stage_timers.began(transaction, entity, [identity], values.get("stage") or "")
    _write_children(transaction, entity, identity, accepted)
    return identity


def _new_values(transaction: Transaction, entity: CompiledEntity, accepted: Values) -> Values:
    values = dict(accepted)
    actor, now = transaction.actor.id, transaction.now
    values |= {"created_at": now, "created_by": actor, "updated_at": now, "updated_by": actor, "revision": 1}
    if entity.parent_link and "position" not in values:
        values["position"] = _next_position(transaction, entity, values.get(entity.parent_link))
    if entity.definition.workflow:
        values["stage"] = entity.definition.workflow.initial.name
    add_defaults(transaction, entity, values)
    for name, each in entity.fields.items():
        if not each.definition.system and not each.computed:
            values.setdefault(name, None)
    add_stored_formulas(transaction, entity, values)
    return values


def _next_position(transaction: Transaction, entity: CompiledEntity, owner: Any) -> int:
    """Where a row that is written on its own stands: behind the others of its owner."""
    table = entity.table
    last = select(func.max(table.c.position)).where(table.c[entity.parent_link or ""] == owner)
    found = transaction.connection.execute(last).scalar_one()
    return 0 if found is None else int(found) + 1


def update_record(
    transaction: Transaction, entity: CompiledEntity, held: Held, sent: Mapping[str, Any], gate: Gate
) -> None:
    """Changes the sent fields of a held record; InputRefused with every problem."""
    accepted, problems = accept_values(entity, sent, gate)
    change_record(transaction, entity, held, accepted, problems, "updated", {})


def change_record(
    transaction: Transaction,
    entity: CompiledEntity,
    held: Held,
    accepted: Values,
    problems: list[Problem],
    kind: str,
    about: Mapping[str, str],
) -> None:
    """Writes accepted values into a held record, with what follows from them; `about` goes into the event.

    With `problems` of what was sent the rest is checked as well, so that all is told at once.
    """
    before = with_many(transaction, entity, held.values)
    identity = before["id"]
    accepted, missing = with_files(transaction, entity, accepted, before)
    read, wrong = with_row_values(transaction, entity, accepted, identity)
    values = {**before, **read}
    add_stored_formulas(transaction, entity, values)
    changed = frozenset(
        name for name in values if name not in entity.children and values[name] != before.get(name)
    )
    if kind != MOVED_BACK:
        wrong += read_only_problems(transaction, entity, before, changed & accepted.keys())
    _refuse_invalid(transaction, entity, values, before, [*problems, *missing, *wrong], changed)
    give_files(transaction, entity, identity, accepted, before)
    rows_changed = _write_children(transaction, entity, identity, accepted)
    if not changed and not rows_changed and kind == "updated":
        return
    stamps = {
        "updated_at": transaction.now,
        "updated_by": transaction.actor.id,
        "revision": before["revision"] + 1,
    }
    row = own_row(entity, {name: values[name] for name in changed} | stamps)
    with told_apart(entity):
        transaction.connection.execute(_update(transaction, entity), row | {"_identity": identity})
    write_many(transaction, entity, identity, {name: values[name] for name in changed})
    keep_changed_words(transaction, entity, values, changed)
    changes = {
        name: (stored_json(each, before.get(name)), stored_json(each, values[name]))
        for name, each in entity.fields.items()
        if name in changed and not each.definition.system
    }
    moved = {"from_stage": before.get("stage"), "to_stage": values.get("stage")}
    stages = moved if kind in MOVES else {}
    remember(transaction, entity, identity, kind, {**changes, **rows_changed}, **stages, **about)
    if entity.parent_link is None:
        tell_followers(transaction, entity.key, identity, "changed")


def _update(transaction: Transaction, entity: CompiledEntity) -> Update:
    """The statement that changes one record, whichever of its columns are sent along."""
    table = entity.table
    return transaction.catalog.once(
        ("update", entity.key), lambda: update_rows(table).where(table.c.id == bindparam("_identity"))
    )


def _refuse_invalid(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Values,
    before: Values,
    problems: list[Problem],
    changed: frozenset[str],
) -> None:
    """InputRefused with every problem; `before` is the saved record, empty for a new one."""
    found = list(problems)
    broken = {str(problem.where) for problem in found}
    found += [
        each
        for each in required_problems(transaction, entity, values, before)
        if str(each.where) not in broken
    ]
    unreachable = link_problems(transaction, entity, values, changed - broken)
    found += unreachable
    broken |= {str(problem.where) for problem in unreachable}
    # Checks could tell of a record behind a link that may not be followed.
    found += check_problems(transaction, entity, values, before) if not broken else []
    found += unique_problems(transaction, entity, values, changed - broken, before.get("id"))
    if found:
        raise InputRefused(found)


def delete_record(transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]) -> None:
    """Deletes a record with its child rows; NotPossible while others refer to it."""
    identity = values["id"]
    rows: dict[str, list[int]] = {}
    for name, child in ((name, transaction.catalog.entity(key)) for name, key in entity.children.items()):
        for row in child_values(transaction, child, identity):
            delete_record(transaction, child, row)
            rows.setdefault(name, []).append(row["id"])
    no_longer_referred_to(transaction, entity, identity)
    was = what_was(transaction, entity, values, rows)
    forget_explanations(transaction, entity, identity)
    let_go_of_record(transaction, entity.key, identity)
    forget_words(transaction, entity, identity)
    transaction.connection.execute(delete_from(entity.table).where(entity.table.c.id == identity))
    remember(transaction, entity, identity, "deleted", was, from_stage=values.get("stage"))


def _write_children(
    transaction: Transaction, entity: CompiledEntity, identity: int, accepted: Values
) -> dict[str, tuple[Any, Any]]:
    """Writes the child rows that were sent; gives what changed, field → (before, after)."""
    problems: list[Problem] = []
    changes: dict[str, tuple[Any, Any]] = {}
    for name, child_key in entity.children.items():
        if name not in accepted:
            continue
        child = transaction.catalog.entity(child_key)
        rights = row_rights(transaction, child, identity)
        there = child_values(transaction, child, identity)
        before = [row_json(child, row) for row in there]
        # Rows that the actor may not see are not among those that were sent: they stay.
        present = {row["id"]: row for row in there if row["id"] in rights}
        kept: set[int] = set()
        for position, sent in enumerate(accepted[name] or ()):
            path = f"{name}[{position}]"
            try:
                kept.add(_write_child(transaction, child, identity, position, sent, present, rights))
            except InputRefused as refused:
                problems += [beneath(path, problem) for problem in refused.problems]
        for gone in set(present) - kept:
            if not rights[gone].delete:
                raise NotAllowed(refusal(transaction, "delete", child))
            delete_record(transaction, child, present[gone])
        after = [row_json(child, row) for row in child_values(transaction, child, identity)]
        if before != after:
            changes[name] = (before, after)
    if problems:
        raise InputRefused(problems)
    return changes


def _write_child(
    transaction: Transaction,
    child: CompiledEntity,
    owner: int,
    position: int,
    sent: Mapping[str, Any],
    present: Mapping[int, Values],
    rights: Mapping[int, Rights],
) -> int:
    """Writes one child row and gives its id; a row with the id of a present one changes that one."""
    values = {**sent_fields(child, sent), "position": position}
    identity, link = sent.get("id"), child.parent_link or ""
    if identity is None:
        refuse_new_row(transaction, child)
        gate = gate_for(fields_of_new_row(transaction, child), frozenset({link, "position"}))
        made = insert_record(transaction, child, {**values, link: owner}, gate)
        check_new_row(transaction, child, made)
        return made
    held, open_ = Held(present[identity], rights[identity]), rights[identity].writable
    told = without_echoes(child, values, held.values, open_ | {"position"})
    update_record(transaction, child, held, told, gate_for(open_, frozenset({"position"})))
    return int(identity)
