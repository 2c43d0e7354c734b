"""Documents of a record: its template filled with what the visitor may read, on a page made for paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, send_file
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from blueprints import visitor
from blueprints.again import reading
from blueprints.files import picture, private
from blueprints.opened import Opened, open_record
from blueprints.pdf import Picture, as_pdf, makes_pdf
from blueprints.print_sandbox import write_document
from blueprints.values import entity_url, label, show_whole
from engine.catalog import CompiledEntity
from engine.problems import NotFound
from engine.records.compute import bare
from engine.records.read import titles
from engine.text import say
from engine.transaction import Actor, Transaction

blueprint = Blueprint("prints", __name__)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a record, filled; `title` is that of the record, `label` what the document is called."""

    label: str
    title: str
    record_url: str
    html: Markup


@blueprint.get("/<app>/<entity>/<int:identity>/print/<name>", endpoint="show")
def show_document(app: str, entity: str, identity: int, name: str) -> Response:
    """A document of a record, as it is printed."""
    return page_of(_document(app, entity, identity, name), request.path if makes_pdf() else None)


@blueprint.get("/<app>/<entity>/<int:identity>/print/<name>/pdf", endpoint="pdf")
def show_pdf(app: str, entity: str, identity: int, name: str) -> Response:
    """A document of a record as PDF."""
    return pdf_of(_document(app, entity, identity, name), visitor.person())


def _document(app: str, entity: str, identity: int, name: str) -> Document:
    with reading() as transaction:
        return document_of(transaction, f"{app}.{entity}", identity, name)


def document_of(transaction: Transaction, key: str, identity: int, name: str) -> Document:
    """A document of a record for the actor; NotFound for one that is not defined or may not be seen."""
    opened = open_record(transaction, key, identity)
    document = opened.entity.definition.prints.get(name)
    if document is None:
        sentence = "{entity} has no document '{name}'."
        raise NotFound(say(sentence, entity=opened.entity.definition.label, name=name))
    values = values_of(transaction, opened)
    written = write_document(document.template, document.file, values)
    return Document(
        label=label(document.label),
        title=values["title"] or f"#{identity}",
        record_url=entity_url(key, identity),
        html=Markup(written),  # noqa: S704 - written by the sandbox, which escapes every value
    )


def page_of(document: Document, url: str | None = None) -> Response:
    """The document on a sheet, to be printed; `url` is its address where it can also be had as PDF."""
    pdf_url = f"{url}/pdf" if url else None
    page = render_template(
        "print.html",
        title=document.label,
        record_url=document.record_url,
        pdf_url=pdf_url,
        document=document.html,
    )
    return make_response(page)


def pdf_of(document: Document, reader: Actor) -> Response:
    """The document as PDF, with the pictures that the reader may see; NotFound where the site makes none."""
    if not makes_pdf():
        raise NotFound(say("This site makes no PDF: its administrator can install the package “plutoprint”."))
    page = render_template("paper.html", title=document.label, document=document.html)
    written = as_pdf(page, lambda path: _picture(reader, path))
    response = send_file(
        BytesIO(written), "application/pdf", download_name=f"{document.label} {document.title}.pdf"
    )
    return private(response)


def _picture(reader: Actor, path: str) -> Picture | None:
    """The picture whose small one stands in the document."""
    here = current_app.create_url_adapter(request)
    try:
        endpoint, arguments = here.match(path.removeprefix(request.script_root), "GET") if here else ("", {})
    except HTTPException:
        return None
    return picture(reader, arguments["identity"]) if endpoint == "files.thumbnail" else None


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
