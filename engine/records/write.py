"""Writing records: the other of the only two doors to rows. Page, API and import all come here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select
from sqlalchemy import update as update_rows

from engine.access.policy import may, refusal, row_condition, writable
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.problems import InputRefused, NotAllowed, Problem, beneath
from engine.records.accept import Gate, accept_values, gate_for
from engine.records.compute import Values, add_defaults, add_stored_formulas
from engine.records.history import remember, stored_json
from engine.records.integrity import no_longer_referred_to, told_apart
from engine.records.lock import Held, hold
from engine.records.store import (
    add_numbers,
    child_values,
    own_row,
    row_json,
    with_many,
    write_many,
)
from engine.records.validate import (
    check_problems,
    link_problems,
    required_problems,
    unique_problems,
)
from engine.text import say
from engine.transaction import Transaction


def create(transaction: Transaction, key: str, values: Mapping[str, Any]) -> int:
    """Writes a new record with its child rows and gives its id.

    Raises NotAllowed, or InputRefused with every problem, in which case nothing was written.
    """
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "create", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    gate = gate_for(writable(transaction, entity) | _record_dependent(entity), _owner_link(entity))
    identity = _create(transaction, entity, values, gate)
    if not transaction.actor.administrator:
        _check_rule(transaction, "create", entity, identity)
    return identity


def update(
    transaction: Transaction,
    key: str,
    identity: int,
    values: Mapping[str, Any],
    revision: int | None = None,
) -> None:
    """Changes the given fields; child rows that are given replace those that are there.

    Raises NotFound, NotAllowed, Stale, or InputRefused with every problem.
    """
    entity = transaction.catalog.entity(key)
    held = hold(transaction, entity, identity, revision)
    if "update" not in held.may:
        raise NotAllowed(refusal("update", entity))
    if not held.edits_stage:
        stage = entity.definition.workflow.stages[held.stage or ""] if entity.definition.workflow else None
        raise NotAllowed(
            say(
                "In the stage {stage} you cannot edit this {entity}.",
                stage=stage.label if stage else "",
                entity=entity.definition.label,
            )
        )
    _update(transaction, entity, held, values, gate_for(held.writable))


def delete(transaction: Transaction, key: str, identity: int, revision: int | None = None) -> None:
    """Deletes a record with its child rows; refused while other records refer to it."""
    entity = transaction.catalog.entity(key)
    held = hold(transaction, entity, identity, revision)
    if "delete" not in held.may:
        raise NotAllowed(refusal("delete", entity))
    _delete(transaction, entity, held.values)


def move(
    transaction: Transaction,
    entity: CompiledEntity,
    held: Held,
    to: str,
    values: Values,
    about: Mapping[str, str],
) -> None:
    """Changes the stage of a held record: the door that only transitions use.

    `values` are accepted already: those the person filled on the way and those the definition sets.
    """
    _change(transaction, entity, held, {**values, "stage": to}, "transition", about)


def _create(transaction: Transaction, entity: CompiledEntity, sent: Mapping[str, Any], gate: Gate) -> int:
    accepted, problems = accept_values(entity, sent, gate)
    values = _new_values(transaction, entity, accepted)
    _refuse_invalid(transaction, entity, values, None, problems, frozenset(values))
    add_numbers(transaction, entity, values)
    row = own_row(entity, values)
    with told_apart(entity):
        inserted = transaction.connection.execute(insert(entity.table), row)
    identity = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    values["id"] = identity
    write_many(transaction, entity, identity, values)
    changes = {
        name: (None, stored_json(entity.fields[name], values[name]))
        for name in values
        if not entity.fields[name].definition.system
        and values[name] is not None
        and name not in entity.children
    }
    remember(transaction, entity, identity, "created", changes, to_stage=values.get("stage"))
    _write_children(transaction, entity, identity, accepted)
    return identity


def _new_values(transaction: Transaction, entity: CompiledEntity, accepted: Values) -> Values:
    values = dict(accepted)
    actor, now = transaction.actor.id, transaction.now
    values |= {"created_at": now, "created_by": actor, "updated_at": now, "updated_by": actor, "revision": 1}
    if entity.definition.workflow:
        values["stage"] = entity.definition.workflow.initial.name
    add_defaults(transaction, entity, values)
    for name, each in entity.fields.items():
        if not each.definition.system and not each.computed:
            values.setdefault(name, None)
    add_stored_formulas(transaction, entity, values)
    return values


def _update(
    transaction: Transaction, entity: CompiledEntity, held: Held, sent: Mapping[str, Any], gate: Gate
) -> None:
    accepted, problems = accept_values(entity, sent, gate)
    if problems:
        # The rest is checked as well, so that the person hears of everything at once.
        values = {**with_many(transaction, entity, held.values), **accepted}
        add_stored_formulas(transaction, entity, values)
        _refuse_invalid(transaction, entity, values, values["id"], problems, frozenset(accepted))
    _change(transaction, entity, held, accepted, "updated", {})


def _change(
    transaction: Transaction,
    entity: CompiledEntity,
    held: Held,
    accepted: Values,
    kind: str,
    about: Mapping[str, str],
) -> None:
    before = with_many(transaction, entity, held.values)
    values = {**before, **accepted}
    add_stored_formulas(transaction, entity, values)
    changed = frozenset(
        name for name in values if name not in entity.children and values[name] != before.get(name)
    )
    _refuse_invalid(transaction, entity, values, before["id"], [], changed)
    rows_changed = _write_children(transaction, entity, before["id"], accepted)
    if not changed and not rows_changed and kind == "updated":
        return
    values |= {
        "updated_at": transaction.now,
        "updated_by": transaction.actor.id,
        "revision": before["revision"] + 1,
    }
    row = own_row(entity, {name: values[name] for name in [*changed, "updated_at", "updated_by", "revision"]})
    with told_apart(entity):
        transaction.connection.execute(
            update_rows(entity.table).where(entity.table.c.id == before["id"]), row
        )
    write_many(transaction, entity, before["id"], {name: values[name] for name in changed})
    changes = {
        name: (
            stored_json(entity.fields[name], before.get(name)),
            stored_json(entity.fields[name], values[name]),
        )
        for name in changed
        if name != "stage"
    }
    stages = (
        {"from_stage": before.get("stage"), "to_stage": values.get("stage")} if kind == "transition" else {}
    )
    remember(transaction, entity, before["id"], kind, {**changes, **rows_changed}, **stages, **about)


def _refuse_invalid(
    transaction: Transaction,
    entity: CompiledEntity,
    values: Values,
    identity: int | None,
    problems: list[Problem],
    changed: frozenset[str],
) -> None:
    found = list(problems)
    broken = {str(problem.where) for problem in found}
    found += [
        each for each in required_problems(transaction, entity, values) if str(each.where) not in broken
    ]
    found += link_problems(transaction, entity, values, changed - broken)
    found += check_problems(transaction, entity, values) if not broken else []
    found += unique_problems(transaction, entity, values, changed, identity)
    if found:
        raise InputRefused(found)


def _delete(transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any]) -> None:
    identity = values["id"]
    for child_key in entity.children.values():
        for row in child_values(transaction, child_key, identity):
            _delete(transaction, transaction.catalog.entity(child_key), row)
    no_longer_referred_to(transaction, entity, identity)
    transaction.connection.execute(delete_from(entity.table).where(entity.table.c.id == identity))
    changes = {
        name: (stored_json(each, values.get(name)), None)
        for name, each in entity.fields.items()
        if each.column and not each.definition.system and values.get(name) is not None
    }
    remember(transaction, entity, identity, "deleted", changes, from_stage=values.get("stage"))


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
        link = child.parent_link or ""
        present = {row["id"]: row for row in child_values(transaction, child_key, identity)}
        before = [row_json(child, row) for row in present.values()]
        kept: set[int] = set()
        for position, sent in enumerate(accepted[name] or ()):
            path = f"{name}[{position}]"
            try:
                kept.add(_write_child(transaction, child, link, identity, position, sent, present))
            except InputRefused as refused:
                problems += [beneath(path, problem) for problem in refused.problems]
        for gone in set(present) - kept:
            _delete(transaction, child, present[gone])
        after = [row_json(child, row) for row in child_values(transaction, child_key, identity)]
        if before != after:
            changes[name] = (before, after)
    if problems:
        raise InputRefused(problems)
    return changes


def _write_child(
    transaction: Transaction,
    child: CompiledEntity,
    link: str,
    owner: int,
    position: int,
    sent: Mapping[str, Any],
    present: Mapping[int, Values],
) -> int:
    """Writes one child row and gives its id; a row with the id of a present one changes that one."""
    values = {name: value for name, value in sent.items() if name in child.fields and _is_sent(child, name)}
    unknown = {name: value for name, value in sent.items() if name not in child.fields}
    if unknown:
        _, problems = accept_values(child, unknown, gate_for(()))
        raise InputRefused(problems)
    allowed = writable(transaction, child) | _record_dependent(child)
    identity = sent.get("id")
    if identity is None:
        opened = frozenset({link, "position"})
        return _create(
            transaction,
            child,
            {**values, link: owner, "position": position},
            _gate_of_row(allowed, opened),
        )
    if identity not in present:
        raise InputRefused(
            [
                Problem(
                    "id", say("There is no {entity} {id} here.", entity=child.definition.label, id=identity)
                )
            ]
        )
    row = present[identity]
    held = Held(row, frozenset({"update"}), edits_stage=True, writable=allowed)
    _update(
        transaction,
        child,
        held,
        {**values, "position": position},
        _gate_of_row(allowed, frozenset({"position"})),
    )
    return int(identity)


def _is_sent(child: CompiledEntity, name: str) -> bool:
    """What a program read and sends back unchanged (id, computed values) is not a value to set."""
    each = child.fields[name]
    return not each.definition.system and not each.computed


def _gate_of_row(allowed: frozenset[str], opened: frozenset[str]) -> Gate:
    usual = gate_for(allowed)
    return lambda each: None if each.name in opened else usual(each)


def _owner_link(entity: CompiledEntity) -> frozenset[str]:
    return frozenset({entity.parent_link}) if entity.parent_link else frozenset()


def _record_dependent(entity: CompiledEntity) -> frozenset[str]:
    """Fields whose right depends on the record: on a new one its author may fill them."""
    return frozenset(
        name
        for name, rule in entity.definition.access.fields.items()
        if rule.update is not None and any(":" not in principal for principal in rule.update)
    )


def _check_rule(transaction: Transaction, action: str, entity: CompiledEntity, identity: int) -> None:
    met = transaction.connection.execute(
        select(entity.table.c.id).where(
            entity.table.c.id == identity, row_condition(transaction, action, entity)
        ),
        moment_parameters(transaction.moment),
    ).first()
    if met is None:
        raise NotAllowed(
            say("No rule lets you create this {entity} with these values.", entity=entity.definition.label)
        )
