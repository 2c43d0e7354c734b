"""Public forms: pages that need no account. What is sent becomes a record, and nothing is read by them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from itsdangerous import BadSignature
from werkzeug.datastructures import MultiDict

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.opened import unsaved_values
from blueprints.uploads import SUFFIX, uploaded_into
from blueprints.values import entity_url, label
from engine import public_forms
from engine.access.limits import TooMany
from engine.forms.bind import Bound, bind
from engine.forms.layout import layout, problems_by_path
from engine.forms.nodes import Form, Typed
from engine.problems import InputRefused, NotFound
from engine.public_forms import FormPage
from engine.records.public_forms import STRANGER, PublicForm, find_form, for_the_definition, open_form
from engine.text import Message, Text, say
from engine.transaction import Actor, Transaction

blueprint = Blueprint("public_forms", __name__)

ADDRESS = "/form/<app>/<entity>/<name>"
PURPOSE = "public form"
TAKEN_FOR = timedelta(days=1)
"""How long after it was opened a page of a form is taken."""
QUICKEST = timedelta(seconds=2)
"""Nobody fills in a form in less."""
TRAP = "confirm_address"
"""The name of the box that people do not see and programs fill in."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a form that has something to say."""

    bound: Bound
    problems: Mapping[str, tuple[Message | Text, ...]]
    notice: Message | Text | None = None
    status: int = 200
    headers: Mapping[str, str] | None = None


NOTHING = Shown(Bound({}), {})


def stranger() -> Actor:
    """Whoever asks, as nobody in particular: also somebody who is signed in."""
    return replace(STRANGER, locale=visitor.locale(), address=request.remote_addr)


@blueprint.get(ADDRESS, endpoint="show")
def show(app: str, entity: str, name: str) -> Response:
    """The form; parameters of the address fill fields (`?company=Acme`)."""
    key = f"{app}.{entity}"
    with visitor.workspace().reading(stranger()) as transaction:
        try:
            form = open_form(transaction, key, name)
        except NotFound as error:
            return _closed(error)
        begun = _bound(transaction, form, _plain(request.args))
        return _page(transaction, form, Shown(Bound(begun.values), {}))


@blueprint.post(ADDRESS, endpoint="send")
def send(app: str, entity: str, name: str) -> Response:
    """Takes what was filled in."""
    key = f"{app}.{entity}"
    try:
        public_forms.begin_sending(visitor.workspace(), stranger(), key, name)
    except NotFound as error:
        return _closed(error)
    except TooMany as error:
        return _refused(key, name, _typed_only(key, name), error)
    bound, release = _read(key, name)
    page, notice = _page_sent(key, name)
    if notice is not None or bound.problems or page is None:
        return _again(key, name, Shown(bound, bound.problems, notice, 422))
    try:
        public_forms.send_form(visitor.workspace(), stranger(), key, name, bound.values, page, release)
    except NotFound as error:
        return _closed(error)
    except InputRefused as error:
        return _refused(key, name, bound, error)
    return make_response(redirect(url_for(".thanks", app=app, entity=entity, name=name), 303))


@blueprint.get(f"{ADDRESS}/thanks", endpoint="thanks")
def thanks(app: str, entity: str, name: str) -> Response:
    """What people read after they sent it."""
    with visitor.workspace().reading(stranger()) as transaction:
        form = find_form(transaction, f"{app}.{entity}", name)
    said = form.view.options.get("thanks")
    again = url_for(".show", app=app, entity=entity, name=name) if form.open else None
    shown = {"heading": label(form.view.label), "thanks": label(said) if said else None, "again": again}
    return make_response(render_template("public_form_sent.html", **shown))


@blueprint.post(f"{ADDRESS}/preview", endpoint="preview")
def preview(app: str, entity: str, name: str) -> Response:
    """Which fields are to be seen and needed with what is typed; no value of any record is among it."""
    with visitor.workspace().reading(stranger()) as transaction:
        form = open_form(transaction, f"{app}.{entity}", name)
        whole = for_the_definition(transaction)
        bound = _bound(transaction, form, _plain(request.form))
        values = unsaved_values(whole, form.entity, bound.values, None)
        nodes = layout(whole, form.entity, values, frozenset(form.fields)).fields
        states = {
            each.path: {"hidden": each.hidden, "required": each.required, "locked": each.locked}
            for each in nodes
        }
    return jsonify({"values": {}, "states": states, "hidden_sections": []})


@blueprint.post(f"{ADDRESS}/switch", endpoint="switch")
def switch(app: str, entity: str, name: str) -> Response:
    """Opens or closes the form."""
    key, wanted = f"{app}.{entity}", request.form.get("open") == "yes"
    public_forms.switch(visitor.workspace(), visitor.person(), key, name, wanted)
    said = visitor.translated("The form is open") if wanted else visitor.translated("The form is closed")
    flash(said)
    return make_response(redirect(f"{entity_url(key)}?view={name}", 303))


