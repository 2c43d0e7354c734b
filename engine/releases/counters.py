"""Where the counter of a sequence goes on that takes over the numbers of another field."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from engine.fields.registry import FIELD_TYPES
from engine.releases.conversion import Conversion
from engine.releases.table_work import TableWork
from engine.schema.system_tables import sequence

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def counted_on(work: TableWork, conversion: Conversion) -> list[str]:
    """The statement after which the next number of each period is higher than all that are there.

    Nothing for fields that are no sequence. A counter from an earlier time, when the field was a sequence
    already, never goes back: numbers of deleted records are not given again.
    """
    highest = _highest(work, conversion)
    if not highest:
        return []
    key, name = work.entity.key, conversion.after.name
    rows = [
        {"entity": key, "field": name, "period": period, "last": last}
        for period, last in sorted(highest.items())
    ]
    statement = _INSERT[work.dialect](sequence).values(rows)
    new = statement.excluded.last
    kept = statement.on_conflict_do_update(
        index_elements=[sequence.c.entity, sequence.c.field, sequence.c.period],
        set_={"last": case((new > sequence.c.last, new), else_=sequence.c.last)},
    )
    return [work.text(kept)]


def _highest(work: TableWork, conversion: Conversion) -> dict[str, int]:
    """Period → its highest number."""
    after = conversion.after
    numbering = FIELD_TYPES[after.type].numbering(after.options)
    highest: dict[str, int] = {}
    if numbering is None:
        return highest
    for lot in conversion.results(work.situation.connection):
        for _, result in lot:
            found = numbering.number_of(str(result.value)) if result else None
            if found:
                period, number = found
                highest[period] = max(number, highest.get(period, 0))
    return highest
