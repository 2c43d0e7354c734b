"""The steps for one entity whose table stands already: columns, limits and indexes that differ from it.

What is missing is found by looking at the live table, so that a table that somebody altered by hand is put
right too; the changes of the definition say how a step is worded and what has to be asked of the data.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import CheckConstraint

from engine.definition.model import Entity
from engine.releases.column_steps import blanks, freezing, new_fields, stored_no_more
from engine.releases.diff import Change
from engine.releases.index_steps import dropped_indexes, limits, new_indexes
from engine.releases.situation import Situation
from engine.releases.step import Step
from engine.releases.table_work import TableWork
from engine.schema import ddl
from engine.text import say


def table_steps(situation: Situation, entity: Entity, changes: Sequence[Change]) -> list[Step]:
    """The steps that bring the entity's table to its definition."""
    work = TableWork(situation, entity, changes)
    steps = [
        *new_fields(work),
        *freezing(work),
        *blanks(work),
        *limits(work),
        *dropped_indexes(work),
        *stored_no_more(work),
        *new_indexes(work),
    ]
    if not work.rebuilt:
        return steps
    # The copy is made once, when everything else is done.
    return [*steps[:-1], replace(steps[-1], sql=(*steps[-1].sql, *_rebuild(work)))]


def _rebuild(work: TableWork) -> list[str]:
    """The table as it shall be: without checks that were given up because records lie outside them."""
    table = work.table
    for check in list(table.constraints):
        in_force = check.name in work.live.checks or check.name in work.checked
        if isinstance(check, CheckConstraint) and not in_force:
            table.constraints.discard(check)
    unknown = work.live.columns.keys() - set(table.c.keys()) - work.live_fields
    if unknown:
        work.refuse(
            work.entity.place,
            say(
                "The table {table} has the column {column}, which no definition names and which this change "
                "would lose. Drop it, or add a field for it.",
                table=table.name,
                column=", ".join(sorted(unknown)),
            ),
        )
    return ddl.rebuild(table, [column.name for column in table.c])
