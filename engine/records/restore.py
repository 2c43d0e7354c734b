"""Bringing a deleted record back: under its number, as it was, with its child rows, links and files."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy import update as update_rows

from engine.access.person_changes import USER
from engine.access.policy import refusal
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.fields.encryption import HIDDEN
from engine.files.kept import REMOVED_FOR, bring_back_of_record
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Problem
from engine.records import stage_timers
from engine.records.accept import accept_values
from engine.records.compute import Values, add_stored_formulas
from engine.records.deleted import FROZEN, LINKED
from engine.records.history import remember
from engine.records.integrity import told_apart
from engine.records.past import Past, deletion_at
from engine.records.read import exists
from engine.records.row_rights import check_owner
from engine.records.store import own_row, write_many
from engine.records.validate import unique_problems
from engine.records.word_index import keep_words
from engine.releases.former_names import STAGE, former_names
from engine.schema.names import frozen_marker
from engine.schema.upsert import INSERT
from engine.text import Message, say
from engine.transaction import Transaction

RESTORED_FOR: timedelta = REMOVED_FOR
"""How long a deleted record can be brought back: as long as its files are kept."""


def restore(transaction: Transaction, key: str, identity: int, gone: Past, stage: str | None = None) -> None:
    """Writes back what a deletion took away; the record stands in `stage`, or where it stood.

    Raises NotFound; NotAllowed for somebody else than who deleted it, or who could not do so any more;
    NotPossible; InputRefused where a value is taken or leads nowhere by now.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "delete", entity)
    label = entity.definition.label
    if gone.kind != "deleted" or deletion_at(transaction, key, identity, gone.at) != gone:
        raise NotFound(say("There is no change {id} that could be undone.", id=gone.id))
    if gone.by != transaction.actor.id and not transaction.actor.administrator:
        raise NotAllowed(
            say("Only who deleted this {entity}, or an administrator, brings it back.", entity=label)
        )
    if transaction.now - gone.at > RESTORED_FOR:
        raise NotPossible(
            say(
                "This {entity} was deleted more than {days} days ago and cannot be brought back any more.",
                entity=label,
                days=RESTORED_FOR.days,
            )
        )
    if key == USER:
        raise NotPossible(say("With a person their sign-in has gone; add the person anew."))
    _put_back(transaction, entity, identity, gone, stage)
    stage_timers.reopened(transaction, key, identity, gone.at)
    if not transaction.actor.administrator and not exists(transaction, key, identity, "delete"):
        raise NotAllowed(refusal(transaction, "delete", entity))
    check_owner(transaction, entity, identity)


def _put_back(
    transaction: Transaction, entity: CompiledEntity, identity: int, gone: Past, stage: str | None = None
) -> None:
    values = _values(transaction, entity, identity, gone)
    if entity.definition.workflow:
        values["stage"] = stage or values.get("stage") or gone.from_stage
        if values["stage"] not in entity.definition.workflow.stages:
            sentence = say(
                "{entity} has no stage '{stage}'.",
                entity=entity.definition.label,
                stage=values["stage"] or "",
            )
            raise NotPossible(sentence)
    problems = [
        *_blank(entity, values),
        *_leading_nowhere(transaction, entity, values),
        *unique_problems(transaction, entity, values, values.keys(), identity),
    ]
    if problems:
        raise InputRefused(problems)
    _insert(transaction, entity, values)
    existing = {
        name: sorted(_there(transaction, target, values.get(name) or ()))
        for name, target in entity.many.items()
    }
    write_many(transaction, entity, identity, existing)
    _link_again(transaction, identity, gone.changes.get(LINKED, [{}])[0])
    bring_back_of_record(transaction, entity.key, identity, gone.at)
    keep_words(transaction, entity, [values])
    remember(transaction, entity, identity, "restored", {}, to_stage=values.get("stage"))
    for name, child_key in entity.children.items():
        child = transaction.catalog.entity(child_key)
        for row in gone.changes.get(name, [[]])[0] or ():
            event = deletion_at(transaction, child_key, row["id"], gone.at)
            if event is None:
                label = child.definition.label
                raise NotPossible(say("What {entity} {id} held is not kept.", entity=label, id=row["id"]))
            _put_back(transaction, child, row["id"], event)
    if gone.release != transaction.catalog.release:
        _compute_anew(transaction, entity, values)


