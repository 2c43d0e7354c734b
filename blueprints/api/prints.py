"""Documents of a record over HTTP: as a page, or as PDF where the site makes it."""

from flask import Response, request

from blueprints import visitor
from blueprints.prints import document_of, page_of, pdf_of
from engine.problems import Malformed
from engine.text import say
from engine.transaction import Actor

PRINT_PARAMETERS = frozenset({"as"})
FORMS = ("html", "pdf")


def get_print(caller: Actor, app: str, entity: str, record_id: int, name: str) -> Response:
    """A document of a record, filled with what the caller may read; `?as=pdf` for PDF."""
    form = request.args.get("as", FORMS[0])
    if form not in FORMS:
        raise Malformed(say("“{value}” is no form of a document: as is html or pdf.", value=form))
    visitor.read_as(caller)
    with visitor.workspace().reading(caller) as transaction:
        document = document_of(transaction, f"{app}.{entity}", record_id, name)
    return page_of(document) if form == "html" else pdf_of(document, caller)