def _bound(transaction: Transaction, form: PublicForm, sent: MultiDict[str, str]) -> Bound:
    """What was sent for the form's own fields."""
    return bind(for_the_definition(transaction), _laid_out(transaction, form).fields, sent)


def _laid_out(
    transaction: Transaction,
    form: PublicForm,
    values: Mapping[str, Any] | None = None,
    typed: Typed | None = None,
) -> Form:
    """The form with the defaults of its fields, and what was typed."""
    whole = for_the_definition(transaction)
    unsaved = unsaved_values(whole, form.entity, values or {}, None)
    return layout(whole, form.entity, unsaved, frozenset(form.fields), typed)


def _page(transaction: Transaction, form: PublicForm, shown: Shown) -> Response:
    view, key = form.view, form.entity.key
    typed = Typed(shown.bound.texts, shown.bound.titles, shown.problems)
    laid_out = _laid_out(transaction, form, shown.bound.values, typed)
    intro, button = view.options.get("intro"), view.options.get("button")
    app, _, entity = key.partition(".")
    fields = [form.entity.fields[name].definition for name in form.fields]
    page = render_template(
        "public_form.html",
        heading=label(view.label),
        intro=label(intro) if intro else None,
        button=label(button) if button else None,
        form=laid_out,
        record_id=None,
        live=any(each.show_when or each.required_when or each.read_only_when for each in fields),
        send_url=url_for(".send", app=app, entity=entity, name=view.name),
        preview_url=url_for(".preview", app=app, entity=entity, name=view.name),
        page=visitor.site_key().signer(PURPOSE).dumps([key, view.name, token_urlsafe(12)]),
        trap=TRAP,
        release=transaction.catalog.release,
        notice=shown.notice.to(visitor.locale()) if shown.notice else None,
        loose=[each.to(visitor.locale()) for each in laid_out.problems],
    )
    return make_response(page, shown.status, dict(shown.headers or {}))


def _plain(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was sent without what would name kept files: those come with the form itself, or not at all."""
    return MultiDict((name, text) for name, text in sent.items(multi=True) if not name.endswith(SUFFIX))


def _read(key: str, name: str) -> tuple[Bound, int]:
    """The values of the form's own fields, and by which release they were read."""
    person = stranger()
    with visitor.workspace().reading(person) as transaction:
        form = open_form(transaction, key, name)
    fields = form.entity.fields
    of_files = [
        each for each in form.fields if fields[each].type.files(fields[each].definition.options) is not None
    ]
    files = uploaded_into(person, form.entity, of_files)
    with visitor.workspace().reading(person) as transaction:
        form = open_form(transaction, key, name)
        plain = _plain(request.form).items(multi=True)
        sent = files.joined(MultiDict((path, text) for path, text in plain if path not in of_files))
        bound = files.told(_bound(transaction, form, sent))
        return bound, transaction.catalog.release


def _typed_only(key: str, name: str) -> Bound:
    """What was typed, without keeping any files of it."""
    with visitor.workspace().reading(stranger()) as transaction:
        form = open_form(transaction, key, name)
        return _bound(transaction, form, _plain(request.form))


def _page_sent(key: str, name: str) -> tuple[FormPage | None, Message | None]:
    """The page of the form that was filled in; why it is not taken."""
    if request.form.get(TRAP):
        return None, say("The last box has to stay empty; programs fill it in. Please send the form again.")
    try:
        (*whose, number), at = (
            visitor.site_key()
            .signer(PURPOSE)
            .loads(request.form.get("page", ""), int(TAKEN_FOR.total_seconds()), return_timestamp=True)
        )
    except (BadSignature, ValueError, TypeError):
        return None, say("This page was open for too long. Please look through it and send it again.")
    if whose != [key, name]:
        return None, say("This page was open for too long. Please look through it and send it again.")
    if datetime.now(UTC) - at < QUICKEST:
        return None, say("That was quicker than anybody types. Please send it once more.")
    return FormPage(str(number), at + 2 * TAKEN_FOR), None


def _again(key: str, name: str, shown: Shown) -> Response:
    with visitor.workspace().reading(stranger()) as transaction:
        return _page(transaction, open_form(transaction, key, name), shown)


def _refused(key: str, name: str, bound: Bound, error: InputRefused | TooMany) -> Response:
    """The same form with what was typed, and why it was not taken."""
    answer = answer_to(error)
    problems = problems_by_path(error.problems) if isinstance(error, InputRefused) else {}
    notice = error.message if isinstance(error, TooMany) else None
    return _again(key, name, Shown(bound, problems, notice, answer.status, answer.headers))


def _closed(error: NotFound) -> Response:
    page = render_template("public_form_sent.html", heading=error.message.to(visitor.locale()), closed=True)
    return make_response(page, 404)
