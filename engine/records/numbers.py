"""The numbers of sequence fields: counted in the database, without gaps while transactions commit."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from engine.catalog import CompiledEntity, CompiledField
from engine.schema.system_tables import sequence
from engine.transaction import Transaction

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def next_numbers(
    transaction: Transaction, entity: CompiledEntity, each: CompiledField, count: int
) -> list[str]:
    """The texts of the next numbers, such as `DEAL-2026-0001`, in order."""
    numbering = each.type.numbering(each.definition.options)
    assert numbering is not None
    today = transaction.moment.today
    row = {"entity": entity.key, "field": each.name, "period": numbering.period(today), "last": count}
    statement = _INSERT[transaction.dialect](sequence).values(row)
    counted = statement.on_conflict_do_update(
        index_elements=[sequence.c.entity, sequence.c.field, sequence.c.period],
        set_={"last": sequence.c.last + count},
    ).returning(sequence.c.last)
    last = transaction.connection.execute(counted).scalar_one()
    return [numbering.render(number, today) for number in range(last - count + 1, last + 1)]
