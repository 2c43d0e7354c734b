"""Steps that bring back what was taken out of use: a field that returns finds its values."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table, delete, exists, insert, not_, select, update

from engine.definition.model import Field
from engine.releases.retired import COLUMN, PAIRS, Retired, kept_for
from engine.releases.step import Step
from engine.releases.table_work import TableWork
from engine.releases.wording import values_counted
from engine.schema import ddl
from engine.schema.system_tables import retired
from engine.schema.tables import is_many_to_many
from engine.text import say


def restored_fields(work: TableWork) -> Iterator[Step]:
    """Fields that the definition adds and whose values of before were kept."""
    for each in work.entity.fields.values():
        if is_many_to_many(each):
            target = work.situation.target.links_table(work.entity.key, each.name)
            standing = {*work.situation.live, *(made.name for made in work.situation.created)}
            kept = kept_for(work.situation.retired, work.entity.key, each, PAIRS)
            if kept and target.name not in standing:
                yield _pairs(work, each, kept, target)
        elif each.name in work.table.c and each.name not in work.live.columns and not each.formula:
            kept = kept_for(work.situation.retired, work.entity.key, each, COLUMN)
            if kept and kept.column in work.live.columns:
                yield _column(work, each, kept)


def restored_marker(work: TableWork, name: str) -> list[str] | None:
    """The statements that bring back a column of frozen values; None where none was kept."""
    kept = next(
        (
            kept
            for kept in work.situation.retired
            if (kept.entity, kept.field, kept.kind) == (work.entity.key, name, COLUMN)
        ),
        None,
    )
    if kept is None or kept.column is None or kept.column not in work.live.columns:
        return None
    sql = [
        work.alter(f"RENAME COLUMN {work.quoted(kept.column)} TO {work.quoted(name)}"),
        _forgotten(work, kept),
    ]
    work.renamed_column(kept.column, name)
    return sql


def _forgotten(work: TableWork, kept: Retired) -> str:
    work.situation.retired.remove(kept)
    return work.text(delete(retired).where(retired.c.id == kept.id))


def _column(work: TableWork, each: Field, kept: Retired) -> Step:
    assert kept.column is not None
    column, dialect = work.table.c[each.name], work.dialect
    sql = [work.alter(f"RENAME COLUMN {work.quoted(kept.column)} TO {work.quoted(each.name)}")]
    found = Table(_origin(work), MetaData(), Column("id"), Column(kept.column, column.type, key=each.name))
    was = found.c[each.name]
    values = work.situation.number(found, was.is_not(None))
    lost = 0
    key = ddl.foreign_key_of(column)
    if key is not None:
        sql += _without_lost_targets(work, key.referred_table.name, column)
        lost = _lost_targets(work, found, was, key.referred_table.name)
        sql += work.in_place(ddl.constraint(key, dialect))
    checks = ddl.checks_on(column)
    held = [check for check in checks if not work.situation.outside_of(found, [check])]
    if held:
        work.checked |= {str(check.name) for check in held}
        sql += work.in_place(*(ddl.add_check(check, dialect) for check in held))
    work.renamed_column(kept.column, each.name)
    work.again.add(each.name)
    sql += _filled(work, each, column, values - lost)
    sentence = say(
        "Brings back {field} of {entity} with {values} that were kept.",
        **work.labels(each),
        values=values_counted(values - lost),
    )
    sql.append(_forgotten(work, kept))
    return work.step("field_added", sentence, sql, each=each, records=values)


def _filled(work: TableWork, each: Field, column: Column[Any], values: int) -> list[str]:
    """Records that came since get the first stage; the field is required again where all have a value."""
    sql: list[str] = []
    records = work.situation.count(work.table)
    stages = work.entity.workflow
    if each.system and each.name == "stage" and stages:
        known = [stage.name for stage in stages.stages.values()]
        fill = update(work.table).where(column.is_(None) | not_(column.in_(known)))
        sql.append(work.text(fill.values({column: stages.initial.name})))
        values = records
    if column.nullable:
        return sql
    if values < records:
        column.nullable = True
        return sql
    sql += work.in_place(ddl.refuse_blank(column, work.dialect))
    work.has_column(each.name, may_be_blank=False, type_=work.live.types[each.name])
    return sql


def _origin(work: TableWork) -> str:
    origin = work.situation.origins.get(work.table.name)
    return origin.table if origin else work.table.name


def _without_lost_targets(work: TableWork, target: str, column: Column[Any]) -> list[str]:
    """Links to records that were deleted since are blank."""
    other = Table(target, MetaData(), Column("id")).alias("linked")
    there = exists().where(other.c.id == column)
    return [work.text(update(work.table).where(column.is_not(None), ~there).values({column: None}))]


def _lost_targets(work: TableWork, found: Table, was: Column[Any], target: str) -> int:
    origin = work.situation.origins.get(target)
    other = Table(origin.table if origin else target, MetaData(), Column("id")).alias("linked")
    return work.situation.number(found, was.is_not(None), ~exists().where(other.c.id == was))


def _pairs(work: TableWork, each: Field, kept: Retired, target: Table) -> Step:
    situation = work.situation
    standing = {*situation.live, *(created.name for created in situation.created)}
    sql = ddl.create_table(target, standing, work.dialect)
    sql += ddl.foreign_keys_to(target, situation.created, work.dialect)
    situation.created.append(target)
    old = Table(kept.table, MetaData(), Column("record_id"), Column("target_id"))
    ends = [
        exists().where(
            Table(key.referred_table.name, MetaData(), Column("id")).c.id == old.c[key.column_keys[0]]
        )
        for key in sorted(target.foreign_key_constraints, key=lambda each: tuple(each.column_keys))
    ]
    there = select(old.c.record_id, old.c.target_id).where(*ends)
    values = situation.number(old)
    sql += [
        work.text(insert(target).from_select(["record_id", "target_id"], there)),
        f"DROP TABLE {work.quoted(kept.table)}",
        _forgotten(work, kept),
    ]
    sentence = say(
        "Brings back {field} of {entity} with {values} that were kept.",
        **work.labels(each),
        values=values_counted(values),
    )
    return work.step("field_added", sentence, sql, each=each, records=values)
