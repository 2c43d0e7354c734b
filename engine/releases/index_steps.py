"""Steps for limits of numbers, uniqueness and indexes."""

from collections.abc import Iterator
from dataclasses import replace

from engine.releases.entity_steps import OWN_PREFIXES
from engine.releases.index_builds import MANY, IndexBuild
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import counted, fields_named
from engine.schema import ddl
from engine.schema.tables import limits_name
from engine.text import say


def limits(work: TableWork) -> Iterator[Step]:
    """New `min` and `max`. Where records lie outside them, the database is not asked to insist."""
    for change in work.of_kind("limits_changed", "became_plain"):
        each = change.field
        if each is None:
            continue
        stored = each.name in work.table.c and each.name in work.live.columns
        checks = ddl.checks_on(work.table.c[each.name]) if stored else []
        if change.kind == "became_plain" and not checks:
            continue
        outside = work.situation.outside(work.table, checks)
        old = limits_name(work.table.name, replace(change.before, name=each.name))
        sql = (
            work.in_place(ddl.drop_check(work.table.name, old, work.dialect))
            if old in work.live.checks
            else []
        )
        if not outside:
            work.checked |= {str(check.name) for check in checks}
            sql += work.in_place(*(ddl.add_check(check, work.dialect) for check in checks)) if checks else []
            sentence = say("Changes the limits of {field} of {entity}.", **work.labels(each))
            yield work.step("limits_changed", sentence, sql, each=each)
            continue
        sentence = say(
            "Changes the limits of {field} of {entity}. Left outside them until somebody edits them: "
            "{records}.",
            **work.labels(each),
            records=counted(outside, work.entity),
        )
        yield work.step("limits_changed", sentence, sql, each=each, risk=Risk.CONFIRM, records=outside)


def dropped_indexes(work: TableWork) -> Iterator[Step]:
    """Indexes and uniqueness that the definition no longer asks for."""
    wanted = {str(index.name) for index in work.table.indexes}
    for name, index in sorted(work.live.indexes.items()):
        if name in wanted or not name.startswith(OWN_PREFIXES):
            continue
        labels = {"entity": work.entity.label, "fields": fields_named(work.entity, index.columns)}
        sentence = (
            say("{fields} of {entity} may be the same in several records from now on.", **labels)
            if index.unique
            else say("Drops the index on {fields} of {entity}.", **labels)
        )
        kind = "unique_removed" if index.unique else "index_removed"
        yield work.step(kind, sentence, [ddl.drop_index(name, work.dialect)])


def new_indexes(work: TableWork) -> Iterator[Step]:
    """Indexes that the table lacks; a unique one only when no two records have the same values."""
    for index in sorted(work.table.indexes, key=lambda each: str(each.name)):
        there = work.live.indexes.get(str(index.name))
        if (there and there.valid) or index.name in work.indexed:
            continue
        columns = [column.name for column in index.columns]
        labels = {"entity": work.entity.label, "fields": fields_named(work.entity, columns)}
        sql = [ddl.create_index(index, work.dialect)]
        if there:
            sql.insert(0, ddl.drop_index(str(index.name), work.dialect))
        work.index_sql.update(sql)
        if work.again & set(columns):
            # It was there before the values were converted, and goes without saying.
            work.late_sql += sql
            continue
        if not index.unique:
            sentence = say("Adds an index on {fields} to {entity}.", **labels)
            if work.dialect == "postgresql" and work.situation.count(work.table) >= MANY:
                build = IndexBuild(str(index.name), ddl.create_index_meanwhile(index))
                yield replace(work.step("index_added", sentence), build=build)
            else:
                yield work.step("index_added", sentence, sql)
            continue
        if work.live.columns.keys() >= set(columns):
            _refuse_repeated(work, columns)
        sentence = say("Makes {fields} of {entity} unique.", **labels)
        yield work.step("unique_added", sentence, sql)


def _refuse_repeated(work: TableWork, columns: list[str]) -> None:
    count, example = work.situation.repeated(work.table, columns)
    if example is None:
        return
    first = work.entity.fields.get(columns[0])
    work.refuse(
        first.place if first and len(columns) == 1 else work.entity.place,
        say(
            "{fields} of {entity} cannot become unique. Values that several records share: {count}, such as "
            "“{example}”. Make them different first.",
            fields=fields_named(work.entity, columns),
            entity=work.entity.label,
            count=f"{count:,}",
            example=", ".join(map(str, example)),
        ),
    )
