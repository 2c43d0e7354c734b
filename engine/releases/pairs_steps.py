"""Steps for many-to-many fields, whose values are rows of a table of their own."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Column, MetaData, Table, func, insert, select, update

from engine.definition.model import Field
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.releases.column_moves import renamed_field_entries, renaming
from engine.releases.entity_steps import renamed_table, retired_table
from engine.releases.retired import PAIRS, retiring
from engine.releases.sameness import target_of
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import values_kept
from engine.schema import ddl, names
from engine.schema.live import LiveTable
from engine.schema.tables import is_many_to_many
from engine.text import Message, say


def moved_pairs(work: TableWork) -> Iterator[Step]:
    """Tables of pairs that go on under another name, and those that no field needs any more."""
    if work.before is None:
        return
    now = {was: name for name, was in work.former.items()}
    for each in work.before.fields.values():
        if not is_many_to_many(each):
            continue
        pairs = work.situation.standing.links_table(work.before.key, each.name)
        after = work.entity.fields[now[each.name]] if each.name in now else None
        if pairs.name not in work.situation.live:
            continue
        if after is None or not _goes_on(work, each, after):
            if after is None or not _into_one(work, each, after):
                yield _gone(work, each, after, pairs)
        elif names.links_table_name(work.entity.key, after.name) != pairs.name:
            yield _renamed(work, each, after, pairs)


def renamed_without_column(work: TableWork) -> Iterator[Step]:
    """Fields that stand in no column of their own and are called otherwise."""
    for name, was in work.former.items():
        before, after = work.field_before(name), work.entity.fields[name]
        if name == was or name in work.kept or before is None or after.system:
            continue
        if is_many_to_many(before) and is_many_to_many(after):
            continue
        sql = renamed_field_entries(work, was, name)
        yield work.step("field_renamed", renaming(work, before, after, None), sql, each=after)


def filled_pairs(work: TableWork) -> Iterator[Step]:
    """One link becomes many, or many become one."""
    if work.before is None:
        return
    for name in work.former:
        before, after = work.field_before(name), work.entity.fields[name]
        if before is None:
            continue
        if is_many_to_many(after) and _out_of_one(work, before, after):
            yield _many(work, before, after)
        elif is_many_to_many(before) and _into_one(work, before, after):
            yield _one(work, before, after)


def _same_target(work: TableWork, before: Field, after: Field) -> bool:
    target = target_of(after)
    return work.situation.former.get(target or "", target) == target_of(before)


def _goes_on(work: TableWork, before: Field, after: Field) -> bool:
    return is_many_to_many(after) and _same_target(work, before, after)


def _into_one(work: TableWork, before: Field, after: Field) -> bool:
    one = FIELD_TYPES[after.type].relation is Relation.ONE
    return one and after.formula is None and _same_target(work, before, after)


def _out_of_one(work: TableWork, before: Field, after: Field) -> bool:
    one = FIELD_TYPES[before.type].relation is Relation.ONE
    stored = work.before_table is not None and before.name in work.before_table.c
    return one and stored and _same_target(work, before, after)


def _gone(work: TableWork, each: Field, after: Field | None, pairs: Table) -> Step:
    records = work.situation.number(_as_it_is(pairs))
    live = work.situation.live.pop(pairs.name)
    sql = _retired(work, each, live) if records else [f"DROP TABLE {work.quoted(live.name)}"]
    labels = {**work.labels(each), "kept": values_kept(records)}
    if after is None:
        kind, sentence = (
            "field_removed",
            (
                say("Removes {field} of {entity}; {kept}.", **labels)
                if records
                else say("Removes {field} of {entity}; no record has a value.", **labels)
            ),
        )
    else:
        kind, sentence = (
            "target_changed",
            (
                say("{field} of {entity} links to other records from now on; {kept}.", **labels)
                if records
                else say("{field} of {entity} links to other records from now on.", **labels)
            ),
        )
    risk = Risk.DESTRUCTIVE if records else Risk.CONFIRM if after is None else Risk.SAFE
    return work.step(kind, sentence, sql, each=each, risk=risk, records=records)


def _retired(work: TableWork, each: Field, live: LiveTable) -> list[str]:
    assert work.before
    kept = names.retired_name(work.situation.release, live.name)
    entry = retiring(work.situation.release, work.before, each, PAIRS, kept, None)
    return [*retired_table(work.situation, live), work.text(entry.values(entity=work.entity.key))]


def _renamed(work: TableWork, before: Field, after: Field, pairs: Table) -> Step:
    target = work.situation.target.links_table(work.entity.key, after.name)
    records = work.situation.number(_as_it_is(pairs))
    sql, moved = renamed_table(work.situation, work.situation.live.pop(pairs.name), target)
    work.situation.live[target.name] = moved
    if before.name == after.name:
        sentence = say("{field} of {entity} goes with it.", **work.labels(after))
        return work.step("field_renamed", sentence, sql, each=after, records=records)
    sql += renamed_field_entries(work, before.name, after.name)
    sentence = renaming(work, before, after, records)
    return work.step("field_renamed", sentence, sql, each=after, records=records)


def _many(work: TableWork, before: Field, after: Field) -> Step:
    """Every link becomes a pair; nothing is lost."""
    target = work.situation.target.links_table(work.entity.key, after.name)
    standing = {*work.situation.live, *(created.name for created in work.situation.created)}
    sql = ddl.create_table(target, standing, work.dialect)
    sql += ddl.foreign_keys_to(target, work.situation.created, work.dialect)
    work.situation.created.append(target)
    values = work.values(before.name)
    own = Table(work.table.name, MetaData(), Column("id"), Column(before.name))
    filled = insert(target).from_select(
        ["record_id", "target_id"],
        select(own.c.id, own.c[before.name]).where(own.c[before.name].is_not(None)),
    )
    sql.append(work.text(filled))
    indexes = work.lost_column(before.name)
    drop = work.in_place(work.alter(f"DROP COLUMN {work.quoted(before.name)}"))
    sql += drop or [ddl.drop_index(index, work.dialect) for index in indexes]
    sentence = _change(work, before, after, values, 0)
    return work.step("type_changed", sentence, sql, each=after, risk=Risk.CONFIRM, records=values)


def _one(work: TableWork, before: Field, after: Field) -> Step:
    """A record with one link keeps it; those with several have none, and theirs are kept aside."""
    assert work.before
    pairs = work.situation.standing.links_table(work.before.key, before.name)
    found = _as_it_is(pairs)
    many = select(found.c.record_id).group_by(found.c.record_id)
    connection = work.situation.connection

    def number(condition: object) -> int:
        groups = many.having(condition).subquery()  # type: ignore[arg-type]
        return connection.execute(select(func.count()).select_from(groups)).scalar_one()

    values, lost = number(func.count() >= 1), number(func.count() > 1)
    column = work.table.c[after.name]
    sql = [ddl.add_column(column, nullable=True, dialect=work.dialect)]
    single = (
        select(func.min(found.c.target_id))
        .where(found.c.record_id == work.table.c.id)
        .having(func.count() == 1)
        .scalar_subquery()
    )
    sql.append(work.text(update(work.table).values({column: single})))
    live = work.situation.live.pop(pairs.name)
    named = replace(before, name=after.name)
    sql += _retired(work, named, live) if lost else [f"DROP TABLE {work.quoted(live.name)}"]
    work.emptied[after.name] = lost
    work.has_column(after.name, may_be_blank=True)
    work.again.add(after.name)
    if not column.nullable:
        if values - lost < work.situation.count(work.table):
            column.nullable = True
        else:
            sql += work.in_place(ddl.refuse_blank(column, work.dialect))
            work.has_column(after.name, may_be_blank=False)
    return work.step(
        "type_changed",
        _change(work, before, after, values, lost),
        sql,
        each=after,
        risk=Risk.DESTRUCTIVE if lost else Risk.CONFIRM,
        records=values,
    )


def _change(work: TableWork, before: Field, after: Field, values: int, lost: int) -> Message:
    parts = {**work.labels(after), "before": before.type, "after": after.type}
    change = say("Changes {field} of {entity} from {before} to {after}", **parts)
    counts = {"values": f"{values:,}", "lost": f"{lost:,}"}
    if lost:
        return say(
            "{change}: {lost} of {values} values cannot be converted; they are kept in a table that you can "
            "look at until you purge it.",
            change=change,
            **counts,
        )
    return say(
        "{change}; 1 value is converted." if values == 1 else "{change}; {values} values are converted.",
        change=change,
        **counts,
    )


def _as_it_is(pairs: Table) -> Table:
    """The table of pairs while the plan is made."""
    return Table(pairs.name, MetaData(), *(Column(each.name, each.type) for each in pairs.c))
