"""What stands beside the form of a record: comments, following, undoing, records that link here, copies."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from blueprints import visitor
from blueprints.again import openable_new, reading, refused_page
from blueprints.opened import open_new, open_record
from blueprints.record_page import record_page
from blueprints.values import entity_url, label, number, show
from engine.access.policy import may
from engine.commands import comment_on, follow_record, undo_change
from engine.forms.bind import Bound
from engine.problems import InputRefused, NotFound, Refused
from engine.records.compute import bare
from engine.records.query import Query
from engine.records.read import exists
from engine.records.related import Related, related
from engine.transaction import Transaction

blueprint = Blueprint("beside", __name__)
SHOWN = 3
"""How many columns of a related record are shown beside its title."""


@blueprint.post("/<app>/<entity>/<int:identity>/comments", endpoint="comment")
def comment(app: str, entity: str, identity: int) -> Response:
    """Keeps a comment; what is wrong with it stands at the box, with what was typed."""
    key, text = f"{app}.{entity}", request.form.get("comment", "")
    try:
        comment_on(visitor.workspace(), visitor.person(), key, identity, text)
    except InputRefused as refused:
        with reading() as transaction:
            context = record_page(transaction, open_record(transaction, key, identity))
        locale = visitor.locale()
        told = {
            "comment_text": text,
            "comment_problems": [each.message.to(locale) for each in refused.problems],
        }
        return make_response(render_template("record.html", **context | told), 422)
    return make_response(redirect(f"{entity_url(key, identity)}#history-title", 303))


@blueprint.post("/<app>/<entity>/<int:identity>/follow", endpoint="follow")
def follow(app: str, entity: str, identity: int) -> Response:
    """Follows a record, or does so no more."""
    key, wanted = f"{app}.{entity}", request.form.get("wanted") == "yes"
    follow_record(visitor.workspace(), visitor.person(), key, identity, wanted)
    begun = visitor.translated("You will be told of changes")
    flash(begun if wanted else visitor.translated("You will not be told of changes any more"))
    return make_response(redirect(entity_url(key, identity), 303))


@blueprint.post("/<app>/<entity>/<int:identity>/undo/<int:event>", endpoint="undo")
def undo(app: str, entity: str, identity: int, event: int) -> Response:
    """Undoes a change; a refusal stands on the page of the record, or above the list if it is gone."""
    key = f"{app}.{entity}"
    try:
        undo_change(visitor.workspace(), visitor.person(), key, identity, event)
    except (Refused, InputRefused) as error:
        with reading() as transaction:
            if not exists(transaction, key, identity):
                return _gone(transaction, key, error)
            opened = open_record(transaction, key, identity)
            return refused_page(transaction, opened, Bound({}), error)
    flash(visitor.translated("Undone"))
    return make_response(redirect(entity_url(key, identity), 303))


def _gone(transaction: Transaction, key: str, error: Refused | InputRefused) -> Response:
    """A deleted record that could not be brought back: the list again, and why."""
    if isinstance(error, NotFound) or not may(transaction, "read", transaction.catalog.entity(key)).allowed:
        raise error
    told = [error.message] if isinstance(error, Refused) else [each.message for each in error.problems]
    reason = " ".join(each.to(visitor.locale()) for each in told)
    flash(visitor.translated("Not undone: {reason}", reason=reason))
    return make_response(redirect(entity_url(key), 303))


@blueprint.get("/<app>/<entity>/<int:identity>/duplicate", endpoint="duplicate")
def duplicate(app: str, entity: str, identity: int) -> Response:
    """The form of a new record with the values of this one, but for files and what must be unique."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        source = open_record(transaction, key, identity)
        opened = openable_new(transaction, key)
        values: dict[str, Any] = {}
        for node in opened.form.fields:
            each = node.field
            kept = each.definition.unique or each.type.files(each.definition.options)
            if node.read_only or kept or source.record.get(each.name) is None:
                continue
            value = bare(source.record[each.name])
            if node.blank_row is not None:
                own = [cell.field.name for cell in node.blank_row.fields if not cell.read_only]
                value = [{name: row.get(name) for name in own} for row in value]
            values[each.name] = value
        page = record_page(transaction, open_new(transaction, key, values))
        return make_response(render_template("record.html", **page | {"dirty": True}))


@blueprint.get("/<app>/<entity>/<int:identity>/related", endpoint="related")
def related_records(app: str, entity: str, identity: int) -> str:
    """The records that link here, list by list."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        open_record(transaction, key, identity)
        lists = [_shown(transaction, each, identity) for each in related(transaction, key, identity)]
    return render_template("related.html", lists=lists, record_url=entity_url(key, identity))


def _shown(transaction: Transaction, found: Related, identity: int) -> dict[str, Any]:
    entity, field = found.entity, found.field
    operator = "has" if field.name in entity.many else "eq"
    view = next(iter(entity.definition.views.values()), None)
    own = {field.name, entity.definition.title.text}
    names = [name for name in (view.columns if view else ()) if name in entity.fields and name not in own]
    columns = [entity.fields[name] for name in names[:SHOWN]]
    asked = Query(filter=f"{field.name} {operator} {identity}", fields=frozenset(names[:SHOWN]))
    visitor.disclosures().records(transaction, entity, found.records, asked)
    name = label(entity.definition.label_plural or entity.definition.label)
    app, _, short = entity.key.partition(".")
    return {
        "name": name,
        "by": label(field.definition.label),
        "icon": entity.definition.icon or "file",
        "count": number(found.count) + ("+" if found.capped else ""),
        "more": found.count > len(found.records),
        "all": url_for("records.listing", app=app, entity=short, where=f"{field.name}~{operator}~{identity}"),
        "rows": [
            {
                "url": entity_url(entity.key, record["id"]),
                "title": found.titles.get(record["id"]) or f"#{record['id']}",
                "values": [show(each, record.get(each.name)) for each in columns],
            }
            for record in found.records
        ],
    }
