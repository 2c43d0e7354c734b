"""What was deleted lately, of an entity: a page from which people bring it back, one or many."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request

from blueprints import visitor
from blueprints.again import reading
from blueprints.navigation import plural
from blueprints.values import entity_url, label, number
from engine.batches import Operation, Outcome, run_each
from engine.catalog import CompiledEntity
from engine.problems import Malformed
from engine.records.deletions import Deletion, lately_deleted
from engine.records.read import titles
from engine.records.restore import RESTORED_FOR
from engine.text import say

blueprint = Blueprint("deleted", __name__)
SHOWN = 50
TOGETHER = 200
"""How many records one request brings back."""


class Chosen(NamedTuple):
    """A record and the change by which it was deleted: `7.4711` in the form."""

    id: int
    event: int


@blueprint.get("/<app>/<entity>/deleted", endpoint="show")
def show(app: str, entity: str) -> Response:
    """What the visitor may bring back, the latest first."""
    return make_response(_page(f"{app}.{entity}", {}))


@blueprint.post("/<app>/<entity>/deleted", endpoint="bring_back")
def bring_back(app: str, entity: str) -> Response:
    """Brings back what was ticked, or the one whose button was pressed; what was refused says why."""
    key = f"{app}.{entity}"
    chosen = _chosen()
    if not chosen:
        return make_response(_page(key, {}, nothing_chosen=True), 422)
    # The latest first: what was deleted before it may lead to it.
    chosen.sort(key=lambda each: -each.event)
    operations: list[Operation] = [{"op": "undo", "id": each.id, "event": each.event} for each in chosen]
    done = run_each(visitor.workspace(), visitor.person(), key, operations)
    outcomes = dict(zip(chosen, done, strict=True))
    back = [each.id for each, outcome in outcomes.items() if not outcome.refusal]
    if len(back) < len(chosen):
        return make_response(_page(key, outcomes), 422)
    if len(back) == 1:
        flash(visitor.translated("Brought back"))
        return make_response(redirect(entity_url(key, back[0]), 303))
    flash(visitor.translated("{count} brought back", count=number(len(back))))
    return make_response(redirect(f"{entity_url(key)}/deleted", 303))


def _chosen() -> list[Chosen]:
    sent = request.form.getlist("one") or request.form.getlist("gone")
    if len(sent) > TOGETHER:
        raise Malformed(say("{most} records at most are brought back at once.", most=TOGETHER))
    pairs = [each.partition(".") for each in dict.fromkeys(sent)]
    return [
        Chosen(int(identity), int(event))
        for identity, _, event in pairs
        if all(each.isascii() and each.isdigit() and len(each) < 19 for each in (identity, event))
    ]


def _page(key: str, outcomes: Mapping[Chosen, Outcome], *, nothing_chosen: bool = False) -> str:
    """The list, with what came of those that were to be brought back."""
    locale, refused = visitor.locale(), [each for each in outcomes.values() if each.refusal]
    with reading() as transaction:
        entity = transaction.catalog.entity(key)
        found = lately_deleted(transaction, key, SHOWN, request.args.get("after"))
        back = [each.id for each, outcome in outcomes.items() if not outcome.refusal]
        named = titles(transaction, key, (each.id for each in outcomes))
        return render_template(
            "deleted.html",
            plural=plural(entity, locale),
            app_label=label(transaction.catalog.apps[entity.definition.app].label),
            entity_icon=entity.definition.icon or "file",
            list_url=entity_url(key),
            days=RESTORED_FOR.days,
            everybody=transaction.actor.administrator,
            rows=[_row(entity, each, outcomes) for each in found.records],
            some=any(each.reason is None for each in found.records),
            older=found.next,
            first=not request.args.get("after"),
            refused=len(refused),
            back=[{"url": entity_url(key, each), "title": named.get(each) or f"#{each}"} for each in back],
            others=_others(key, found.records, outcomes, named),
            nothing_chosen=nothing_chosen,
        )


def _row(entity: CompiledEntity, each: Deletion, outcomes: Mapping[Chosen, Outcome]) -> dict[str, Any]:
    outcome = outcomes.get(Chosen(each.id, each.event))
    fields = entity.fields
    return {
        "one": each,
        "value": f"{each.id}.{each.event}",
        "until": visitor.day(each.until.astimezone(visitor.time_zone()).date()),
        "reason": each.reason.to(visitor.locale()) if each.reason else "",
        "refusal": _sentence(outcome) if outcome else "",
        "owner_url": f"{entity_url(each.owner[0])}/deleted" if each.owner else "",
        "rows": " · ".join(
            f"{label(fields[name].definition.label)}: {number(count)}" for name, count in each.rows
        ),
    }


def _others(
    key: str, records: Iterable[Deletion], outcomes: Mapping[Chosen, Outcome], named: Mapping[int, str]
) -> list[dict[str, str]]:
    """Why those were refused that do not stand in the list; somebody else may have brought them back."""
    shown = {Chosen(each.id, each.event) for each in records}
    return [
        {
            "url": entity_url(key, each.id) if each.id in named else "",
            "title": named.get(each.id) or f"#{each.id}",
            "sentence": _sentence(outcome),
        }
        for each, outcome in outcomes.items()
        if outcome.refusal and each not in shown
    ]


def _sentence(outcome: Outcome) -> str:
    return " ".join(each.to(visitor.locale()) for each in outcome.refusal)
