"""What publishing would do to the live database, as sentences with their SQL."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection

from engine.definition.check import Checked
from engine.definition.load import SYSTEM
from engine.definition.model import App, Entity
from engine.problems import DefinitionRefused, Problem
from engine.releases.affected import with_affected
from engine.releases.approvals import approvals_ended, approvals_taken_along
from engine.releases.conversion import Conversion, Write, only_counted
from engine.releases.diff import Change, changed_calendars, diff
from engine.releases.encryption import key_problems
from engine.releases.entity_steps import removed_entity, renamed_entity
from engine.releases.history import Release, checked_release, current_release
from engine.releases.recompute import recomputed_fields
from engine.releases.refusals import refusals
from engine.releases.renames import unclear
from engine.releases.search_steps import search_steps
from engine.releases.situation import Held, Situation, entities_of, find_situation
from engine.releases.step import Plan, Risk, Step
from engine.releases.table_plan import begin_table, moves, table_steps, with_late_work
from engine.releases.table_work import TableWork
from engine.releases.wording import counted, fields_named
from engine.schema import ddl
from engine.schema.database import Database
from engine.text import Message, say

DESCRIPTIONS = {
    "app_added": "Adds the application {app}.",
    "app_renamed": "Renames the application {old} to {new}.",
    "app_removed": "Removes the application {app}.",
    "app_shown": "Changes how {app} is shown.",
    "roles_changed": "Changes the roles of {app}.",
    "calendars_changed": "Changes the calendars of {app}.",
    "entity_shown": "Changes how {entity} is shown.",
    "rules_changed": "Changes the rules of {entity}.",
    "access_changed": "Changes who may do what with {entity}.",
    "formula_changed": "Changes the formula of {field} of {entity}.",
    "became_plain": "Makes {field} of {entity} a field that people fill in.",
    "field_retired": "Takes {field} of {entity} out of use; its values stay.",
    "field_restored": "Brings {field} of {entity} back into use.",
    "option_added": "Adds the option {part} to {field} of {entity}.",
    "stage_added": "Adds the stage {part} to {entity}.",
    "stage_changed": "Changes the stage {part} of {entity}.",
}
"""Changes that are told in one sentence and need no SQL of their own."""


NOTHING_MOVED: Mapping[str, str] = MappingProxyType({})


class StagesHeld(DefinitionRefused):
    """Nothing else stands in the way but stages that go and that records hold: say where those go."""

    def __init__(self, problems: Iterable[Problem], held: Iterable[Held]) -> None:
        super().__init__(list(problems))
        self.held = tuple(held)


def make_plan(
    database: Database,
    checked: Checked,
    removed: Collection[str] = (),
    moved: Mapping[str, str] = NOTHING_MOVED,
) -> Plan:
    """The plan from what is published to `checked`; apps that it does not name stay, save those `removed`.

    `moved` says where the records of stages go that are no longer there, `app.entity.stage` → stage. Raises
    DefinitionRefused with every reason why it cannot be published.
    """
    with database.reading() as connection:
        return plan_changes(connection, checked, current_release(connection), removed, moved=moved)


def plan_changes(
    connection: Connection,
    checked: Checked,
    current: Release | None,
    removed: Collection[str] = (),
    previous: Checked | None = None,
    begin: Callable[[Conversion], Write] = lambda _: only_counted,
    moved: Mapping[str, str] = NOTHING_MOVED,
) -> Plan:
    """As make_plan, inside a transaction whose current release is known.

    `previous` are its definitions, where they are at hand; `begin` gives what takes converted values.
    """
    previous = previous or checked_release(current)
    before = previous.apps
    number = current.number if current else 0
    changes = diff(before, checked.apps, removed)
    problems = [*unclear(before, checked.apps), *refusals(changes)]
    if problems:
        raise DefinitionRefused(problems)
    situation = find_situation(connection, checked, previous, number + 1, begin, moved)
    situation.problems += key_problems(connection, checked, previous)
    steps = [*_descriptions([change for change in changes if change.entity is None])]
    steps += approvals_ended(situation, changes)
    steps += _table_steps(situation, checked, changes)
    touched = {change.app.name for change in changes} | {
        step.entity.partition(".")[0] for step in steps if step.entity
    }
    steps += approvals_taken_along(situation, changes)
    steps += _new_texts(checked.apps, current, touched)
    steps += search_steps(situation, steps)
    if situation.held and len(situation.held) == len(situation.problems):
        raise StagesHeld(situation.problems, situation.held)
    if situation.problems:
        raise DefinitionRefused(situation.problems)
    steps = with_affected(situation, changes, steps)
    published = current.apps if current else {}
    named = [app.sources for name, app in checked.apps.items() if name != SYSTEM]
    texts = {name: each for sources in named for name, each in sources.items()}
    went = [*(before[name] for name in removed if name in before), *_renamed_apps(changes)]
    gone = {source for app in went for source in app.sources} | _overlays_gone(before, checked.apps)
    gone -= texts.keys()
    kept = {name: each for name, each in published.items() if name not in gone}
    return Plan(number, tuple(steps), {**kept, **texts})


def _overlays_gone(before: Mapping[str, App], after: Mapping[str, App]) -> set[str]:
    """Published overlays that an app, as it is to be, is without."""
    return {
        overlay
        for name, app in after.items()
        if name in before
        for overlay in before[name].overlays
        if overlay not in app.overlays
    }


def _renamed_apps(changes: Sequence[Change]) -> list[App]:
    """Apps that are called otherwise now."""
    return [change.before for change in changes if change.kind == "app_renamed"]


def _table_steps(situation: Situation, checked: Checked, changes: Sequence[Change]) -> list[Step]:
    """First what frees names, then what is new, then what fills and restricts it."""
    renamed = {
        change.entity.key: renamed_entity(situation, change)
        for change in changes
        if change.kind == "entity_renamed" and change.entity
    }
    works = [
        begin_table(situation, entity, [each for each in changes if _is_about(each, entity)])
        for entity in entities_of(checked)
        if _stands(situation, entity)
    ]
    first = [
        [*([renamed[work.entity.key]] if work.entity.key in renamed else []), *moves(work)] for work in works
    ]
    between = [
        step for change in changes if change.kind == "entity_removed"
        for step in removed_entity(situation, change.before)
    ]  # fmt: skip
    between += _creations(situation)
    second = [[*table_steps(work), *_descriptions(work.changes)] for work in works]
    for position, work in enumerate(works):
        lists = second if second[position] else first
        lists[position] = with_late_work(work, lists[position])
    last = [step for work in works for step in _recomputations(situation, work)]
    return [
        *(step for each in first for step in each),
        *between,
        *(step for each in second for step in each),
        *last,
    ]


def _is_about(change: Change, entity: Entity) -> bool:
    return change.entity is not None and change.entity.key == entity.key


def _stands(situation: Situation, entity: Entity) -> bool:
    return situation.target.table(entity.key).name in situation.live


def _new_texts(apps: Mapping[str, App], current: Release | None, touched: set[str]) -> Iterator[Step]:
    """Apps of which nothing changes but comments and the like: a release keeps the texts verbatim."""
    published = current.apps if current else {}
    for name in published:
        if (
            name in apps
            and name not in touched
            and any(texts != published.get(source) for source, texts in apps[name].sources.items())
        ):
            sentence = say(
                "Takes over the new text of {app}; what it means stays the same.", app=apps[name].label
            )
            yield Step("text_changed", sentence)


def _descriptions(changes: Sequence[Change]) -> list[Step]:
    return [_description(change) for change in changes if change.kind in DESCRIPTIONS]


def _description(change: Change) -> Step:
    return Step(
        kind=change.kind,
        sentence=say(
            DESCRIPTIONS[change.kind],
            app=change.app.label,
            entity=change.entity.label if change.entity else "",
            field=change.field.label if change.field else "",
            part=getattr(change.after, "label", ""),
            old=getattr(change.before, "name", ""),
            new=getattr(change.after, "name", ""),
        ),
        risk=Risk.CONFIRM if change.kind == "app_removed" else Risk.SAFE,
        entity=change.entity.key if change.entity else None,
        field=change.field.name if change.field else None,
    )


def _creations(situation: Situation) -> Iterator[Step]:
    """New tables first: columns and links of others may point to them."""
    for entity in entities_of(situation.checked):
        if _stands(situation, entity):
            continue
        sql: list[str] = []
        links = [table for (key, _), table in situation.target.links.items() if key == entity.key]
        for table in [situation.target.table(entity.key), *links]:
            standing = {*situation.live, *(created.name for created in situation.created)}
            sql += ddl.create_table(table, standing, situation.dialect)
            sql += ddl.foreign_keys_to(table, situation.created, situation.dialect)
            situation.created.append(table)
        yield Step("entity_added", _creation(entity), entity=entity.key, sql=tuple(sql))


def _creation(entity: Entity) -> Message:
    count = len(list(entity.declared))
    if count == 1:
        return say("Creates {entity} with 1 field.", entity=entity.label)
    return say("Creates {entity} with {count} fields.", entity=entity.label, count=count)


def _recomputations(situation: Situation, work: TableWork) -> Iterator[Step]:
    entity, table = work.entity, work.table
    new = {column.name for column in table.c if column.name not in work.kept} | work.again
    calendars = changed_calendars(situation.previous.apps, situation.checked.apps)
    formulas = situation.checked.formulas
    fields = recomputed_fields(work.before, entity, formulas, new, calendars, work.former)
    records = situation.count(table) if fields else 0
    if records:
        sentence = say(
            "Recomputes {fields} of {records}.",
            fields=fields_named(entity, fields),
            records=counted(records, entity),
        )
        yield Step("recomputed", sentence, entity=entity.key, fields=fields, records=records)
