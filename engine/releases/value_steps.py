"""Steps for values that are called otherwise or are no longer offered: options of a choice, stages."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import ColumnElement, String, Update, column, func, literal, select, table, update

from engine.definition.model import Stage
from engine.fields.registry import FIELD_TYPES
from engine.formula.types import Kind
from engine.releases.approval_moves import left_stage
from engine.releases.approvals import approvals_in_stage, going_back_to, moved_sources
from engine.releases.diff import Change
from engine.releases.limit_steps import begun, staged
from engine.releases.situation import Held
from engine.releases.step import Risk, Step
from engine.releases.table_work import TableWork
from engine.releases.wording import counted
from engine.schema.system_tables import rename
from engine.schema.upgrade import own_tables
from engine.schema.workflow_tables import workflow_timer
from engine.text import Message, say


def changed_values(work: TableWork) -> Iterator[Step]:
    """Options and stages that are called otherwise or are gone."""
    for change in work.changes:
        if change.kind in STEPS:
            yield from STEPS[change.kind](work, change)


def _renamed_option(work: TableWork, change: Change) -> Iterator[Step]:
    each, old, new = change.field, change.before.name, change.after.name
    assert each
    sql, records = [], 0
    if each.name in work.kept:
        condition, value = _holding(each.type, each.options, each.name, old, new)
        records = _number(work, change, old)
        own = table(work.table.name, column(each.name, String))
        sql = [work.text(update(own).where(condition).values({each.name: value}))]
    sentence = say(
        "Renames the option {old} of {field} of {entity} to {new}, in {records}.",
        **work.labels(each),
        old=old,
        new=new,
        records=counted(records, work.entity),
    )
    yield work.step("option_renamed", sentence, sql, each=each, records=records)


def _removed_option(work: TableWork, change: Change) -> Iterator[Step]:
    each, old = change.field, change.before
    assert each
    records = _number(work, change, old.name) if each.name in work.kept else 0
    labels = {**work.labels(each), "part": old.label}
    if records:
        sentence = say(
            "Removes the option {part} of {field} of {entity}. Left with it until somebody edits them: "
            "{records}.",
            **labels,
            records=counted(records, work.entity),
        )
        yield work.step("option_removed", sentence, each=each, risk=Risk.CONFIRM, records=records)
    else:
        sentence = say("Removes the option {part} of {field} of {entity}; no record has it.", **labels)
        yield work.step("option_removed", sentence, each=each, records=0)


def _renamed_stage(work: TableWork, change: Change) -> Iterator[Step]:
    old, new = change.before, change.after
    records = _stage_number(work, old.name)
    sql = [work.text(_stage_update(work, old.name, new.name)), *_renamed_entries(work, old.name, new.name)]
    same = old.label == new.label
    sentence = say(
        "Renames the stage {old} of {entity} to {new}, with {records} in it.",
        entity=work.entity.label,
        old=old.name if same else old.label,
        new=new.name if same else new.label,
        records=counted(records, work.entity),
    )
    yield work.step("stage_renamed", sentence, sql, records=records)


def _removed_stage(work: TableWork, change: Change) -> Iterator[Step]:
    old, workflow = change.before, work.entity.workflow
    assert workflow
    records = _stage_number(work, old.name)
    leading_back = going_back_to(work, old.name)
    labels = {"entity": work.entity.label, "part": old.label, "records": counted(records, work.entity)}
    to = work.situation.moved_to(work.entity, old.name)
    if not (records or leading_back):
        sentence = say("Removes the stage {part} of {entity}, in which there are no records.", **labels)
        yield work.step("stage_removed", sentence, records=0)
    elif to is None:
        work.situation.held.append(Held(work.entity, old, records, leading_back))
        work.refuse(workflow.initial.place, _where_to(work, old, records, leading_back))
    else:
        yield from approvals_in_stage(work, old, to)
        sentence = say(
            "Removes the stage {part} of {entity}. To {stage} go: {records}."
            if records
            else "Removes the stage {part} of {entity}. Approvals that go back to {stage} instead: {back}.",
            **labels,
            stage=workflow.stages[to].label,
            back=f"{leading_back:,}",
        )
        sql = []
        if records:
            own = staged(work)
            there = own.c.stage == old.name
            sql.append(left_stage(work.situation, work.entity.key, select(own.c.id).where(there)))
            sql += begun(work.situation, work.entity, own, workflow.stages[to], there)
        sql += [work.text(_stage_update(work, old.name, to)), moved_sources(work, old.name, to)]
        yield work.step("stage_removed", sentence, sql, risk=Risk.CONFIRM, records=records)


def _where_to(work: TableWork, old: Stage, records: int, leading_back: int) -> Message:
    workflow = work.entity.workflow
    assert workflow
    parts = {
        "part": old.label,
        "entity": work.entity.label,
        "old": old.name,
        "example": workflow.initial.name,
        "records": counted(records, work.entity),
        "back": f"{leading_back:,}",
    }
    if records:
        return say(
            "Removes the stage {part} of {entity}, where records stand: {records}. Say where they go: "
            "moved_stages: {{{old}: {example}}} in the workflow.",
            **parts,
        )
    return say(
        "Removes the stage {part} of {entity}, to which approvals under way would go back: {back}. Say where "
        "else: moved_stages: {{{old}: {example}}} in the workflow.",
        **parts,
    )


STEPS: Mapping[str, Callable[[TableWork, Change], Iterator[Step]]] = {
    "option_renamed": _renamed_option,
    "option_removed": _removed_option,
    "stage_renamed": _renamed_stage,
    "stage_removed": _removed_stage,
}


STAGE_COLUMNS = ("stage", "source")
"""How columns of our own tables are called that hold a stage."""


def _holding(
    type_name: str, options: Mapping[str, object], name: str, old: str, new: str
) -> tuple[ColumnElement[bool], ColumnElement[str]]:
    """Which rows hold the option, and what they hold instead; several options stand between commas."""
    values: ColumnElement[str] = column(name, String)
    if FIELD_TYPES[type_name].formula_type(options).kind is Kind.SET:
        found = func.replace(values, literal(f",{old},"), literal(f",{new},"))
        return values.contains(f",{old},", autoescape=True), found
    return values == literal(old), literal(new)


def _number(work: TableWork, change: Change, option: str) -> int:
    assert change.field
    found = work.as_it_is()
    was = work.kept[change.field.name]
    condition, _ = _holding(change.field.type, change.field.options, was, option, "")
    return work.situation.number(found, condition)


def _stage_number(work: TableWork, stage: str) -> int:
    found = work.as_it_is()
    return work.situation.number(found, found.c.stage == stage)


def _stage_update(work: TableWork, old: str, new: str) -> Update:
    own = staged(work)
    return update(own).where(own.c.stage == old).values(stage=new)


def _renamed_entries(work: TableWork, old: str, new: str) -> list[str]:
    """What was remembered of the stage goes by its new name."""
    key = work.entity.key
    statements = [
        update(each).where(each.c.entity == key, each.c[name] == old).values({name: new})
        for each in own_tables()
        for name in STAGE_COLUMNS
        if "entity" in each.c and name in each.c
    ]
    entry = rename.insert().values(release=work.situation.release, entity=key, kind="stage", was=old, now=new)
    timers = (
        update(workflow_timer)
        .where(workflow_timer.c.entity == key, workflow_timer.c.kind == "stage", workflow_timer.c.name == old)
        .values(name=new)
    )
    return [work.text(each) for each in (*statements, timers, entry)]
