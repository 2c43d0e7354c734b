"""Filters of one click above a list, derived from the definition: mine, due soon, overdue, and its choices.

They are formulas, so that a kept view means the same thing for everybody and every day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from blueprints import visitor
from blueprints.values import HUES, label
from engine.access.field_policy import readable
from engine.access.policy import rights_key
from engine.catalog import CompiledEntity, CompiledField
from engine.definition.model import View
from engine.formula.types import Kind
from engine.transaction import Transaction

PEOPLE = "system.user"
CHOICES_AT_MOST = 9
STAGE = "stage"


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """A filter of one click. Of one `family` one of those that are chosen has to hold, of all families."""

    name: str
    family: str
    label: str
    formula: str
    hue: str = ""


def quick_filters(transaction: Transaction, entity: CompiledEntity, view: View) -> tuple[QuickFilter, ...]:
    """What is offered for a view of an entity."""
    return transaction.catalog.once(
        ("quick filters", entity.key, view.name, rights_key(transaction), visitor.locale()),
        lambda: tuple(_offered(transaction, entity, view)),
    )


def _offered(transaction: Transaction, entity: CompiledEntity, view: View) -> Iterator[QuickFilter]:
    allowed = readable(transaction, entity)
    declared = [
        each
        for name, each in entity.fields.items()
        if name in allowed and not each.definition.hidden and (not each.definition.system or name == STAGE)
    ]
    yield from _mine(transaction, entity, declared)
    yield from _due(transaction, entity, view, declared)
    yield from _choices(entity, view, declared)


def chosen_formula(offered: Sequence[QuickFilter], names: Sequence[str]) -> str:
    """The formula of the filters that are chosen."""
    families: dict[str, list[str]] = {}
    for each in offered:
        if each.name in names:
            families.setdefault(each.family, []).append(each.formula)
    return " and ".join(f"({' or '.join(parts)})" for parts in families.values())


def _mine(
    transaction: Transaction, entity: CompiledEntity, declared: Sequence[CompiledField]
) -> Iterator[QuickFilter]:
    """The records whose first person is the visitor."""
    for each in declared:
        meant = transaction.catalog.world.entities[entity.key][each.name]
        if meant.kind is Kind.LINK and meant.entity == PEOPLE and each.column and not each.live:
            yield QuickFilter("mine", "mine", visitor.translated("Mine"), f"{each.name} == user")
            return


def _due(
    transaction: Transaction, entity: CompiledEntity, view: View, declared: Sequence[CompiledField]
) -> Iterator[QuickFilter]:
    """The next seven days of a date that the view shows: a deadline, or else the first that people plan with.

    Overdue is what has a deadline and is still under way: that a day has passed says nothing of other dates.
    """
    kinds = transaction.catalog.world.entities[entity.key]
    planned = [
        each
        for each in declared
        if kinds[each.name].kind is Kind.DATE
        and each.formula is None
        and not each.definition.read_only
        and each.name in view.columns
    ]
    for each in sorted(planned, key=lambda one: not one.definition.options.get("deadline"))[:1]:
        name, words = each.name, label(each.definition.label)
        soon = f"{name} >= today() and {name} <= today() + 7"
        yield QuickFilter("soon", "due", visitor.translated("{field}: next 7 days", field=words), soon)
        if entity.definition.workflow and each.definition.options.get("deadline"):
            late = f"{name} < today() and stage.open"
            yield QuickFilter(
                "late", "due", visitor.translated("{field}: overdue", field=words), late, "hue-red"
            )


def _choices(entity: CompiledEntity, view: View, declared: Sequence[CompiledField]) -> Iterator[QuickFilter]:
    """The stages, or else the options of the first short choice that the view shows."""
    shown = [each for each in declared if each.name in (*view.columns, STAGE) and not each.live]
    shown.sort(key=lambda each: each.name != STAGE)
    for each in shown:
        options = each.definition.options.get("options") or {}
        if "eq" not in each.operators or not 1 < len(options) <= CHOICES_AT_MOST:
            continue
        for option in options.values():
            literal = each.type.formula_literal(each.definition.options, option.name)
            hue = HUES.get(option.color or "", "hue-gray")
            formula = f"{each.name} == {literal}"
            yield QuickFilter(f"{each.name}:{option.name}", each.name, label(option.label), formula, hue)
        return
