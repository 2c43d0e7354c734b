"""The pages of records: list, new, show, save, delete."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request

from blueprints import merging, visitor
from blueprints.again import again, dialog_page, openable_new, reading, refused_page, sent_revision, submitted
from blueprints.conditions import Draft, chosen
from blueprints.errors import Busy, answer_to
from blueprints.list_address import chosen_parts, read_address
from blueprints.lists import frame, list_page
from blueprints.opened import open_new, open_record
from blueprints.record_page import record_page
from blueprints.uploads import uploaded
from blueprints.values import entity_url, inside, label
from blueprints.views.drawing import Asking
from blueprints.views.registry import DRAWN
from engine.commands import create_record, delete_record, update_record
from engine.fields.field_type import ValueRefused
from engine.forms.bind import bind
from engine.problems import InputRefused, Refused, Stale
from engine.records.deletions import may_bring_back
from engine.records.personal import show_personal
from engine.records.restore import RESTORED_FOR
from engine.text import say

blueprint = Blueprint("records", __name__)

TRIES = 5
"""How often saving begins again when others save at the same moment."""


@blueprint.get("/<app>/<entity>", endpoint="listing")
def listing(app: str, entity: str) -> Response:
    """The list of an entity."""
    with reading() as transaction:
        compiled = transaction.catalog.entity(f"{app}.{entity}")
        asked = read_address(transaction, compiled, request.args)
        if chosen_again := chosen_parts(request.args):
            return make_response(redirect(asked.url(entity_url(compiled.key), **chosen_again)))
        draft, problem = None, None
        if "operator" in request.args:
            field, operator = request.args.get("field", ""), request.args.get("operator", "")
            draft = Draft(field, operator, tuple(request.args.getlist("value")))
            try:
                added = chosen(transaction, compiled, field, operator, draft.values)
            except ValueRefused as refused:
                problem = refused.message.to(visitor.locale())
            else:
                addresses = dict.fromkeys([*(each.address for each in asked.conditions), added.address])
                return make_response(redirect(asked.url(entity_url(compiled.key), where=list(addresses))))
        draw = DRAWN.get(asked.view.kind)
        if draw is None:
            context, status = list_page(transaction, compiled, asked, draft, problem)
            return make_response(render_template("list.html", **context), status)
        drawn = draw(Asking(transaction, compiled, asked, entity_url(compiled.key), request.args))
        status = 422 if drawn.problem or problem else 200
        if drawn.alone:
            return make_response(render_template(drawn.template, **drawn.context), status)
        around = frame(transaction, compiled, asked, draft, problem, drawn.problem)
        page = render_template("list.html", **{**around, **drawn.context, "body": drawn.template})
        return make_response(page, status)


@blueprint.get("/<app>/<entity>/new", endpoint="new")
def new(app: str, entity: str) -> Response:
    """An empty form; parameters of the address fill fields (`?account=12`)."""
    with reading() as transaction:
        opened = openable_new(transaction, f"{app}.{entity}")
        begun = bind(transaction, opened.form.fields, request.args)
        if begun.values:
            opened = open_new(transaction, f"{app}.{entity}", begun.values)
        return make_response(render_template("record.html", **record_page(transaction, opened)))


@blueprint.post("/<app>/<entity>", endpoint="create")
def create(app: str, entity: str) -> Response:
    """Writes a new record."""
    key = f"{app}.{entity}"
    files = uploaded(key)
    with reading() as transaction:
        opened = openable_new(transaction, key)
        sent, note = submitted(transaction, key)
        bound = files.told(bind(transaction, opened.form.fields, files.joined(sent)))
        if bound.problems or note:
            return refused_page(transaction, opened, bound, InputRefused([]), note)
        release = transaction.catalog.release
    try:
        record = create_record(visitor.workspace(), visitor.person(), key, bound.values, release)
    except (Refused, InputRefused) as error:
        return again(key, None, bound, error)
    flash(visitor.translated("{entity} created", entity=label(opened.entity.definition.label)))
    return make_response(redirect(entity_url(key, record["id"]), 303))


@blueprint.get("/<app>/<entity>/<int:identity>", endpoint="show")
def show_record(app: str, entity: str, identity: int) -> Response:
    """The page of a record."""
    with reading() as transaction:
        opened = open_record(transaction, f"{app}.{entity}", identity)
        return make_response(render_template("record.html", **record_page(transaction, opened)))


@blueprint.post("/<app>/<entity>/<int:identity>/show", endpoint="show_personal")
def show_hidden(app: str, entity: str, identity: int) -> Response:
    """The page of a record with a personal field in full; that it was asked for is written down."""
    key = f"{app}.{entity}"
    with visitor.workspace().writing(visitor.person()) as transaction:
        shown = show_personal(transaction, key, identity, request.form.getlist("field"))
        opened = open_record(transaction, key, identity, shown)
        return make_response(render_template("record.html", **record_page(transaction, opened)))


@blueprint.post("/<app>/<entity>/<int:identity>", endpoint="save")
def save(app: str, entity: str, identity: int) -> Response:
    """Writes what was changed."""
    key = f"{app}.{entity}"
    files = uploaded(key)
    with reading() as transaction:
        opened = open_record(transaction, key, identity)
        sent, note = submitted(transaction, key)
        bound = files.told(bind(transaction, opened.form.fields, files.joined(sent)))
        if bound.problems or note:
            return refused_page(transaction, opened, bound, InputRefused([]), note)
        release = transaction.catalog.release
    values, revision = merging.chosen(bound.values), sent_revision()
    said = visitor.translated("Saved")
    for _ in range(TRIES):
        try:
            update_record(visitor.workspace(), visitor.person(), key, identity, values, revision, release)
        except Stale as error:
            with reading() as transaction:
                opened = open_record(transaction, key, identity)
                found = merging.put_together(transaction, opened, values, revision)
                if found is None or found.conflicts:
                    conflicts = found.conflicts if found else ()
                    bound = merging.again_with(bound, found) if found else bound
                    return refused_page(transaction, opened, bound, error, conflicts=conflicts)
            values, revision = found.values, opened.record["revision"]
            said = told.to(visitor.locale()) if (told := merging.told(found.taken)) else said
        except (Refused, InputRefused) as error:
            return again(key, identity, bound, error)
        else:
            flash(said)
            return make_response(redirect(entity_url(key, identity), 303))
    raise Busy(say("This record is being changed all the time. Please save again."))


@blueprint.route("/<app>/<entity>/<int:identity>/delete", endpoint="delete", methods=["GET", "POST"])
def delete(app: str, entity: str, identity: int) -> Response:
    """Asks once, then deletes."""
    key = f"{app}.{entity}"
    refusal, status = None, 200
    if request.method == "POST":
        try:
            event = delete_record(visitor.workspace(), visitor.person(), key, identity, sent_revision())
        except Refused as error:
            refusal, status = error.message.to(visitor.locale()), answer_to(error).status
        else:
            # The category of a message is where what it tells of is undone.
            undo = "message" if event is None else f"{entity_url(key, identity)}/undo/{event}"
            flash(visitor.translated("Deleted"), undo)
            return make_response(redirect(entity_url(key), 303))
    with reading() as transaction:
        opened = open_record(transaction, key, identity)
        context = record_page(transaction, opened)
        comes_back = may_bring_back(transaction, opened.entity).allowed
    singular = label(opened.entity.definition.label)
    return dialog_page(
        context,
        opened,
        status,
        label=visitor.translated("Delete this {entity}?", entity=inside(singular)),
        confirm_label=visitor.translated("Delete"),
        lead_text=_for_a_while(context["title"]) if comes_back else _for_good(context["title"]),
        action_url=f"{opened.url}/delete",
        danger=True,
        refusal=refusal,
    )


def _for_a_while(title: str) -> str:
    return visitor.translated(
        "“{title}” can be brought back for {days} days, from “Recently deleted” in the menu of the list.",
        title=title,
        days=RESTORED_FOR.days,
    )


def _for_good(title: str) -> str:
    return visitor.translated(
        "“{title}” and its history entry stay in the log, but the record is gone.", title=title
    )
