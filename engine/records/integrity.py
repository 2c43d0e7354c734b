"""What only the database can decide: two people at once, and records that others refer to.

Both are told in the sentences of the checks before them; database errors are recognised by the name of the
constraint, never by their text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from engine.access.field_policy import field_right
from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.problems import InputRefused, NotPossible
from engine.records.validate import taken, unique_groups
from engine.schema.names import unique_name
from engine.text import say
from engine.transaction import Transaction


@contextmanager
def told_apart(entity: CompiledEntity) -> Iterator[None]:
    """Turns a uniqueness conflict with a transaction that was quicker into the problem of its field."""
    try:
        yield
    except IntegrityError as error:
        for group in unique_groups(entity):
            if _concerns(error, entity.table.name, group):
                raise InputRefused([taken(entity, group)]) from error
        raise


def _concerns(error: IntegrityError, table: str, group: tuple[str, ...]) -> bool:
    name = unique_name(table, group)
    diagnostics: Any = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return bool(diagnostics.constraint_name == name)
    # SQLite names the columns of the constraint instead of the constraint.
    columns = str(error.orig).rpartition(": ")[2].split(", ")
    return columns == [f"{table}.{column}" for column in group]


def no_longer_referred_to(transaction: Transaction, entity: CompiledEntity, identity: int) -> None:
    """Refuses to delete a record to which others refer, saying how many of which kind."""
    for other in transaction.catalog.entities.values():
        for name, each in other.fields.items():
            meant = transaction.catalog.world.entities[other.key][name]
            if meant.entity != entity.key or not each.column or name == other.parent_link:
                continue
            column = other.table.c[name]
            statement = select(func.count()).select_from(other.table).where(column == identity)
            if other.key == entity.key:
                statement = statement.where(other.table.c.id != identity)
            count = transaction.connection.execute(statement).scalar_one()
            if not count:
                continue
            seen = statement.where(visible(transaction, other.key, other.table))
            found = transaction.connection.execute(seen, moment_parameters(transaction.moment)).scalar_one()
            if found != count or not field_right(transaction, other, name, "read"):
                # How many there are, and of which kind, is not for those who may not see them.
                sentence = "Records that you may not see refer to this {entity}; it cannot be deleted."
                raise NotPossible(say(sentence, entity=entity.definition.label))
            raise NotPossible(
                say(
                    "{count} {others} refer to this {entity} ({field}); it cannot be deleted.",
                    count=count,
                    others=other.definition.label,
                    entity=entity.definition.label,
                    field=each.definition.label,
                )
            )
