"""How computed fields depend on one another.

Which are live; no circles, no chain that is too long, and over other records of their own entity only values
that are frozen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.definition.model import Entity, Field
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.problems import Problem
from engine.text import say

Name = tuple[str, str]
"""An entity in full and one of its fields."""

LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed field with its checked formula."""

    entity: Entity
    field: Field
    formula: Formula

    @property
    def name(self) -> Name:
        return (self.entity.key, self.field.name)


def computed_fields(
    entities: Mapping[str, Entity], formulas: Mapping[Expression, Formula]
) -> dict[Name, Computed]:
    """The computed fields whose formula could be checked."""
    found = {}
    for entity in entities.values():
        for field in entity.fields.values():
            if field.formula and field.formula in formulas and not field.retired:
                each = Computed(entity, field, formulas[field.formula])
                found[each.name] = each
    return found


def live_fields(computed: Mapping[Name, Computed]) -> frozenset[Name]:
    """The fields that are computed when read: those that look beyond their record, and all that read them."""
    live = {name for name, each in computed.items() if not each.formula.is_own}
    grown = True
    while grown:
        more = {
            name
            for name, each in computed.items()
            if name not in live and any((each.entity.key, own) in live for own in each.formula.own)
        }
        live |= more
        grown = bool(more)
    return frozenset(live)


def freezes(entity: Entity, field: Field) -> bool:
    """Whether the value of this computed field is stored for good at some stage."""
    stages = entity.workflow.stages.values() if entity.workflow else ()
    return field.freeze is not None or any(stage.freeze for stage in stages)


def check_dependencies(computed: Mapping[Name, Computed], live: frozenset[Name]) -> Iterator[Problem]:
    """Circles, chains that are too long, own values that are never frozen, live ones that want an index."""
    yield from _unfrozen(computed)
    for name in live:
        field = computed[name].field
        if field.unique or field.index:
            message = say(
                "'{name}' is computed when it is read, so it cannot be unique or indexed.", name=field.name
            )
            yield Problem(field.place, message)
    edges = {name: sorted(_reads(computed, each)) for name, each in computed.items()}
    depths: dict[Name, int] = {}
    in_circle: set[Name] = set()
    for name in edges:
        circle = _walk(name, edges, depths, in_circle)
        if circle:
            in_circle |= set(circle)
            yield _circle(computed, circle)
    yield from _too_long(computed, depths)


def _unfrozen(computed: Mapping[Name, Computed]) -> Iterator[Problem]:
    for each in computed.values():
        for read in sorted(each.formula.reads, key=lambda read: (read.entity, read.field)):
            other = computed.get((read.entity, read.field))
            if read.frozen and other and not freezes(other.entity, other.field):
                assert each.field.formula is not None
                yield Problem(
                    each.field.formula.place,
                    say(
                        "A formula over other records of {entity} reads frozen values only, and '{field}'"
                        " never freezes. Write 'freeze: true' on a stage, or 'freeze: <stage>' on the field.",
                        entity=each.entity.key,
                        field=other.field.name,
                    ),
                )


def _reads(computed: Mapping[Name, Computed], each: Computed) -> set[Name]:
    """The computed fields that this one needs first; frozen values of its own entity are there already."""
    read = {(read.entity, read.field) for read in each.formula.reads if not read.frozen}
    own = {(each.entity.key, name) for name in each.formula.own}
    return {name for name in read | own if name in computed}


def _walk(
    start: Name, edges: Mapping[Name, list[Name]], depths: dict[Name, int], in_circle: set[Name]
) -> tuple[Name, ...]:
    """The circle that is found from `start`, or (); notes how long the chain under each field is."""
    path: list[Name] = []
    waiting: list[tuple[Name, int]] = [(start, 0)]
    while waiting:
        name, position = waiting.pop()
        if position == 0:
            if name in depths:
                continue
            path.append(name)
        if position < len(edges[name]):
            waiting.append((name, position + 1))
            needed = edges[name][position]
            if needed in path:
                circle = tuple(path[path.index(needed) :])
                if not in_circle.intersection(circle):
                    return circle
            elif needed not in depths:
                waiting.append((needed, 0))
        else:
            depths[name] = 1 + max((depths.get(each, 0) for each in edges[name]), default=0)
            path.pop()
    return ()


def _circle(computed: Mapping[Name, Computed], circle: tuple[Name, ...]) -> Problem:
    field = computed[circle[0]].field
    assert field.formula is not None
    same = len({entity for entity, _ in circle}) == 1
    names = [name if same else f"{entity}.{name}" for entity, name in (*circle, circle[0])]
    message = say(
        "The formula of '{field}' depends on itself: {path}.", field=field.name, path=" → ".join(names)
    )
    return Problem(field.formula.place, message)


def _too_long(computed: Mapping[Name, Computed], depths: Mapping[Name, int]) -> Iterator[Problem]:
    for name, depth in depths.items():
        if depth == LONGEST_CHAIN + 1:
            field = computed[name].field
            assert field.formula is not None
            message = say(
                "The formula of '{field}' stands on a chain of more than {limit} formulas.",
                field=field.name,
                limit=LONGEST_CHAIN,
            )
            yield Problem(field.formula.place, message)
