"""Which personal fields somebody sees in full, of records that are about others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from engine.access.field_policy import about_oneself
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.records.select import Record
from engine.schema.prepared import Prepared, each_of, placed, places
from engine.transaction import Actor, Transaction


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That somebody saw personal fields: of one record, or of several of a list (`identity` is None)."""

    actor: Actor
    at: datetime
    entity: str
    fields: tuple[str, ...]
    identity: int | None = None
    subject: str = ""
    records: int = 1

    @property
    def detail(self) -> dict[str, Any]:
        """What the audit tells besides who and of what."""
        fields: dict[str, Any] = {"fields": list(self.fields)}
        return fields if self.identity else {**fields, "records": self.records}


@dataclass(frozen=True, slots=True)
class PersonalFields:
    """The personal fields of an entity, less those that the definition opens to everyone."""

    own: tuple[str, ...]
    of_rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Tables with the personal fields of their rows."""

    def only(self, wanted: frozenset[str] | None) -> "PersonalFields":
        """Those among the fields that are shown; None for all."""
        if wanted is None:
            return self
        of_rows = tuple((table, names) for table, names in self.of_rows if table in wanted)
        return PersonalFields(tuple(name for name in self.own if name in wanted), of_rows)

    def __bool__(self) -> bool:
        return bool(self.own or self.of_rows)

    def with_values(self, record: Record) -> tuple[str, ...]:
        """Those of which the record has a value, those of its rows as `loans.rate`."""
        found = [name for name in self.own if record.get(name) is not None]
        for table, names in self.of_rows:
            rows = record.get(table) or ()
            found += [f"{table}.{name}" for name in names if any(row.get(name) is not None for row in rows)]
        return tuple(found)


def personal_fields(transaction: Transaction, entity: CompiledEntity) -> PersonalFields:
    """What looking at a record of the entity may disclose."""

    def make() -> PersonalFields:
        rows = ((table, _personal(transaction.catalog.entity(key))) for table, key in entity.children.items())
        return PersonalFields(_personal(entity), tuple((table, names) for table, names in rows if names))

    return transaction.catalog.once(("personal fields", entity.key), make)


def about_actor(
    transaction: Transaction, entity: CompiledEntity, identities: Sequence[int]
) -> frozenset[int]:
    """Those of the records that are about the actor."""
    names = places(len(identities))

    def make() -> Prepared | None:
        table = entity.table
        conditions = list(about_oneself(transaction, entity, table))
        if not conditions:
            return None
        statement = select(table.c.id).where(each_of(table.c.id, names), or_(*conditions))
        return Prepared(statement, transaction.connection.dialect)

    statement = transaction.catalog.once(("about actor", entity.key, len(names)), make)
    if statement is None:
        return frozenset()
    parameters = moment_parameters(transaction.moment) | placed(identities)
    return frozenset(row[0] for row in statement.rows(transaction.connection, parameters))


def _personal(entity: CompiledEntity) -> tuple[str, ...]:
    rules = entity.definition.access.fields
    return tuple(
        name
        for name, each in entity.fields.items()
        if each.definition.personal and not (name in rules and "everyone" in (rules[name].read or ()))
    )
