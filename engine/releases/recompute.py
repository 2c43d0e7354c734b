"""Which stored formulas have to be computed again for all records, because what they say has changed."""

from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter

from engine.definition.model import Entity, Field
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.releases.sameness import meaning, options_of
from engine.schema.tables import live_fields


def recomputed_fields(
    before: Entity | None,
    after: Entity,
    formulas: Mapping[Expression, Formula],
    new_columns: Collection[str],
    changed_calendars: Collection[str],
    former: Mapping[str, str],
) -> tuple[str, ...]:
    """The stored computed fields whose values may differ, each after those it reads.

    A value differs when its formula does, when a value that it reads does, when a calendar that it counts by
    does, or when an attribute of an option that it reads does: `stage.probability` stands in no record.
    `former`: field → its former name.
    """
    stale: set[str] = {name for name in new_columns if name in after.fields}
    if before:
        stale |= {
            name for name, was in former.items() if _reads_differently(before.fields[was], after.fields[name])
        }
    recomputed = []
    for name in _computing_order(after, formulas):
        expression = after.fields[name].formula
        assert expression
        old = before.fields[former[name]] if before and name in former else None
        unchanged = old is not None and meaning(old.formula) == meaning(expression)
        formula = formulas[expression]
        counts_anew = formula.calendars & set(changed_calendars)
        if not unchanged or name in new_columns or formula.own & stale or counts_anew:
            stale.add(name)
            recomputed.append(name)
    return tuple(recomputed)


def _computing_order(entity: Entity, formulas: Mapping[Expression, Formula]) -> list[str]:
    live = live_fields(entity, formulas)
    stored = {
        each.name: formulas[each.formula].own
        for each in entity.fields.values()
        if each.formula and each.name not in live
    }
    graph = {name: own & stored.keys() for name, own in stored.items()}
    return list(TopologicalSorter(graph).static_order())


def _reads_differently(old: Field, new: Field) -> bool:
    """Whether the same stored value of this field means something else to a formula."""
    if old.blank_stays != new.blank_stays:
        return True
    old_options, new_options = options_of(old), options_of(new)
    return any(
        meaning(old_options[option].attributes) != meaning(each.attributes)
        for option, each in new_options.items()
        if option in old_options
    )
