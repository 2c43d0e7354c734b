"""Steps for columns that go on under another name, and for those that no definition names any more."""

from collections.abc import Iterator
from typing import Any

from engine.definition.model import Field
from engine.fields.field_type import Relation
from engine.fields.registry import FIELD_TYPES
from engine.releases.entity_steps import OWN_PREFIXES, renamed_constraint, renamed_indexes
from engine.releases.renames import former
from engine.releases.retired import COLUMN, kept_for, retiring
from engine.releases.sameness import stored_alike, target_of
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import values_kept, values_stay
from engine.schema import ddl, names
from engine.schema.system_tables import rename
from engine.schema.tables import freezing_stages, is_many_to_many, limits_name, stages_that_freeze
from engine.schema.upgrade import own_tables
from engine.text import Message, say


def keep_columns(work: TableWork) -> None:
    """Finds out which columns go on, and as what."""
    old, before = work.before_table, work.before
    if old is None or before is None:
        return
    for name, was in work.former.items():
        there = name in work.table.c and was in old.c and was in work.live.columns and name != "id"
        if there and _goes_on(work, before.fields[was], work.entity.fields[name]):
            work.kept[name] = was
    if before.workflow and work.entity.workflow:
        stages = former(before.workflow.stages, work.entity.workflow.stages)
        for stage in freezing_stages(work.entity):
            was = names.frozen_marker(stages.get(stage, stage))
            if was in old.c and was in work.live.columns:
                work.kept[names.frozen_marker(stage)] = was


def _goes_on(work: TableWork, before: Field, after: Field) -> bool:
    """Whether the values of the column are values of the field as it is now."""
    if after.formula and not before.formula:
        return False
    if (
        before.formula
        and not after.formula
        and kept_for(work.situation.retired, work.entity.key, after, COLUMN)
    ):
        # What people had entered before it was computed comes back.
        return bool(work.before and stages_that_freeze(work.before, before))
    if after.formula and not stored_alike(before, after):
        # It is computed again, unless values are frozen.
        return bool(work.before and stages_that_freeze(work.before, before))
    target = target_of(after)
    same = work.situation.former.get(target or "", target) == target_of(before)
    links = [FIELD_TYPES[each.type].relation is Relation.ONE for each in (before, after)]
    return same if all(links) else not any(links)


def gone_columns(work: TableWork) -> Iterator[Step]:
    """Columns that do not go on: dropped where nothing is lost, else kept under another name."""
    if work.before_table is None or work.before is None:
        return
    staying = set(work.kept.values()) | {"id"}
    for each in work.before_table.c:
        if each.name in staying or each.name not in work.live.columns:
            continue
        field = work.before.fields.get(each.name)
        if field is None or not becomes_pairs(work, field):
            yield _gone(work, each.name, field)


def becomes_pairs(work: TableWork, before: Field) -> bool:
    """Whether links of one field go on as links of many, to records of the same entity."""
    after = next((work.entity.fields[name] for name, was in work.former.items() if was == before.name), None)
    if after is None or FIELD_TYPES[before.type].relation is not Relation.ONE:
        return False
    target = target_of(after)
    same = work.situation.former.get(target or "", target) == target_of(before)
    return same and is_many_to_many(after)


def _gone(work: TableWork, name: str, each: Field | None) -> Step:
    assert work.before
    assert work.before_table is not None
    values = work.values(name)
    computed = bool(each and each.formula and not stages_that_freeze(work.before, each))
    kept = names.retired_name(work.situation.release, name)
    keeps = values > 0 and not computed
    sql = retire_column(work, name, each, kept) if keeps else drop_column(work, name)
    kind, sentence = _gone_sentence(work, name, each, values if keeps else 0)
    risk = Risk.DESTRUCTIVE if keeps else Risk.CONFIRM if kind == "field_removed" else Risk.SAFE
    return Step(
        kind,
        sentence,
        risk,
        entity=work.entity.key,
        field=each.name if each else None,
        sql=tuple(sql),
        records=values,
    )


def retire_column(work: TableWork, name: str, each: Field | None, kept: str) -> list[str]:
    """The statements by which a column is kept under another name and stands in nobody's way."""
    live, dialect = work.live, work.dialect
    blank, type_ = live.columns[name], live.types[name]
    link = live.links.get(name)
    checks = _checks_of(work, each)
    indexes = work.lost_column(name)
    sql = [ddl.drop_index(index, dialect) for index in indexes]
    sql.append(work.alter(f"RENAME COLUMN {work.quoted(name)} TO {work.quoted(kept)}"))
    if not blank:
        sql += work.in_place(work.alter(f"ALTER COLUMN {work.quoted(kept)} DROP NOT NULL"))
    for constraint in [*checks, *([link] if link else [])]:
        sql += work.in_place(ddl.drop_check(work.table.name, constraint, dialect))
    work.has_checks(set(checks), set())
    work.has_column(kept, may_be_blank=True, type_=type_)
    assert work.before
    entry = retiring(work.situation.release, work.before, each, COLUMN, work.table.name, kept)
    return [*sql, work.text(entry.values(entity=work.entity.key, field=each.name if each else name))]


def drop_column(work: TableWork, name: str) -> list[str]:
    """The statements by which a column is dropped, of which nothing would be missed."""
    indexes = work.lost_column(name)
    work.copies.pop(name, None)
    if work.dialect == "postgresql":
        return [work.alter(f"DROP COLUMN {work.quoted(name)}")]
    # It goes with the copy of the table; until then its name may be wanted.
    work.rebuilt = True
    gone = work.quoted(f"_gone_{name}")
    return [
        *(ddl.drop_index(index, work.dialect) for index in indexes),
        work.alter(f"RENAME COLUMN {work.quoted(name)} TO {gone}"),
    ]


