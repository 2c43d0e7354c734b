"""The steps for one entity whose table stands already: columns, limits and indexes that differ from it.

What is missing is found by looking at the live table, so that a table that somebody altered by hand is put
right too; the changes of the definition say how a step is worded and what has to be asked of the data.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import CheckConstraint

from engine.definition.model import Entity
from engine.releases.column_moves import gone_columns, keep_columns, renamed_columns
from engine.releases.column_steps import blanks, freezing, new_fields
from engine.releases.conversion_steps import conversions
from engine.releases.diff import Change
from engine.releases.index_steps import dropped_indexes, limits, new_indexes
from engine.releases.limit_steps import new_limits
from engine.releases.pairs_steps import filled_pairs, moved_pairs, renamed_without_column
from engine.releases.renames import former_fields
from engine.releases.restore_steps import restored_fields
from engine.releases.situation import Situation
from engine.releases.step import Step
from engine.releases.table_work import TableWork, declared
from engine.releases.value_steps import changed_values
from engine.schema import ddl, names
from engine.text import say


def begin_table(situation: Situation, entity: Entity, changes: Sequence[Change]) -> TableWork:
    """What is known of the entity's table before its first step."""
    before = situation.before(entity)
    former = former_fields(before, entity, situation.former) if before else {}
    work = TableWork(situation, entity, changes, before, former)
    keep_columns(work)
    renamed = before is not None and before.key != entity.key
    if renamed and situation.dialect == "sqlite" and work.live.checks:
        # The names of checks are part of the table's text.
        work.rebuilt = True
    return work


def moves(work: TableWork) -> list[Step]:
    """The steps after which every name is free that a new column or table takes."""
    return [
        *moved_pairs(work),
        *gone_columns(work),
        *renamed_columns(work),
        *renamed_without_column(work),
    ]


def table_steps(work: TableWork) -> list[Step]:
    """The steps that bring the entity's table to its definition, after its moves and new tables."""
    return [
        *filled_pairs(work),
        *conversions(work),
        *restored_fields(work),
        *new_fields(work),
        *freezing(work),
        *changed_values(work),
        *new_limits(work),
        # What no longer holds goes before blanks are filled: a default may be outside of it.
        *dropped_indexes(work),
        *limits(work),
        *blanks(work),
        *new_indexes(work),
    ]


def with_late_work(work: TableWork, steps: Sequence[Step]) -> list[Step]:
    """The steps of the table with what is done once, when everything else is."""
    late = list(work.late_sql)
    if work.rebuilt:
        # The copy brings its own indexes.
        steps = [
            replace(step, sql=tuple(sql for sql in step.sql if sql not in work.index_sql)) for step in steps
        ]
        late = _rebuild(work)
    if not late:
        return list(steps)
    return [*steps[:-1], replace(steps[-1], sql=(*steps[-1].sql, *late))]


def _rebuild(work: TableWork) -> list[str]:
    """The table as it shall be: without checks that were given up because records lie outside them."""
    table = work.table
    for check in list(table.constraints):
        in_force = check.name in work.live.checks or check.name in work.checked
        if isinstance(check, CheckConstraint) and not in_force:
            table.constraints.discard(check)
    others = work.live.columns.keys() - set(table.c.keys())
    kept = sorted(name for name in others if names.is_retired(name))
    unknown = others - set(kept) - work.live_fields
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
    for name in kept:
        table.append_column(declared(name, work.live.types[name]))
    copied = {column.name: work.copies.get(column.name, work.quoted(column.name)) for column in table.c}
    return ddl.rebuild(table, copied)
