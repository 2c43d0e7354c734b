"""What link fields offer beside searching: a card of the record, and a new one begun in a dialog."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.again import openable_new, reading
from blueprints.key_facts import facts_of
from blueprints.opened import Opened, open_new, open_record
from blueprints.values import entity_url, label
from engine.commands import create_record
from engine.fields.field_type import Relation
from engine.forms.bind import Bound, bind
from engine.forms.layout import problems_by_path
from engine.forms.nodes import FieldNode, Typed
from engine.problems import InputRefused, Refused
from engine.records.read import titles
from engine.text import Message, Text
from engine.transaction import Transaction

blueprint = Blueprint("link_fields", __name__)

FACTS = 6
FIELDS = 4
"""How many facts stand on a card, and how many fields a dialog asks for beside those that are required."""
PREFIX = "new-"
"""Before the names of the dialog's fields, so that they are told apart from those of the form below it."""


@blueprint.get("/<app>/<entity>/<int:identity>/card", endpoint="card")
def card(app: str, entity: str, identity: int) -> Response:
    """The record in a few facts, as a part of a page."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        opened = open_record(transaction, key, identity)
        title = titles(transaction, key, [identity]).get(identity) or f"#{identity}"
        workflow = opened.entity.definition.workflow
        stage = workflow.stages.get(opened.record.get("stage") or "") if workflow else None
        shown = {
            "identity": identity,
            "title": title,
            "url": opened.url,
            "entity_label": label(opened.entity.definition.label),
            "entity_icon": opened.entity.definition.icon or "file",
            "stage": stage,
            "facts": facts_of(transaction, key, identity)[:FACTS],
        }
    return make_response(render_template("parts/preview_card.html", **shown))


@blueprint.get("/<app>/<entity>/new/short", endpoint="new_short")
def new_short(app: str, entity: str) -> Response:
    """The form of a new record with the fields that matter most; `title` is what was typed so far."""
    with reading() as transaction:
        opened = openable_new(transaction, f"{app}.{entity}")
        name = opened.entity.definition.title.text
        typed = request.args.get("title", "").strip()
        texts = {f"{PREFIX}{name}": typed} if typed and name in opened.entity.fields else {}
        return _page(transaction, opened, Typed(texts))


@blueprint.post("/<app>/<entity>/new/short", endpoint="create")
def create(app: str, entity: str) -> Response:
    """Writes it; its card tells what came of it."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        opened = openable_new(transaction, key)
        bound = bind(transaction, _nodes(opened.form.fields), request.form)
        release = transaction.catalog.release
        if bound.problems:
            return _page(transaction, opened, bound.typed, bound, status=422)
    try:
        record = create_record(visitor.workspace(), visitor.person(), key, bound.values, release)
    except InputRefused as error:
        problems = {f"{PREFIX}{path}": each for path, each in problems_by_path(error.problems).items()}
        return _again(key, bound, problems, None)
    except Refused as error:
        return _again(key, bound, {}, error.message)
    return make_response(redirect(url_for(".card", app=app, entity=entity, identity=record["id"]), 303))


def _again(
    key: str, bound: Bound, problems: dict[str, tuple[Message | Text, ...]], refusal: Message | Text | None
) -> Response:
    with reading() as transaction:
        opened = openable_new(transaction, key)
        return _page(
            transaction,
            opened,
            Typed(bound.texts, bound.titles, problems),
            bound,
            refusal,
            422 if problems else 403,
        )


def _page(
    transaction: Transaction,
    opened: Opened,
    typed: Typed,
    bound: Bound | None = None,
    refusal: Message | Text | None = None,
    status: int = 200,
) -> Response:
    if bound and bound.values:
        opened = open_new(transaction, opened.entity.key, bound.values)
    nodes = _nodes(opened.form.fields, typed)
    placed = {node.path for node in nodes}
    loose = [each for path, told in typed.problems.items() if path not in placed for each in told]
    app, _, entity = opened.entity.key.partition(".")
    shown: dict[str, Any] = {
        "singular": label(opened.entity.definition.label),
        "plural": label(opened.entity.definition.label_plural or opened.entity.definition.label),
        "list_url": opened.base,
        "nodes": nodes,
        "record_id": None,
        "create_url": url_for(".create", app=app, entity=entity),
        "whole_url": f"{entity_url(opened.entity.key)}/new",
        "refusals": [each.to(visitor.locale()) for each in (*([refusal] if refusal else []), *loose)],
    }
    return make_response(render_template("new_short.html", **shown), status)


def _nodes(nodes: Any, typed: Typed | None = None) -> Sequence[FieldNode]:
    """The fields of the dialog: those that are required, and the first others, without rows and files."""
    typed = typed or Typed()
    plain = [
        node
        for node in nodes
        if not (node.read_only or node.hidden or node.locked)
        and node.field.type.relation is not Relation.ROWS
        and node.field.type.files(node.options) is None
    ]
    first = {node.path for node in plain[:FIELDS]}
    chosen = [node for node in plain if node.required or node.path in first]
    return [
        replace(
            node,
            path=f"{PREFIX}{node.path}",
            text=typed.texts.get(f"{PREFIX}{node.path}", node.text),
            typed=typed.titles.get(f"{PREFIX}{node.path}"),
            problems=typed.problems.get(f"{PREFIX}{node.path}", ()),
        )
        for node in chosen
    ]
