"""Dashboards: cards with figures beside one another, and filters for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.list_address import TOLD_AT_ONCE, WHOLE
from blueprints.values import entity_url, label, number
from blueprints.views.card_view import records_view
from blueprints.views.chart_cards import Around, card_shown
from blueprints.views.drawing import both
from engine.access.field_policy import readable
from engine.access.policy import concerns, may
from engine.catalog import CompiledField
from engine.definition.figure import Card, Dashboard, Series
from engine.definition.language_views import PERIOD_CHOICES
from engine.fields.field_type import ValueRefused
from engine.figures.answer import answer
from engine.figures.picture import Narrowed
from engine.figures.question import sent_question
from engine.figures.spans import Span, before, condition, span_of
from engine.problems import InputRefused, NotAllowed, NotFound, Problem
from engine.records.query import Query
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("dashboards", __name__)
OFFERED_AT_MOST = 100
ONE_CARD = "only-card"
"""The parameter for one card alone; no field has such a name."""
SAFE = "!$'()*,/:;?@"
"""What may stand in the query of an address as it is (RFC 3986, 3.4), so that formulas stay readable."""

PERIOD_LABELS: Mapping[str, str] = {
    "this_month": "This month",
    "last_month": "Last month",
    "this_quarter": "This quarter",
    "last_quarter": "Last quarter",
    "this_year": "This year",
    "last_year": "Last year",
    "last_12_months": "Last 12 months",
    "next_12_months": "Next 12 months",
    "all": "All the time",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the filters of a dashboard are set to."""

    span: Span | None
    values: Mapping[str, str]


@blueprint.get("/dashboards/<app>/<name>", endpoint="show")
def show(app: str, name: str) -> Response:
    """A dashboard, narrowed as the address says."""
    with reading() as transaction:
        board = find_dashboard(transaction, app, name)
        period = request.args.get("period", board.period or "all")
        period = period if period in PERIOD_CHOICES else "all"
        today = datetime.now(visitor.time_zone()).date()
        values = {each: request.args.get(each, "") for each in board.filters if request.args.get(each)}
        chosen = Chosen(chosen_span(board, period, today), values)
        around = _around(transaction, chosen)
        address, narrowed = address_of(app, board), {"period": period, **values}
        if WHOLE not in request.args:
            around = replace(around, later_url=_later(address, narrowed))
        asked_for = request.args.get(ONE_CARD)
        cards = [each for each in board.cards.values() if asked_for in (None, each.name)]
        return make_response(
            render_template(
                "dashboard.html",
                title=label(board.label),
                app_label=label(transaction.catalog.apps[app].label),
                address=address,
                periods=_periods(board, period),
                filters=[_filter(transaction, board, each, values.get(each, "")) for each in board.filters],
                cards=[card_shown(transaction, card, around) for card in cards],
                told_at_once=number(TOLD_AT_ONCE),
                whole_url=f"{address}?{urlencode({**narrowed, WHOLE: '1'})}",
            )
        )


def _later(address: str, narrowed: Mapping[str, str]) -> Callable[[Card], str]:
    """The address of one card with its figures, narrowed alike."""
    return lambda card: f"{address}?{urlencode({**narrowed, WHOLE: '1', ONE_CARD: card.name})}"


def chosen_span(board: Dashboard, period: str | None, today: date) -> Span | None:
    """The days of the period, where the dashboard has one."""
    return span_of(period, today) if board.period else None


def narrowing_of(transaction: Transaction, chosen: Chosen) -> Narrowed:
    """How the filters narrow each series."""
    return lambda series: Query(filter=_conditions(transaction, series, chosen.values, chosen.span))


def find_dashboard(transaction: Transaction, app: str, name: str) -> Dashboard:
    """The dashboard; NotFound where there is none, NotAllowed where it is not for the visitor."""
    found = transaction.catalog.apps[app].dashboards.get(name) if app in transaction.catalog.apps else None
    if found is None:
        raise NotFound(say("There is no dashboard '{name}' here.", name=f"{app}.{name}"))
    if not is_for(transaction, found):
        raise NotAllowed(say("The dashboard “{name}” is not for you.", name=found.label))
    return found


def is_for(transaction: Transaction, board: Dashboard) -> bool:
    """Whether the actor sees the dashboard: named by it, or with a right to see some of its records."""
    if transaction.actor.administrator:
        return True
    if board.audience:
        return any(concerns(transaction, each) for each in board.audience)
    entities = {series.entity for card in board.cards.values() for series in card.series}
    return any(may(transaction, "read", transaction.catalog.entity(key)).allowed for key in entities)