def _values(transaction: Transaction, entity: CompiledEntity, identity: int, gone: Past) -> Values:
    unknown = not_kept(entity, gone)
    if unknown is not None:
        raise NotPossible(unknown)
    values, problems = kept_values(transaction, entity, identity, gone)
    if problems:
        raise InputRefused(problems)
    return values


def not_kept(entity: CompiledEntity, gone: Past) -> Message | None:
    """Which value of the record is not in its history, so that the record cannot be brought back."""
    for name, (before, _) in gone.changes.items():
        if name in entity.fields and before == HIDDEN:
            label = entity.fields[name].definition.label
            return say("{field} is encrypted; what it held is not kept.", field=label)
    return None


def kept_values(
    transaction: Transaction, entity: CompiledEntity, identity: int, gone: Past
) -> tuple[Values, list[Problem]]:
    """What the record held, as columns have it, and which of it is no value by now.

    What no definition names any more is left out, and what was encrypted.
    """
    before = {
        name: pair[0]
        for name, pair in gone.changes.items()
        if name in entity.fields and name not in entity.children and pair[0] != HIDDEN
    }
    values, problems = accept_values(entity, before, lambda _each: None)
    frozen = {}
    if kept := gone.changes.get(FROZEN, [{}])[0]:
        names = former_names(transaction.connection, entity.key)
        frozen = {frozen_marker(names.now(STAGE, gone.release, stage)): each for stage, each in kept.items()}
    for name in entity.fields:
        values.setdefault(name, None)
    return {**values, **frozen, "id": identity}, problems


def _blank(entity: CompiledEntity, values: Values) -> list[Problem]:
    """Fields that have to be filled by now and were not."""
    return [
        Problem(name, say("{field} is required.", field=entity.fields[name].definition.label))
        for name in entity.fields
        if name in entity.table.c and not entity.table.c[name].nullable and values.get(name) is None
    ]


def _leading_nowhere(transaction: Transaction, entity: CompiledEntity, values: Values) -> list[Problem]:
    """Links to records that are gone by now."""
    problems = []
    for name, each in entity.fields.items():
        target = transaction.catalog.world.entities[entity.key][name].entity
        value = values.get(name)
        if (
            target is None
            or not each.column
            or value is None
            or (target, value) == (entity.key, values["id"])
        ):
            continue
        if not _there(transaction, target, [value]):
            label = transaction.catalog.entity(target).definition.label
            problems.append(Problem(name, say("There is no {entity} {id}.", entity=label, id=value)))
    return problems


def _there(transaction: Transaction, key: str, identities: Iterable[int]) -> set[int]:
    """Those of the records that are there, and stay until this is written."""
    table = transaction.catalog.tables.table(key)
    wanted = select(table.c.id).where(table.c.id.in_(list(identities)))
    return set(transaction.connection.execute(wanted.with_for_update(read=True, key_share=True)).scalars())


def _insert(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    table = entity.table
    row = own_row(entity, values) | {"id": values["id"]}
    row |= {name: values[name] for name in entity.live if name in table.c}
    row |= {name: value for name, value in values.items() if name in table.c and name not in entity.fields}
    statement = INSERT[transaction.dialect](table).values(row).returning(table.c.id)
    with told_apart(entity):
        done = transaction.connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))
    if done.scalar() is None:
        raise NotPossible(say("This {entity} is there already.", entity=entity.definition.label))


def _link_again(transaction: Transaction, identity: int, linked: Mapping[str, list[int]]) -> None:
    """Others that are still there link to the record again."""
    for place, ids in linked.items():
        key, _, name = place.partition("/")
        if (key, name) not in transaction.catalog.tables.links:
            continue
        pairs = transaction.catalog.tables.links_table(key, name)
        rows = [{"record_id": each, "target_id": identity} for each in sorted(_there(transaction, key, ids))]
        if rows:
            statement = INSERT[transaction.dialect](pairs).on_conflict_do_nothing()
            transaction.connection.execute(statement, rows)


def _compute_anew(transaction: Transaction, entity: CompiledEntity, values: Values) -> None:
    """Stored formulas, by the release of today."""
    computed = dict(values)
    add_stored_formulas(transaction, entity, computed)
    changed = {name: computed[name] for name in entity.stored_formulas if computed[name] != values[name]}
    if changed:
        table = entity.table
        transaction.connection.execute(update_rows(table).where(table.c.id == values["id"]).values(changed))
