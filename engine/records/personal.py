"""Personal fields that are shown only when somebody asks: asking is written into the audit."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from engine.access import audit
from engine.access.policy import masked, row_condition
from engine.access.scopes import require_scope
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.problems import InputRefused, NotFound, Problem, unknown
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction


def personal_in(entity: CompiledEntity, columns: Iterable[str]) -> dict[str, list[str]]:
    """What the audit tells of an export: which of its columns are personal; nothing when none is."""
    found = [name for name in columns if entity.fields[name].definition.personal]
    return {"personal": found} if found else {}


def show_personal(transaction: Transaction, key: str, identity: int, names: Iterable[str]) -> dict[str, Any]:
    """The values of personal fields of a record that may be seen; that they were asked for is written down.

    Raises NotFound like `get`, InputRefused for a field that is not hidden from the actor.
    """
    entity = transaction.catalog.entity(key)
    require_scope(transaction, "read", entity)
    wanted, known = list(dict.fromkeys(names)), masked(transaction, entity)
    problems = [
        Problem(
            name,
            unknown(
                say(
                    "{entity} has no personal field '{name}' to show.",
                    entity=entity.definition.label,
                    name=name,
                ),
                name,
                known,
            ),
        )
        for name in wanted
        if name not in known or not entity.fields[name].column
    ]
    if problems or not wanted:
        raise InputRefused(problems or [Problem("fields", say("Name at least one field."))])
    statement = select(*(entity.table.c[name] for name in wanted)).where(
        entity.table.c.id == identity, row_condition(transaction, "read", entity)
    )
    row = None
    if 0 < identity <= LARGEST_ID:
        row = transaction.connection.execute(statement, moment_parameters(transaction.moment)).first()
    if row is None:
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    subject = titles(transaction, key, [identity]).get(identity, "")
    audit.record(
        transaction,
        "personal_shown",
        about=key,
        identity=identity,
        subject=subject,
        detail={"fields": wanted},
    )
    return dict(zip(wanted, row, strict=True))
