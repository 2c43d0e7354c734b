"""All formulas of an entity, each with what it may see and what it must give."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.definition.check_shown import uses_of_dashboards, uses_of_view
from engine.definition.flow_formulas import uses_of_values, uses_of_workflow
from engine.definition.formula_use import Use
from engine.definition.model import App, Entity, Field
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula, check_formula
from engine.formula.expression import Expression
from engine.formula.types import Kind, Type
from engine.formula.world import Scope, World
from engine.problems import DefinitionRefused, Problem
from engine.text import say


def uses(entity: Entity, world: World) -> Iterator[Use]:
    """Every formula of the entity."""
    scope = Scope(app=entity.app, entity=entity.key, candidate=None, user=True)
    written = replace(scope, changes=True)
    yield Use(entity.title, replace(scope, user=False), None)
    for field in entity.fields.values():
        if not field.system and not field.retired:
            yield from _of_field(field, world.entities[entity.key][field.name], scope)
    for check in entity.checks.values():
        yield Use(check.check, written)
    for section in entity.form:
        yield from _given(written, section.show_when)
    for view in entity.views.values():
        yield from _given(scope, view.filter)
        yield from uses_of_view(view, scope)
        yield from uses_of_values(view.options.get("set", {}), entity.key, world, written)
    for rule in entity.access.rules:
        rights = (rule.read, rule.create, rule.update, rule.delete, rule.export)
        yield from _given(scope, *(right for right in rights if isinstance(right, Expression)))
    yield from uses_of_workflow(entity, world, scope)


def _of_field(field: Field, type_: Type, scope: Scope) -> Iterator[Use]:
    kind = FIELD_TYPES[field.type]
    if field.formula and kind.column(field.options) is not None:
        yield Use(field.formula, replace(scope, user=False), type_)
    written = replace(scope, changes=True)
    if isinstance(field.default, Expression):
        yield Use(field.default, written, type_)
    yield from _given(written, field.show_when, field.required_when, field.read_only_when, field.check)
    target = kind.target(field.options)
    if field.only and target:
        yield Use(field.only, replace(scope, candidate=(field.name, target)))


def _given(scope: Scope, *expressions: Expression | None) -> Iterator[Use]:
    return (Use(each, scope) for each in expressions if each)


@dataclass(frozen=True, slots=True)
class CheckedFormulas:
    """The checked form of each formula that has no problem, and the problems of the rest."""

    formulas: Mapping[Expression, Formula]
    problems: tuple[Problem, ...]


def check_formulas(apps: Iterable[App], entities: Mapping[str, Entity], world: World) -> CheckedFormulas:
    """All formulas of these apps checked; those with problems are left out."""
    formulas: dict[Expression, Formula] = {}
    problems: list[Problem] = []
    of_entities = (use for entity in entities.values() for use in uses(entity, world))
    for use in (*of_entities, *(use for app in apps for use in uses_of_dashboards(app, entities))):
        try:
            formula = check_formula(use.expression, use.world or world, use.scope, use.expected)
        except DefinitionRefused as refused:
            problems += refused.problems
        else:
            formulas[use.expression] = formula
    for entity in entities.values():
        title = formulas.get(entity.title)
        if title and title.type.kind in (Kind.LINK, Kind.SET, Kind.BLANK):
            message = say("The title of a record is a text; '{title}' is not one.", title=entity.title.text)
            problems.append(Problem(entity.title.place, message))
    return CheckedFormulas(formulas, tuple(problems))
