"""The one way to take hold of a record that will be changed: locked, with the rights that its values give."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from engine.access.policy import rights_key, row_condition
from engine.access.rights import PREFIX, Rights, read_rights, right_columns
from engine.catalog import CompiledEntity
from engine.fields.types.link import LARGEST_ID
from engine.formula.compile_sql import moment_parameters
from engine.problems import NotFound, Stale
from engine.schema.names import frozen_marker
from engine.schema.prepared import Prepared
from engine.text import say
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Held:
    """A locked record: its stored values (links as ids) and what the actor may do with it."""

    values: dict[str, Any]
    rights: Rights

    @property
    def stage(self) -> str | None:
        return self.values.get("stage")


def hold(
    transaction: Transaction, entity: CompiledEntity, identity: int, revision: int | None = None
) -> Held:
    """Locks the record until the transaction ends.

    Raises NotFound when it is not there or may not be seen, Stale when it is not at `revision` any more.
    """
    statement = transaction.catalog.once(
        ("hold", entity.key, rights_key(transaction)), lambda: _statement(transaction, entity)
    )
    parameters = {**moment_parameters(transaction.moment), "identity": identity}
    rows = statement.rows(transaction.connection, parameters) if 0 < identity <= LARGEST_ID else []
    if not rows:
        raise NotFound(say("There is no {entity} {id}.", entity=entity.definition.label, id=identity))
    row = dict(zip(statement.names, rows[0], strict=True))
    values = {name: value for name, value in row.items() if not name.startswith(PREFIX)}
    if revision is not None and values["revision"] != revision:
        raise Stale(
            say(
                "This {entity} was changed since you opened it: it is at revision {now}, yours is {yours}.",
                entity=entity.definition.label,
                now=values["revision"],
                yours=revision,
            )
        )
    return Held(values, read_rights(transaction, entity, row))


def _statement(transaction: Transaction, entity: CompiledEntity) -> Prepared:
    table = entity.table
    columns: list[Any] = [table.c[name] for name, each in entity.fields.items() if each.column]
    columns += [table.c[frozen_marker(stage)] for stage in sorted(entity.freezing_stages)]
    columns += right_columns(transaction, entity)
    seen = row_condition(transaction, "read", entity)
    statement = select(*columns).where(table.c.id == bindparam("identity"), seen).with_for_update(of=table)
    return Prepared(statement, transaction.connection.dialect)
