"""Figures over HTTP: sums and counts by group, and whole dashboards."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flask import request

from blueprints.api.answers import Answer
from blueprints.dashboards import Chosen, chosen_span, dashboards_of, find_dashboard, narrowing_of
from blueprints.views.told_groups import tell_groups
from blueprints.visitor import disclosures
from engine.definition.figure import Card
from engine.fields.types.link import Link
from engine.figures.answer import answer
from engine.figures.paths import field_at
from engine.figures.picture import Narrowed, numbers, picture, sheet
from engine.figures.question import sent_question
from engine.problems import Malformed, NotAllowed
from engine.records.query import Query
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction


def get_figures(transaction: Transaction, app: str, entity: str) -> Answer:
    """`{"groups": [{"keys", "values", "count"}]}` for `group_by` and `value`, each given once or more."""
    compiled = transaction.catalog.entity(f"{app}.{entity}")
    groups, values = request.args.getlist("group_by"), request.args.getlist("value")
    if len(groups) > 3 or len(values) > 10:
        raise Malformed(say("Figures have at most {groups} groups and {values} values.", groups=3, values=10))
    question = sent_question(transaction, compiled, groups, values)
    query = Query(filter=request.args.get("filter", ""), view=request.args.get("view"))
    rows = answer(transaction, question, query)
    read = [(each.entity, each.field) for formula, _ in question.groups for each in formula.reads]
    disclosures().groups(transaction, read, len(rows), query)
    named = [
        _titles(transaction, compiled.key, text, [row.keys[at] for row in rows])
        for at, text in enumerate(groups)
    ]
    found = [
        {
            "keys": [_key(key, names) for key, names in zip(row.keys, named, strict=True)],
            "values": [_value(value) for value in row.values],
            "count": row.count,
        }
        for row in rows
    ]
    return Answer({"groups": found})


def list_dashboards(transaction: Transaction) -> Answer:
    """The dashboards of the caller."""
    locale = transaction.actor.locale
    return Answer(
        {
            "dashboards": [
                {"app": app, "name": board.name, "label": board.label.to(locale)}
                for app, board in dashboards_of(transaction)
            ]
        }
    )


def get_dashboard(transaction: Transaction, app: str, name: str) -> Answer:
    """The figures of all cards for a `period` as the page offers them; `filter` is `field:value`."""
    board = find_dashboard(transaction, app, name)
    pairs = [each.partition(":") for each in request.args.getlist("filter")]
    values = {field: value for field, colon, value in pairs if colon and field in board.filters}
    period = request.args.get("period", board.period)
    narrowed = narrowing_of(transaction, Chosen(chosen_span(board, period, transaction.moment.today), values))
    locale = transaction.actor.locale
    cards = {
        card.name: {
            "label": card.label.to(locale),
            "chart": card.chart,
            **_figures(transaction, card, narrowed),
        }
        for card in board.cards.values()
    }
    return Answer({"label": board.label.to(locale), "period": period, "cards": cards})


def _figures(transaction: Transaction, card: Card, narrowed: Narrowed) -> dict[str, Any]:
    try:
        return FIGURES.get(card.chart, _axis)(transaction, card, narrowed)
    except NotAllowed as refused:
        return {"refused": refused.message.to(transaction.actor.locale)}


def _numbers(transaction: Transaction, card: Card, narrowed: Narrowed) -> dict[str, Any]:
    return {"values": [_value(value) for value in numbers(transaction, card, narrowed)]}


def _axis(transaction: Transaction, card: Card, narrowed: Narrowed) -> dict[str, Any]:
    found = picture(transaction, card, narrowed)
    tell_groups(transaction, card, len(found.axis), narrowed)
    return {
        "axis": [_value(key) for key in found.axis],
        "series": [
            {
                "name": line.series.name,
                "part": _value(line.part),
                "values": [_value(value) for value in line.values],
            }
            for line in found.lines
        ],
    }


def _table(transaction: Transaction, card: Card, narrowed: Narrowed) -> dict[str, Any]:
    found = sheet(transaction, card, narrowed)
    tell_groups(transaction, card, len(found.rows), narrowed)
    return {
        "rows": [
            {
                "keys": [_value(key) for key in keys],
                "values": [_value(value) for value in found.row_totals[keys]],
                "columns": [
                    {
                        "keys": [_value(key) for key in column],
                        "values": [_value(each) for each in found.cells.get((keys, column), ())],
                    }
                    for column in found.columns
                ],
            }
            for keys in found.rows
        ],
        "total": [_value(value) for value in found.total],
    }


FIGURES: Mapping[str, Callable[[Transaction, Card, Narrowed], dict[str, Any]]] = {
    "number": _numbers,
    "gauge": _numbers,
    "table": _table,
    "pivot": _table,
}
"""Kinds of charts that are no picture along an axis."""


def _titles(transaction: Transaction, entity: str, text: str, keys: list[Any]) -> dict[Any, str]:
    field = field_at(transaction.catalog, transaction.catalog.entity(entity), text)
    target = field.type.target(field.definition.options) if field else None
    return titles(transaction, target, [key for key in keys if key is not None]) if target else {}


def _key(key: Any, names: Mapping[Any, str]) -> Any:
    return {"id": key, "title": names[key]} if key in names else _value(key)


def _value(value: Any) -> Any:
    """Decimals as exact texts, days as ISO 8601, as everywhere in the API."""
    if isinstance(value, Link):
        return {"id": value.id, "title": value.title}
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if hasattr(value, "isoformat") else value
