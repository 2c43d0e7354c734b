"""Who else has to know of a change: formulas, views, rights, programs, approvals that are under way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine.definition.model import Entity
from engine.formula.expression import Expression
from engine.releases.approvals import approvals_that_stay
from engine.releases.diff import Change
from engine.releases.situation import Situation, entities_of
from engine.releases.step import Step
from engine.text import Message, Text, say

Names = frozenset[tuple[str, str]]
"""(entity, field), as they are published."""


def with_affected(situation: Situation, changes: Sequence[Change], steps: Sequence[Step]) -> list[Step]:
    """The steps, each with whom it concerns beyond the tables."""
    told: dict[tuple[str, str | None, str | None], tuple[Message, ...]] = {}
    for change in changes:
        if change.kind in PROGRAMS:
            entity, field = _place(change)
            told[change.kind, entity, field] = tuple(_affected(situation, change))
        elif change.kind == "rules_changed" and change.entity:
            place = (change.kind, change.entity.key, None)
            told[place] = tuple(approvals_that_stay(situation, change.entity, changes))
    return [
        replace(step, affected=found) if (found := told.get((step.kind, step.entity, step.field))) else step
        for step in steps
    ]


def _place(change: Change) -> tuple[str, str | None]:
    """The entity and the field that the step of the change names."""
    if change.entity is None:
        return change.before.key, None
    if change.kind == "entity_renamed" or change.kind not in OF_FIELDS:
        return change.entity.key, None
    return change.entity.key, change.field.name if change.field else change.before.name


def _affected(situation: Situation, change: Change) -> Iterator[Message]:
    old = situation.former.get(change.entity.key, "") if change.entity else change.before.key
    if change.kind in OF_FIELDS:
        names: Names = frozenset({(old, change.before.name)})
    else:
        names = frozenset((old, name) for name in entity_fields(situation, old))
    if formulas := tuple(_formulas(situation, names)):
        yield say("Formulas that read it: {names}.", names=formulas)
    if views := tuple(_views(situation, names)):
        yield say("Views that show it: {names}.", names=views)
    if rights := tuple(_rights(situation, names)):
        yield say("Rights that depend on it: {names}.", names=rights)
    yield PROGRAMS[change.kind](old, change)


def entity_fields(situation: Situation, key: str) -> list[str]:
    """The fields of a published entity."""
    return [name for each in entities_of(situation.previous) if each.key == key for name in each.fields]


def _reads(situation: Situation, entity: Entity, expression: Expression | bool | None, names: Names) -> bool:
    formula = situation.previous.formulas.get(expression) if isinstance(expression, Expression) else None
    if formula is None:
        return False
    own = any((entity.key, name) in names for name in formula.own)
    return own or any((read.entity, read.field) in names for read in formula.reads)


def _formulas(situation: Situation, names: Names) -> Iterator[Message]:
    for entity in entities_of(situation.previous):
        for each in entity.fields.values():
            if (entity.key, each.name) not in names and _reads(situation, entity, each.formula, names):
                yield say("{field} of {entity}", field=each.label, entity=entity.label)
        for check in entity.checks.values():
            if _reads(situation, entity, check.check, names):
                yield say("the check {name} of {entity}", name=check.name, entity=entity.label)


def _views(situation: Situation, names: Names) -> Iterator[Message | Text]:
    for entity in entities_of(situation.previous):
        for view in entity.views.values():
            shown = any((entity.key, column) in names for column in view.columns)
            if (shown or _reads(situation, entity, view.filter, names)) and view.name:
                yield say("{view} of {entity}", view=view.label, entity=entity.label)


def _rights(situation: Situation, names: Names) -> Iterator[Message]:
    for entity in entities_of(situation.previous):
        for rule in entity.access.rules:
            rights = (rule.read, rule.create, rule.update, rule.delete, rule.export)
            if any(_reads(situation, entity, each, names) for each in rights):
                yield say("{principal} of {entity}", principal=rule.principal, entity=entity.label)
        for name in entity.access.fields:
            if (entity.key, name) in names:
                yield say("the field rights of {entity}", entity=entity.label)


def _field_gone(old: str, change: Change) -> Message:
    return say("Programs that use the API no longer find {name}.", name=f"{old}.{change.before.name}")


def _field_renamed(old: str, change: Change) -> Message:
    return say(
        "Programs that use the API find {old} as {new} from now on.",
        old=f"{old}.{change.before.name}",
        new=change.after.name,
    )


def _other_values(old: str, change: Change) -> Message:
    return say("Programs that use the API meet other values in {name}.", name=f"{old}.{change.before.name}")


def _entity_gone(old: str, _change: Change) -> Message:
    return say("Programs that use the API no longer find {name}.", name=old)


def _entity_renamed(old: str, change: Change) -> Message:
    return say("Programs that use the API find {old} as {new} from now on.", old=old, new=change.after.key)


PROGRAMS: Mapping[str, Callable[[str, Change], Message]] = {
    "field_removed": _field_gone,
    "field_renamed": _field_renamed,
    "type_changed": _other_values,
    "target_changed": _other_values,
    "became_computed": _other_values,
    "entity_removed": _entity_gone,
    "entity_renamed": _entity_renamed,
}
"""Kind of change → what programs have to know."""

OF_FIELDS = frozenset(kind for kind in PROGRAMS if not kind.startswith("entity_"))
