"""The home page: a greeting, the applications with their entities, what the visitor changed lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask import Blueprint, render_template, url_for

from blueprints import visitor
from blueprints.dashboards import address_of, dashboards_of
from blueprints.navigation import Area, areas, is_shown
from blueprints.palette import followed_items
from blueprints.values import entity_url, label, number
from engine.records.changed_lately import changed_lately
from engine.records.query import Query
from engine.records.read import page, titles
from engine.transaction import Transaction
from engine.workflow.inbox import Question, inbox

blueprint = Blueprint("home", __name__)
RECENT = 6
LOOKED_AT = 30
"""Of so many records that were changed last, those are shown that are still there and may be seen."""
TASKS = 5


@dataclass(frozen=True, slots=True)
class Recent:
    """A record that the visitor changed lately."""

    url: str
    icon: str
    title: str
    label: str
    at: datetime


@blueprint.get("/", endpoint="show")
def show() -> str:
    """The home page."""
    person = visitor.person()
    now = datetime.now(visitor.time_zone())
    with visitor.reading() as transaction:
        boards = [
            {"url": address_of(app, board), "label": label(board.label), "icon": board.icon or "chart-bar"}
            for app, board in dashboards_of(transaction)
        ]
        apps = [_with_counts(transaction, area) for area in areas(transaction)]
        recent = _recent(transaction)
        followed = followed_items(transaction)
        tasks = inbox(transaction, Question(limit=TASKS)).entries
    return render_template(
        "home.html",
        greeting=visitor.translated(_greeting(now.hour), name=person.name),
        today=format_date(now.date(), "full", locale=visitor.locale()),
        apps=apps,
        recent=recent,
        followed=followed,
        boards=boards,
        tasks=[
            {
                "url": entity_url(each.entity, each.record.id)
                if each.kind == "revise"
                else url_for("tasks.show", identity=each.id, next=url_for("home.show")),
                "icon": transaction.catalog.entity(each.entity).definition.icon or "file",
                "title": each.record.title or f"#{each.record.id}",
                "label": f"{label(each.transition_label)} · {label(each.step_label)}",
                "due_at": each.due_at,
                "overdue": each.overdue,
            }
            for each in tasks
        ],
    )


def _greeting(hour: int) -> str:
    if 5 <= hour < 12:
        return "Good morning, {name}"
    return "Good afternoon, {name}" if 12 <= hour < 18 else "Good evening, {name}"


def _with_counts(transaction: Transaction, area: Area) -> dict[str, Any]:
    entities = []
    for place in area.entities:
        query = Query(limit=1, count="capped", fields=frozenset({"id"}))
        found = page(transaction, place.key, query)
        count = number(found.count or 0) + ("+" if found.count_capped else "")
        entities.append({"url": place.url, "icon": place.icon, "label": place.label, "count": count})
    return {"name": area.name, "label": area.label, "icon": area.icon, "entities": entities}


def _recent(transaction: Transaction) -> list[Recent]:
    """What the visitor changed last, of all entities that have pages and keep their history."""
    catalog = transaction.catalog
    shown = {key for key, entity in catalog.entities.items() if is_shown(transaction, entity)}
    lately = [each for each in changed_lately(transaction, LOOKED_AT) if each.entity in shown][:LOOKED_AT]
    named = {
        key: titles(transaction, key, [each.id for each in lately if each.entity == key])
        for key in {each.entity for each in lately}
    }
    seen = [each for each in lately if each.id in named[each.entity]]
    return [
        Recent(
            url=entity_url(each.entity, each.id),
            icon=catalog.entity(each.entity).definition.icon or "file",
            title=named[each.entity][each.id] or f"#{each.id}",
            label=label(catalog.entity(each.entity).definition.label),
            at=each.at,
        )
        for each in seen[:RECENT]
    ]
