"""Writing many new records at once: the same reading, defaults, formulas and checks, in few statements.

For demo data, migrations and restores, by the product itself: rights are not asked, and a record may
begin in any stage.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from engine.catalog import CompiledEntity
from engine.problems import InputRefused, Problem, beneath
from engine.records import stage_timers
from engine.records.accept import accept_values
from engine.records.compute import Values, add_defaults, add_stored_formulas
from engine.records.freeze import freeze
from engine.records.history import event_row, stored_json
from engine.records.integrity import told_apart
from engine.records.store import add_numbers
from engine.records.validate import check_problems, required_problems
from engine.records.word_index import keep_words
from engine.schema.system_tables import history
from engine.text import say
from engine.transaction import Transaction

ROWS_A_STATEMENT = 500
_KEPT = ("stage", "created_at", "created_by")


def insert_many(transaction: Transaction, key: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Writes the records and gives their ids in order; InputRefused names problems by row (`[3].amount`).

    Child rows are written as records of their own entity, with the owner's id in the field of its name.
    """
    entity = transaction.catalog.entity(key)
    prepared, problems = [], []
    for number, row in enumerate(_in_order(entity, rows)):
        values, wrong = _prepare(transaction, entity, row)
        prepared.append(values)
        problems += [beneath(f"[{number}]", problem) for problem in wrong]
    if problems:
        raise InputRefused(problems)
    identities: list[int] = []
    for start in range(0, len(prepared), ROWS_A_STATEMENT):
        identities += _write(transaction, entity, prepared[start : start + ROWS_A_STATEMENT])
    entered: dict[str, list[int]] = {}
    for identity, row in zip(identities, prepared, strict=True):
        entered.setdefault(row.get("stage") or "", []).append(identity)
    for stage, some in entered.items():
        freeze(transaction, entity, some, stage)
        stage_timers.began(transaction, entity, some, stage)
    return identities


def _in_order(entity: CompiledEntity, rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Child rows without a position follow one another, each owner's from 0."""
    if entity.parent_link is None:
        yield from rows
        return
    written: Counter[Any] = Counter()
    for row in rows:
        owner = row.get(entity.parent_link)
        yield {"position": written[owner], **row}
        written[owner] += 1


def _prepare(
    transaction: Transaction, entity: CompiledEntity, row: Mapping[str, Any]
) -> tuple[Values, list[Problem]]:
    sent = {name: value for name, value in row.items() if name not in _KEPT}
    values, problems = accept_values(entity, sent, lambda _each: None)
    now, actor = transaction.now, transaction.actor.id
    values |= {"created_at": now, "created_by": actor, "updated_at": now, "updated_by": actor, "revision": 1}
    if entity.definition.workflow:
        values["stage"] = entity.definition.workflow.initial.name
    values |= {name: row[name] for name in _KEPT if name in row}
    problems += _unknown_stage(entity, values)
    add_defaults(transaction, entity, values)
    for name in entity.fields:
        values.setdefault(name, None)
    add_stored_formulas(transaction, entity, values)
    if not problems:
        problems += required_problems(transaction, entity, values)
        problems += check_problems(transaction, entity, values)
    return values, problems


def _unknown_stage(entity: CompiledEntity, values: Values) -> list[Problem]:
    workflow = entity.definition.workflow
    if workflow is None or values["stage"] in workflow.stages:
        return []
    sentence = say("{entity} has no stage '{stage}'.", entity=entity.definition.label, stage=values["stage"])
    return [Problem("stage", sentence)]


def _write(transaction: Transaction, entity: CompiledEntity, rows: list[Values]) -> list[int]:
    table = entity.table
    stored = [name for name, each in entity.fields.items() if each.column and not each.live and name != "id"]
    add_numbers(transaction, entity, rows)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    with told_apart(entity):
        inserted = transaction.connection.execute(
            statement, [{name: row.get(name) for name in stored} for row in rows]
        )
    identities = [int(each) for each in inserted.scalars()]
    numbered = ({**row, "id": one} for one, row in zip(identities, rows, strict=True))
    keep_words(transaction, entity, numbered)
    pairs = {
        name: [
            {"record_id": identity, "target_id": target}
            for identity, row in zip(identities, rows, strict=True)
            for target in row.get(name) or ()
        ]
        for name in entity.many
    }
    for name, found in pairs.items():
        if found:
            transaction.connection.execute(
                insert(transaction.catalog.tables.links_table(entity.key, name)), found
            )
    if entity.definition.keep_history:
        events = [
            event_row(
                transaction,
                entity,
                identity,
                "created",
                {
                    name: (None, stored_json(entity.fields[name], row[name]))
                    for name in stored
                    if not entity.fields[name].definition.system and row[name] is not None
                },
                to_stage=row.get("stage"),
            )
            | {"at": row["created_at"], "by": row["created_by"]}
            for identity, row in zip(identities, rows, strict=True)
        ]
        transaction.connection.execute(insert(history), events)
    return identities
