"""The import page: a file is uploaded, its columns are told, it is tried out, written, and perhaps undone."""

from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)

from blueprints import visitor
from blueprints.again import reading
from blueprints.api.bodies import write_json
from blueprints.import_table import rows_in_trouble
from blueprints.navigation import plural
from blueprints.values import entity_url, label, number
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.importing import import_file, undo_import
from engine.problems import InputRefused, Malformed, NotAllowed, NotPossible, Refused
from engine.records import imports
from engine.records.sheet import Sheet
from engine.records.workbook import LARGEST_FILE
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("imports", __name__)
SAMPLES = 3
LINES = "application/x-ndjson"


@blueprint.get("/<app>/<entity>/import", endpoint="start")
def start(app: str, entity: str) -> Response:
    """Where a file is chosen, with what was imported before."""
    return _start(f"{app}.{entity}", None, 200)


def _start(key: str, problem: str | None, status: int) -> Response:
    with reading() as transaction:
        entity = _allowed(transaction, key)
        fields = imports.importable(transaction, entity)
        context = {
            **_heading(transaction, entity),
            "problem": problem,
            "labels": [label(each.definition.label) for each in fields if each.name != "id"],
            "past": imports.past_imports(transaction, key),
        }
    return make_response(render_template("import_start.html", **context), status)


@blueprint.post("/<app>/<entity>/import", endpoint="upload")
def upload(app: str, entity: str) -> Response:
    """Keeps the file that was sent."""
    key = f"{app}.{entity}"
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _start(key, visitor.translated("Choose a file first."), 422)
    content = sent.stream.read(LARGEST_FILE + 1)
    try:
        with visitor.workspace().writing(visitor.person()) as transaction:
            identity = imports.keep_file(transaction, key, sent.filename, content)
    except Malformed as refused:
        return _start(key, refused.message.to(visitor.locale()), 422)
    return make_response(redirect(url_for("imports.columns", app=app, entity=entity, identity=identity), 303))


@blueprint.get("/<app>/<entity>/import/<int:identity>", endpoint="columns")
def columns(app: str, entity: str, identity: int) -> Response:
    """What each column holds; when it is done, what was done."""
    return _columns(f"{app}.{entity}", identity, {}, 200)


def _columns(key: str, identity: int, problems: dict[str, str], status: int) -> Response:
    with reading() as transaction:
        entity = _allowed(transaction, key)
        found, sheet = imports.opened(transaction, key, identity)
        context = {
            **_heading(transaction, entity),
            "file": found,
            "act_url": f"{entity_url(key)}/import/{identity}",
            "problems": problems,
        }
        if sheet is None:
            return make_response(render_template("import_done.html", **context))
        context |= {
            "columns": _shown_columns(sheet, found.columns),
            "fields": [
                (each.name, label(each.definition.label), each.definition.required)
                for each in imports.importable(transaction, entity)
            ],
            "rows": number(len(sheet.rows)),
        }
    return make_response(render_template("import_columns.html", **context), status)


def _shown_columns(sheet: Sheet, chosen: tuple[str | None, ...]) -> list[dict[str, Any]]:
    found = []
    for place, text in enumerate(sheet.header):
        cells = [row[place].strip() for _, row in sheet.rows[:50] if place < len(row)]
        samples = list(dict.fromkeys(cell for cell in cells if cell))[:SAMPLES]
        found.append(
            {"name": text or visitor.translated("Column {number}", number=place + 1),
             "samples": [sample[:60] for sample in samples], "chosen": chosen[place]}
        )  # fmt: skip
    return found


