"""Files over HTTP: receiving them for a field or as attachments, giving them out, showing pictures and PDFs.

Whatever is given out is either downloaded or of a kind that browsers show without running anything in it;
its type is the one that its content was checked for, and browsers are told not to guess.
"""

from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
)
from werkzeug.datastructures import FileStorage

from blueprints import visitor
from blueprints.again import reading
from blueprints.attachments import files_context, shown_file
from blueprints.errors import answer_to
from blueprints.pdf import Picture
from blueprints.values import entity_url
from engine.fields.field_type import FileRule
from engine.files.kept import FileRow, take
from engine.files.pictures import NoPicture, write_thumbnail
from engine.files.store import Store, Taken
from engine.problems import InputRefused, Malformed, NotFound, Refused
from engine.records.files import attach, attachments, detach, rule_of, seen_file, upload, upload_with_form
from engine.text import say
from engine.transaction import Actor, Transaction

blueprint = Blueprint("files", __name__)

Keep = Callable[[Transaction, Store, Taken, str], FileRow]
"""Keeps received content under a name."""

DOWNLOADED = "sandbox; default-src 'none'"
SHOWN = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""Content-Security-Policy of what is downloaded, and of what a dialog shows in a frame, such as a PDF."""


def store() -> Store:
    """The folder of files that the running application uses."""
    found: Store = current_app.extensions["dougong_files"]
    return found


@blueprint.post("/files", endpoint="upload")
def upload_file() -> Response:
    """Receives one file for a field of a record that is still to be saved; answers its number and name."""
    key, field = request.form.get("entity", ""), request.form.get("field", "")
    with reading() as transaction:
        rule = rule_of(transaction.catalog.entity(key), field)
    if rule is None:
        raise NotFound(say("There is no field of files “{name}” here.", name=field))
    try:
        row = kept(sent_file(), rule)
    except Refused as error:
        return refused_upload(error)
    except InputRefused as error:
        return refused_upload(error)
    return jsonify(shown_file(row))


def sent_file() -> FileStorage:
    """The file of the request."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Malformed(say("No file was sent: it has to come as “file”."))
    return sent


def kept(sent: FileStorage, rule: FileRule | None) -> FileRow:
    """Receives what was sent and keeps it for the visitor, until a record takes it."""
    return _kept(sent, rule, visitor.person(), upload)


def kept_with_form(sent: FileStorage, rule: FileRule | None, person: Actor) -> FileRow:
    """Receives what came with a public form from somebody without an account."""
    return _kept(sent, rule, person, upload_with_form)


def _kept(sent: FileStorage, rule: FileRule | None, person: Actor, keep: Keep) -> FileRow:
    taken, name = take(store(), sent.stream, sent.filename or "", rule)
    try:
        with visitor.workspace().writing(person) as transaction:
            return keep(transaction, store(), taken, name)
    finally:
        taken.drop()


def refused_upload(error: Refused | InputRefused) -> Response:
    """Why a file was not kept, for the script that sent it."""
    answer = answer_to(error)
    return make_response(jsonify({"message": answer.detail.to(visitor.locale())}), answer.status)


@blueprint.get("/files/<int:identity>", endpoint="download")
def download(identity: int) -> Response:
    """The file, to be saved: never shown by the browser."""
    return sent_out(_seen(identity))


@blueprint.get("/files/<int:identity>/view", endpoint="view")
def view(identity: int) -> Response:
    """The file in the browser, if it is of a kind that can be shown safely; else to be saved."""
    row = _seen(identity)
    if row.kind is None or not row.kind.shown:
        return sent_out(row)
    response = send_file(
        store().place(row.sha256), row.media_type, etag=row.sha256, conditional=True, max_age=0
    )
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = SHOWN
    return private(response)


@blueprint.get("/files/<int:identity>/thumbnail", endpoint="thumbnail")
def thumbnail(identity: int) -> Response:
    """A small picture of the file, made when somebody looks first."""
    row = _seen(identity)
    small = store().thumbnail(row.sha256)
    if not row.is_picture:
        raise NotFound(say("There is no picture of file {id}.", id=identity))
    if not small.exists():
        try:
            write_thumbnail(store().place(row.sha256), small)
        except NoPicture as error:
            raise NotFound(say("There is no picture of file {id}.", id=identity)) from error
    response = send_file(small, "image/webp", etag=f"{row.sha256}-small", conditional=True, max_age=0)
    response.headers["Content-Security-Policy"] = DOWNLOADED
    return private(response)


def picture(reader: Actor, identity: int) -> Picture | None:
    """A kept picture as it is; None for other files, and for those that the reader may not see."""
    try:
        with visitor.workspace().reading(reader) as transaction:
            row = seen_file(transaction, identity)
    except NotFound:
        return None
    return Picture(store().place(row.sha256).read_bytes(), row.media_type) if row.is_picture else None


def _seen(identity: int) -> FileRow:
    with reading() as transaction:
        return seen_file(transaction, identity)


def sent_out(row: FileRow) -> Response:
    """The file as a download."""
    path = store().place(row.sha256)
    response = send_file(
        path,
        row.media_type,
        as_attachment=True,
        download_name=row.name,
        etag=row.sha256,
        conditional=True,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = DOWNLOADED
    return private(response)


def private(response: Response) -> Response:
    """Kept by this browser alone, and asked for again each time: rights may have changed."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post("/<app>/<entity>/<int:identity>/files", endpoint="attach")
def attach_files(app: str, entity: str, identity: int) -> Response:
    """Adds files to a record; a script gets the list of its files, others the page again."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        attachments(transaction, key, identity)
    try:
        for sent in request.files.getlist("file"):
            taken, name = take(store(), sent.stream, sent.filename or "", None)
            try:
                with visitor.workspace().writing(visitor.person()) as transaction:
                    attach(transaction, store(), key, identity, taken, name)
            finally:
                taken.drop()
    except (Refused, InputRefused) as error:
        if _by_script():
            return refused_upload(error)
        raise
    if _by_script():
        return make_response(files_part(key, identity))
    flash(visitor.translated("Added"))
    return make_response(redirect(entity_url(key, identity), 303))


@blueprint.post("/<app>/<entity>/<int:identity>/files/<int:number>/remove", endpoint="detach")
def detach_file(app: str, entity: str, identity: int, number: int) -> Response:
    """Takes a file out of a record."""
    key = f"{app}.{entity}"
    with visitor.workspace().writing(visitor.person()) as transaction:
        detach(transaction, key, identity, number)
    if _by_script():
        return make_response(files_part(key, identity))
    flash(visitor.translated("Removed"))
    return make_response(redirect(entity_url(key, identity), 303))


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json" or "X-Part" in request.headers


def files_part(key: str, identity: int) -> str:
    """The part of a record's page that shows its files."""
    with reading() as transaction:
        return render_template("parts/files.html", **files_context(transaction, key, identity))
