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
from engine.catalog import CompiledEntity
from engine.records.query import Query
from engine.records.read import page, titles
from engine.transaction import Transaction
from engine.workflow.inbox import Question, inbox

blueprint = Blueprint("home", __name__)
RECENT = 6
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
    """What the visitor changed last, of all entities that have pages."""
    entities = [each for each in transaction.catalog.entities.values() if is_shown(transaction, each)]
    found = [each for entity in entities for each in _recent_of(transaction, entity)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:RECENT]


def _recent_of(transaction: Transaction, entity: CompiledEntity) -> list[Recent]:
    query = Query(
        filter="updated_by == user",
        sort=(("updated_at", True),),
        limit=RECENT,
        fields=frozenset({"id", "updated_at"}),
    )
    records = page(transaction, entity.key, query).records
    named = titles(transaction, entity.key, [record["id"] for record in records])
    return [
        Recent(
            url=entity_url(entity.key, record["id"]),
            icon=entity.definition.icon or "file",
            title=named.get(record["id"], "") or f"#{record['id']}",
            label=label(entity.definition.label),
            at=record["updated_at"],
        )
        for record in records
    ]