def dashboards_of(transaction: Transaction) -> list[tuple[str, Dashboard]]:
    """The dashboards of the actor, each with its app."""
    return [
        (app.name, board)
        for app in transaction.catalog.apps.values()
        for board in app.dashboards.values()
        if is_for(transaction, board)
    ]


def _periods(board: Dashboard, chosen: str) -> list[dict[str, Any]]:
    return [
        {"name": each, "label": visitor.translated(PERIOD_LABELS[each]), "chosen": each == chosen}
        for each in (PERIOD_CHOICES if board.period else ())
    ]


def _around(transaction: Transaction, chosen: Chosen) -> Around:
    def earlier(series: Series) -> Query:
        assert chosen.span is not None
        return Query(filter=_conditions(transaction, series, chosen.values, before(chosen.span)))

    starts: dict[int, tuple[str, str]] = {}

    def start(series: Series) -> tuple[str, str]:
        """The address of the list, and what narrows it whatever group is meant."""
        view = records_view(transaction.catalog.entity(series.entity).definition)
        where = series.where.text if series.where else ""
        narrowed = both(where, _conditions(transaction, series, chosen.values, chosen.span))
        return f"{entity_url(series.entity)}?{urlencode({'view': view}) if view else ''}", narrowed

    def records_url(series: Series, further: str) -> str:
        # A dashboard leads to hundreds of lists that begin alike.
        if id(series) not in starts:
            starts[id(series)] = start(series)
        address, narrowed = starts[id(series)]
        text = f"{narrowed} and ({further})" if narrowed and further else narrowed or both(further)
        filtered = f"&filter={quote_plus(text, SAFE)}" if text else ""
        return f"{address}{filtered}".replace("?&", "?").removesuffix("?")

    return Around(narrowing_of(transaction, chosen), earlier if chosen.span else None, records_url)


def _conditions(
    transaction: Transaction, series: Series, values: Mapping[str, str], span: Span | None
) -> str:
    """The formula of the filters, as far as the entity has such fields."""
    entity = transaction.catalog.entity(series.entity)
    allowed = readable(transaction, entity)
    parts = []
    if span and series.date and series.date in allowed:
        parts.append(condition(_as_day(entity.fields[series.date]), span))
    for name, value in values.items():
        each = entity.fields.get(name)
        if each and name in allowed:
            options = each.definition.options
            literal = each.type.formula_literal(options, _read(each, value))
            parts.append(f"{name} == {literal}")
    return both(*parts)


def _read(each: CompiledField, value: str) -> Any:
    """The value that a filter names; InputRefused where the field has none such."""
    try:
        return each.type.parse(each.definition.options, value, "en")
    except ValueRefused as refused:
        raise InputRefused([Problem(each.name, refused.message)]) from refused


def _as_day(each: CompiledField) -> str:
    kind = each.type.formula_type(each.definition.options).kind
    return f"date({each.name})" if kind == "datetime" else each.name


def _filter(transaction: Transaction, board: Dashboard, name: str, chosen: str) -> dict[str, Any]:
    """A choice of the values that occur: options in their order, linked records by their titles."""
    keys = {series.entity for card in board.cards.values() for series in card.series}
    entities = [transaction.catalog.entity(key) for key in sorted(keys)]
    readable_ones = [each for each in entities if name in readable(transaction, each)]
    for entity in readable_ones:
        field = entity.fields[name]
        options = field.definition.options.get("options")
        if options is not None:
            found = [(key, label(option.label)) for key, option in options.items()]
        else:
            found = _linked(transaction, entity.key, field)
        return {
            "name": name,
            "label": label(field.definition.label),
            "choices": [{"value": key, "label": words, "chosen": key == chosen} for key, words in found],
        }
    return {"name": name, "label": name, "choices": []}


def _linked(transaction: Transaction, key: str, field: CompiledField) -> list[tuple[str, str]]:
    target = field.type.target(field.definition.options)
    entity = transaction.catalog.entity(key)
    if target is None:
        return [("true", visitor.translated("Yes")), ("false", visitor.translated("No"))]
    rows = answer(transaction, sent_question(transaction, entity, [field.name], []), Query())
    most = sorted(rows, key=lambda row: -row.count)[:OFFERED_AT_MOST]
    named = titles(transaction, target, [row.keys[0] for row in most if row.keys[0] is not None])
    return sorted(((str(each), words) for each, words in named.items()), key=lambda pair: pair[1])


def address_of(app: str, board: Dashboard) -> str:
    """Where the dashboard is."""
    return url_for("dashboards.show", app=app, name=board.name)
