"""A deleted record as it was, asked like one that is there: may the actor see it, what is it called.

Its values go into a statement as parameters, as the one row of a query that rules and titles are read over.
Its child rows are gone with it: a rule that reads them finds none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.policy import rights_key, row_condition
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.records.past import Past
from engine.records.select import title_column
from engine.row_sources import RowSources
from engine.schema.prepared import Prepared
from engine.transaction import Transaction

WAS, LINKED = "was_", "linked_"
"""How parameters begin: the value of a column, the ids of a many-to-many field."""


@dataclass(frozen=True, slots=True)
class SourcesThatWere(RowSources):
    """Rows and columns for a record that is gone: what it linked to comes as a parameter, too."""

    gone: FromClause | None = None

    def member_rows(
        self, source: FromClause, entity: str, field: str
    ) -> tuple[FromClause, str, ColumnElement[bool]]:
        """As of rows that are there, but for the many-to-many fields of the record itself."""
        compiled = self.catalog.entities[entity]
        if source is not self.gone or field not in compiled.many:
            return RowSources.member_rows(self, source, entity, field)
        rows = self.source(compiled.many[field])
        if self.catalog.dialect == "postgresql":
            listed = bindparam(f"{LINKED}{field}", type_=ARRAY(BigInteger))
            return rows, compiled.many[field], rows.c.id == any_(listed)
        each = func.json_each(bindparam(f"{LINKED}{field}", type_=Text())).table_valued("value")
        return rows, compiled.many[field], rows.c.id.in_(select(each.c.value))


def title_as_it_was(
    transaction: Transaction, entity: CompiledEntity, values: Mapping[str, Any], gone: Past
) -> str | None:
    """What the record was called; None where the actor could not see it, or not delete it, were it there.

    `values` are those of its columns.
    """
    statement = transaction.catalog.once(
        ("as it was", entity.key, rights_key(transaction)), lambda: _statement(transaction, entity)
    )
    parameters = {f"{WAS}{each.name}": values.get(each.name) for each in entity.table.c}
    for name in entity.many:
        ids = gone.changes.get(name, [[]])[0] or []
        parameters[f"{LINKED}{name}"] = (
            ids if transaction.dialect == "postgresql" else orjson.dumps(ids).decode()
        )
    found = statement.rows(transaction.connection, moment_parameters(transaction.moment) | parameters)
    return str(found[0][0] or "") if found else None


def _statement(transaction: Transaction, entity: CompiledEntity) -> Prepared:
    columns = []
    for each in entity.table.c:
        value: ColumnElement[Any] = bindparam(f"{WAS}{each.name}", type_=each.type)
        if transaction.dialect == "postgresql":
            # It does not guess the type of a parameter that nothing is compared with.
            value = cast(value, each.type)
        columns.append(value.label(each.name))
    rows = select(*columns).subquery("gone")
    sources = SourcesThatWere(transaction.catalog, gone=rows)
    conditions = [row_condition(transaction, action, entity, rows, sources) for action in ("read", "delete")]
    title = title_column(transaction, entity.key, rows)
    release = transaction.catalog.release
    return Prepared(select(title).where(*conditions), transaction.connection.dialect, release)
