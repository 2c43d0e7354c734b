"""Which fields make sense where a view or dashboard names one, and what its measures have to be about."""

from collections.abc import Iterable, Iterator, Mapping

from engine.definition.figure import Grouping, Measure, Series, expressions
from engine.definition.formula_use import Use
from engine.definition.model import App, Entity, Field, Reference, View
from engine.definition.references import FieldCheck, Index
from engine.definition.world import field_type
from engine.fields.registry import FIELD_TYPES
from engine.formula.check import Formula
from engine.formula.expression import Expression
from engine.formula.types import NUMBERS, Kind
from engine.formula.world import Scope
from engine.problems import Problem, unknown
from engine.text import Message, say

DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.MONTH})
COLUMNS = frozenset({Kind.CHOICE, Kind.LINK, Kind.BOOLEAN})
GROUPED = frozenset(Kind) - {Kind.SET, Kind.BLANK}
ORDERED = NUMBERS | DAYS


def _column_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field_type(field).kind in COLUMNS:
        return None
    return say(
        "'{name}' makes no columns: it is of type {type}, not the stage, a choice or a link.",
        name=field.name,
        type=field.type,
    )


def _day_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field_type(field).kind in DAYS:
        return None
    return say("'{name}' is no day: it is of type {type}.", name=field.name, type=field.type)


def _color_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if field_type(field).kind is Kind.CHOICE:
        return None
    return say(
        "'{name}' has no colours: it is of type {type}, not a choice or the stage.",
        name=field.name,
        type=field.type,
    )


def _picture_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    rule = FIELD_TYPES[field.type].files(field.options)
    if rule is not None and rule.pictures:
        return None
    return say("'{name}' holds no pictures: it is of type {type}.", name=field.name, type=field.type)


def _parent_field(_: Index, entity: Entity, field: Field, __: Reference) -> Message | None:
    if field_type(field).kind is Kind.LINK:
        return None
    return say("'{name}' leads to no record above: it is of type {type}.", name=field.name, type=field.type)


def _match_field(_: Index, __: Entity, field: Field, ___: Reference) -> Message | None:
    if FIELD_TYPES[field.type].column(field.options) is not None:
        return None
    return say("'{name}' has many values; the record above is found by one.", name=field.name)


def filter_field(index: Index, _: App, reference: Reference) -> Message | None:
    """A filter of a dashboard is a choice or link that at least one of the entities has."""
    entities = [index.entities[key] for key in reference.detail.split() if key in index.entities]
    fields = [each.fields[reference.name] for each in entities if reference.name in each.fields]
    if not fields:
        known = [name for each in entities for name in each.fields]
        sentence = say("No card is about an entity with a field '{name}'.", name=reference.name)
        return unknown(sentence, reference.name, known)
    if any(field_type(each).kind in COLUMNS for each in fields):
        return None
    return say(
        "'{name}' cannot be chosen from: it is of type {type}, not a choice or a link.",
        name=reference.name,
        type=fields[0].type,
    )


SHOWN_FIELDS: Mapping[str, FieldCheck] = {
    "column_field": _column_field,
    "day_field": _day_field,
    "color_field": _color_field,
    "picture_field": _picture_field,
    "parent_field": _parent_field,
    "match_field": _match_field,
}


def uses_of_view(view: View, scope: Scope) -> Iterator[Use]:
    """The formulas of a view beside its filter."""
    for value in view.options.values():
        yield from _uses(value, scope)


def uses_of_dashboards(app: App, entities: Mapping[str, Entity]) -> Iterator[Use]:
    """The formulas of all cards of an app, each about the entity of its series."""
    for series in series_of(app):
        if series.entity in entities:
            yield from _uses(series, Scope(app=app.name, entity=series.entity, candidate=None, user=True))


def series_of(app: App) -> list[Series]:
    """All series of the dashboards of an app."""
    return [one for board in app.dashboards.values() for card in board.cards.values() for one in card.series]


def _uses(value: object, scope: Scope) -> Iterator[Use]:
    for expression, meant in expressions(value):
        if meant is None:
            yield Use(expression, scope)
        else:
            yield Use(expression, scope, None)


def check_shown(
    entities: Iterable[Entity], apps: Iterable[App], formulas: Mapping[Expression, Formula]
) -> Iterator[Problem]:
    """Measures of what cannot be measured, groups of what makes none, views that miss what they need."""
    views = (view for entity in entities for view in entity.views.values())
    options = [value for view in views for value in view.options.values()]
    series = [each for app in apps for each in series_of(app)]
    for value in (*options, *series):
        for expression, meant in expressions(value):
            formula = formulas.get(expression)
            message = _unfit(meant, formula) if formula else None
            if message:
                yield Problem(expression.place, message)


def _unfit(meant: object, formula: Formula) -> Message | None:
    kind, text = formula.type.kind, formula.expression.text
    if isinstance(meant, Measure):
        if meant.function in ("sum", "avg") and kind not in NUMBERS:
            return say("'{text}' is no number, so it has no {function}.", text=text, function=meant.function)
        if meant.function in ("min", "max") and kind not in ORDERED:
            return say(
                "'{text}' is neither a number nor a day, so it has no {function}.",
                text=text,
                function=meant.function,
            )
    if isinstance(meant, Grouping):
        if meant.period and kind not in DAYS:
            return say("'{text}' is no day, so it has no {period}.", text=text, period=meant.period)
        if kind not in GROUPED:
            return say("'{text}' has many values, so it makes no groups.", text=text)
    return None