def _checks_of(work: TableWork, each: Field | None) -> list[str]:
    name = limits_name(work.table.name, each) if each else ""
    return [name] if name in work.live.checks else []


def _gone_sentence(work: TableWork, name: str, each: Field | None, values: int) -> tuple[str, Message]:
    """What kind of change takes the column away, and how it is told."""
    assert work.before
    now = next((field for field, was in work.former.items() if was == name), None)
    labels: dict[str, Any] = {"entity": work.entity.label, "kept": values_kept(values)}
    if each is None:
        stage = name.removeprefix("_frozen_")
        return "thawed", say(
            "Records of {entity} are no longer frozen at the stage {stage}; {kept}."
            if values
            else "Records of {entity} are no longer frozen at the stage {stage}.",
            **labels,
            stage=stage,
        )
    labels["field"] = each.label
    if now is not None:
        return _other_storage(work, work.entity.fields[now], each, labels, values)
    if each.system and each.name == "stage":
        return "workflow_removed", say(
            "Removes the stages of {entity}; {kept}." if values else "Removes the stages of {entity}.",
            **labels,
        )
    if each.formula:
        return "field_removed", say("Removes {field} of {entity}, which was computed.", **labels)
    return "field_removed", say(
        "Removes {field} of {entity}; {kept}."
        if values
        else "Removes {field} of {entity}; no record has a value.",
        **labels,
    )


def _other_storage(
    work: TableWork, after: Field, before: Field, labels: dict[str, Any], values: int
) -> tuple[str, Message]:
    if after.formula and not before.formula:
        return "became_computed", say(
            "{field} of {entity} is computed from now on; {kept}."
            if values
            else "{field} of {entity} is computed from now on.",
            **labels,
        )
    if after.name in work.live_fields:
        if values:
            return "thawed", say("{field} of {entity} is no longer frozen; {kept}.", **labels)
        return "field_live", say("{field} of {entity} is computed when it is read from now on.", **labels)
    if before.formula and not after.formula:
        return "became_plain", say("What was computed for {field} of {entity} goes.", **labels)
    if after.formula:
        return "type_changed", say(
            "Changes {field} of {entity} from {before} to {after}; it is computed again.",
            **labels,
            before=before.type,
            after=after.type,
        )
    return "target_changed", say(
        "{field} of {entity} links to other records from now on; {kept}."
        if values
        else "{field} of {entity} links to other records from now on.",
        **labels,
    )


def renamed_columns(work: TableWork) -> Iterator[Step]:
    """Columns that go on under another name; what was remembered of the field follows."""
    renamed = {name: was for name, was in work.kept.items() if name != was}
    pending: list[Step] = []
    for name, was in renamed.items():
        pending.append(_renamed(work, was, name))
    if not pending:
        return
    now = _index_names(work)
    sql = renamed_indexes(work.table.name, work.live.indexes, now, work.dialect)
    work.has_indexes(now)
    last = pending[-1]
    yield from pending[:-1]
    yield Step(
        last.kind, last.sentence, last.risk, last.entity, last.field, (*last.sql, *sql), records=last.records
    )


def _renamed(work: TableWork, was: str, name: str) -> Step:
    assert work.before
    field = work.entity.fields.get(name)
    values = work.values(was)
    sql = [work.alter(f"RENAME COLUMN {work.quoted(was)} TO {work.quoted(name)}")]
    link = work.live.links.get(was)
    work.renamed_column(was, name)
    dialect = work.dialect
    if link and dialect == "postgresql":
        key = names.foreign_key_name(work.table.name, name)
        sql.append(renamed_constraint(work.table.name, link, key, dialect))
    if field is None:
        stage = name.removeprefix("_frozen_")
        sentence = say(
            "Keeps what was frozen in {entity} at the stage {stage}.", **work.labels(), stage=stage
        )
        return work.step("stage_renamed", sentence, sql, records=values)
    before = work.before.fields[was]
    old_check, new_check = limits_name(work.table.name, before), _check_as(work, before, name)
    if old_check in work.live.checks:
        sql += work.in_place(renamed_constraint(work.table.name, old_check, new_check, dialect))
        work.has_checks({old_check}, {new_check})
    sql += renamed_field_entries(work, was, name)
    return work.step("field_renamed", renaming(work, before, field, values), sql, each=field, records=values)


def _check_as(work: TableWork, before: Field, name: str) -> str:
    lowest, highest = before.options.get("min"), before.options.get("max")
    return names.check_name(work.table.name, name, f"{lowest}..{highest}")


def renaming(work: TableWork, before: Field, after: Field, values: int | None) -> Message:
    """Such as “Renames Value of Deal to Amount; 20,000 values stay.”."""
    same = before.label == after.label
    parts = {
        "old": before.name if same else before.label,
        "new": after.name if same else after.label,
        "entity": work.entity.label,
    }
    if values is None:
        return say("Renames {old} of {entity} to {new}.", **parts)
    return say("Renames {old} of {entity} to {new}; {values}.", **parts, values=values_stay(values))


def renamed_field_entries(work: TableWork, was: str, name: str) -> list[str]:
    """What was remembered of the field goes by its new name."""
    key = work.entity.key
    sql = [
        work.text(table.update().where(table.c.entity == key, table.c.field == was).values(field=name))
        for table in own_tables()
        if "entity" in table.c and "field" in table.c
    ]
    entry = rename.insert().values(
        release=work.situation.release, entity=key, kind="field", was=was, now=name
    )
    return [*sql, work.text(entry)]


def _index_names(work: TableWork) -> dict[str, str]:
    return {
        name: (names.unique_name if found.unique else names.index_name)(work.table.name, found.columns)
        if name.startswith(OWN_PREFIXES)
        else name
        for name, found in work.live.indexes.items()
    }