@blueprint.post("/<app>/<entity>/import/<int:identity>", endpoint="run")
def run(app: str, entity: str, identity: int) -> Response:
    """Tries the file out (`write` is nothing) or writes it (all, good); tells how far it is, line by line.

    A browser without scripts gets the page at the end.
    """
    key, write = f"{app}.{entity}", request.form.get("write", "nothing")
    if write not in {"nothing", "all", "good"}:
        raise Malformed(say("There is no operation '{name}'.", name=write))
    if "column-0" in request.form:
        try:
            with visitor.workspace().writing(visitor.person()) as transaction:
                imports.choose_columns(transaction, key, identity, _sent_columns())
        except InputRefused as refused:
            locale = visitor.locale()
            said = {str(each.where): each.message.to(locale) for each in refused.problems}
            return _columns(key, identity, said, 422)
    with reading() as transaction:
        _allowed(transaction, key)
        _, sheet = imports.opened(transaction, key, identity)
        if sheet is None:
            raise NotPossible(say("This file was imported already."))
    if request.accept_mimetypes.best != LINES:
        *_, outcome = import_file(visitor.workspace(), visitor.person(), key, identity, write)
        return make_response(_result(key, identity, write, outcome, "import_result.html"))
    lines = stream_with_context(_told(key, identity, write))
    return Response(lines, content_type=LINES, headers={"X-Accel-Buffering": "no"})


def _sent_columns() -> list[str | None]:
    count = sum(1 for name in request.form if name.startswith("column-"))
    return [request.form.get(f"column-{place}") or None for place in range(count)]


def _told(key: str, identity: int, write: str) -> Iterator[bytes]:
    """A line of JSON for each part of the way, `{"done", "total"}`; then `{"html"}` or `{"problem"}`."""
    outcome = imports.Outcome(0)
    try:
        for outcome in import_file(visitor.workspace(), visitor.person(), key, identity, write):
            yield write_json({"done": outcome.done, "total": outcome.total}) + b"\n"
    except Refused as refused:
        yield write_json({"problem": refused.message.to(visitor.locale())}) + b"\n"
        return
    html = _result(key, identity, write, outcome, "parts/import_result.html")
    yield write_json({"html": html}) + b"\n"


def _result(key: str, identity: int, write: str, outcome: imports.Outcome, template: str) -> str:
    """What came of it, with every cell that is in trouble."""
    written = write == "good" or (write == "all" and not outcome.refused)
    with reading() as transaction:
        entity = transaction.catalog.entity(key)
        found, sheet = imports.opened(transaction, key, identity)
        context = {
            **_heading(transaction, entity),
            "file": found,
            "act_url": f"{entity_url(key)}/import/{identity}",
            "written": written,
            "tried": write == "nothing",
            "created": number(len(outcome.created)),
            "updated": number(len(outcome.updated)),
            "good": number(outcome.total - len(outcome.refused)),
            "some_good": outcome.total > len(outcome.refused),
            "refused": number(len(outcome.refused)) if outcome.refused else "",
            "table": rows_in_trouble(entity, found, sheet, outcome.refused) if outcome.refused else None,
        }
        return render_template(template, **context)


@blueprint.post("/<app>/<entity>/import/<int:identity>/undo", endpoint="undo")
def undo(app: str, entity: str, identity: int) -> Response:
    """Takes the whole import back, or says which records stand in the way."""
    key = f"{app}.{entity}"
    try:
        count = undo_import(visitor.workspace(), visitor.person(), key, identity)
    except InputRefused as refused:
        locale = visitor.locale()
        said = [(str(each.where), each.message.to(locale)) for each in refused.problems]
        with reading() as transaction:
            compiled = transaction.catalog.entity(key)
            found, _ = imports.opened(transaction, key, identity)
            context = {
                **_heading(transaction, compiled),
                "file": found,
                "act_url": f"{entity_url(key)}/import/{identity}",
                "problems": {},
                "in_the_way": [(entity_url(key, int(where[1:])), where, words) for where, words in said],
            }
        return make_response(render_template("import_done.html", **context), 409)
    flash(visitor.translated("{count} records are as they were before the import", count=number(count)))
    return make_response(redirect(f"{entity_url(key)}/import", 303))


def _allowed(transaction: Transaction, key: str) -> CompiledEntity:
    entity = transaction.catalog.entity(key)
    decision = may(transaction, "create", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    return entity


def _heading(transaction: Transaction, entity: CompiledEntity) -> dict[str, Any]:
    return {
        "app_label": label(transaction.catalog.apps[entity.definition.app].label),
        "plural": plural(entity, visitor.locale()),
        "list_url": entity_url(entity.key),
        "import_url": f"{entity_url(entity.key)}/import",
    }
