"""Documents of a record: its template filled with what the visitor may read, on a page made for paper."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from markupsafe import Markup

from blueprints import visitor
from blueprints.again import reading
from blueprints.print_sandbox import write_document
from blueprints.record_page import Opened, open_record
from blueprints.values import entity_url, label, show_whole
from engine.catalog import CompiledEntity
from engine.problems import NotFound
from engine.records.compute import bare
from engine.records.read import titles
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("prints", __name__)


@blueprint.get("/<app>/<entity>/<int:identity>/print/<name>", endpoint="show")
def show_document(app: str, entity: str, identity: int, name: str) -> Response:
    """A document of a record, as it is printed."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        opened = open_record(transaction, key, identity)
        document = opened.entity.definition.prints.get(name)
        if document is None:
            sentence = "{entity} has no document '{name}'."
            raise NotFound(say(sentence, entity=opened.entity.definition.label, name=name))
        written = write_document(document.template, document.file, values_of(transaction, opened))
    page = render_template(
        "print.html",
        title=label(document.label),
        record_url=entity_url(key, identity),
        document=Markup(written),  # noqa: S704 - written by the sandbox, which escapes every value
    )
    return make_response(page)


def values_of(transaction: Transaction, opened: Opened) -> dict[str, Any]:
    """What a template gets: each field as people read it, `values` and `labels` beside, and a few more."""
    entity, identity = opened.entity, opened.identity
    shown = shown_fields(transaction, entity, opened.record)
    named = titles(transaction, entity.key, [identity] if identity else [])
    return {
        **shown,
        "values": {name: _plain(value) for name, value in opened.record.items() if name in entity.fields},
        "labels": {name: label(entity.fields[name].definition.label) for name in shown},
        "title": named.get(identity or 0, ""),
        "today": visitor.day(transaction.now.astimezone(visitor.time_zone()).date()),
        "person": transaction.actor.name,
        "locale": visitor.locale(),
    }


def shown_fields(
    transaction: Transaction, entity: CompiledEntity, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Field → what people read of it; child rows as lists of the same. What may not be read is blank."""
    found: dict[str, Any] = {}
    for name, each in entity.fields.items():
        if name in entity.children:
            child = transaction.catalog.entity(entity.children[name])
            found[name] = [shown_fields(transaction, child, row) for row in record.get(name) or ()]
        else:
            found[name] = show_whole(each, record.get(name))
    return found


def _plain(value: Any) -> Any:
    """Links as ids, rows left out: for conditions and sums of templates."""
    return None if isinstance(value, list) else bare(value)
