"""The pages of records: list, new, show, save, delete, move; and what their forms ask for while typing."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from blueprints import visitor
from blueprints.conditions import chosen
from blueprints.errors import answer_to
from blueprints.lists import list_page, read_address
from blueprints.record_page import (
    Opened,
    Trouble,
    every_node,
    open_new,
    open_record,
    record_page,
    state_of,
    transition_nodes,
    unsaved_values,
)
from blueprints.values import entity_url, label, show
from engine.commands import create_record, delete_record, fire_transition, update_record
from engine.fields.field_type import ValueRefused
from engine.forms.bind import Bound, bind
from engine.forms.layout import Typed, hidden_sections, layout, problems_by_path
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Refused, Stale
from engine.records.compute import bare
from engine.records.read import choices as candidates
from engine.text import say
from engine.transaction import Transaction

blueprint = Blueprint("records", __name__)


@blueprint.get("/<app>/<entity>", endpoint="listing")
def listing(app: str, entity: str) -> Response:
    """The list of an entity."""
    with _reading() as transaction:
        compiled = transaction.catalog.entity(f"{app}.{entity}")
        asked = read_address(transaction, compiled, request.args)
        draft, problem = None, None
        if "operator" in request.args:
            draft = {name: request.args.get(name, "") for name in ("field", "operator", "value")}
            try:
                added = chosen(transaction, compiled, draft["field"], draft["operator"], draft["value"])
            except ValueRefused as refused:
                problem = refused.message.to(visitor.locale())
            else:
                addresses = dict.fromkeys([*(each.address for each in asked.conditions), added.address])
                return make_response(redirect(asked.url(entity_url(compiled.key), where=list(addresses))))
        context, status = list_page(transaction, compiled, asked, draft, problem)
        return make_response(render_template("list.html", **context), status)


@blueprint.get("/<app>/<entity>/new", endpoint="new")
def new(app: str, entity: str) -> Response:
    """An empty form; parameters of the address fill fields (`?account=12`)."""
    with _reading() as transaction:
        opened = _openable_new(transaction, f"{app}.{entity}")
        begun = bind(transaction, opened.form.fields, request.args)
        if begun.values:
            opened = open_new(transaction, f"{app}.{entity}", begun.values)
        return make_response(render_template("record.html", **record_page(transaction, opened)))


@blueprint.post("/<app>/<entity>", endpoint="create")
def create(app: str, entity: str) -> Response:
    """Writes a new record."""
    key = f"{app}.{entity}"
    with _reading() as transaction:
        opened = _openable_new(transaction, key)
        bound = bind(transaction, opened.form.fields, request.form)
        if bound.problems:
            return _refused(transaction, opened, bound, InputRefused([]))
    try:
        record = create_record(visitor.workspace(), visitor.person(), key, bound.values)
    except (Refused, InputRefused) as error:
        return _again(key, None, bound, error)
    flash(visitor.translated("{entity} created", entity=label(opened.entity.definition.label)))
    return make_response(redirect(entity_url(key, record["id"]), 303))


@blueprint.get("/<app>/<entity>/<int:identity>", endpoint="show")
def show_record(app: str, entity: str, identity: int) -> Response:
    """The page of a record."""
    with _reading() as transaction:
        opened = open_record(transaction, f"{app}.{entity}", identity)
        return make_response(render_template("record.html", **record_page(transaction, opened)))


@blueprint.post("/<app>/<entity>/<int:identity>", endpoint="save")
def save(app: str, entity: str, identity: int) -> Response:
    """Writes what was changed."""
    key = f"{app}.{entity}"
    with _reading() as transaction:
        opened = open_record(transaction, key, identity)
        bound = bind(transaction, opened.form.fields, request.form)
        if bound.problems:
            return _refused(transaction, opened, bound, InputRefused([]))
    try:
        update_record(visitor.workspace(), visitor.person(), key, identity, bound.values, _revision())
    except (Refused, InputRefused) as error:
        return _again(key, identity, bound, error)
    flash(visitor.translated("Saved"))
    return make_response(redirect(entity_url(key, identity), 303))


@blueprint.route("/<app>/<entity>/<int:identity>/delete", endpoint="delete", methods=["GET", "POST"])
def delete(app: str, entity: str, identity: int) -> Response:
    """Asks once, then deletes."""
    key = f"{app}.{entity}"
    refusal, status = None, 200
    if request.method == "POST":
        try:
            delete_record(visitor.workspace(), visitor.person(), key, identity, _revision())
        except Refused as error:
            refusal, status = error.message.to(visitor.locale()), answer_to(error).status
        else:
            flash(visitor.translated("Deleted"))
            return make_response(redirect(entity_url(key), 303))
    with _reading() as transaction:
        opened = open_record(transaction, key, identity)
        context = record_page(transaction, opened)
    singular = label(opened.entity.definition.label)
    return _dialog(
        context,
        opened,
        status,
        label=visitor.translated("Delete this {entity}?", entity=singular),
        confirm_label=visitor.translated("Delete"),
        lead_text=visitor.translated("“{title}” and its history entry stay in the log, but the record is gone.", title=context["title"]),
        action_url=f"{opened.url}/delete",
        danger=True,
        refusal=refusal,
    )


@blueprint.get("/<app>/<entity>/<int:identity>/transitions/<name>", endpoint="ask")
def ask(app: str, entity: str, identity: int, name: str) -> Response:
    """Asks for what a move needs: fields, a comment."""
    with _reading() as transaction:
        opened = open_record(transaction, f"{app}.{entity}", identity)
        return _ask(transaction, opened, name, Typed(), 200)


@blueprint.post("/<app>/<entity>/<int:identity>/transitions/<name>", endpoint="move")
def move(app: str, entity: str, identity: int, name: str) -> Response:
    """Moves a record to another stage, together with what was typed in its form, as one change."""
    key = f"{app}.{entity}"
    with _reading() as transaction:
        opened = open_record(transaction, key, identity)
        bound = bind(transaction, opened.form.fields, request.form)
        state = state_of(transaction, opened, name)
        asked = bind(transaction, transition_nodes(transaction, opened, state.required if state else (), Typed()), request.form)
        if bound.problems:
            return _refused(transaction, opened, bound, InputRefused([]))
        if asked.problems:
            return _ask(transaction, opened, name, asked.typed, 422)
    changed = {each: value for each, value in bound.values.items() if bare(value) != bare(opened.record.get(each))}
    comment = request.form.get("transition-comment", "")
    values = {**_without_same_rows(opened, changed), **asked.values}
    try:
        fire_transition(visitor.workspace(), visitor.person(), key, identity, name, values, comment, _revision())
    except InputRefused as error:
        missing = {str(problem.where) for problem in error.problems}
        if missing <= {"comment", *(state.required if state else ())}:
            with _reading() as transaction:
                typed = Typed(asked.texts, asked.titles, _beneath_transition(error))
                return _ask(transaction, open_record(transaction, key, identity), name, typed, 422)
        return _again(key, identity, bound, error)
    except Refused as error:
        return _again(key, identity, bound, error)
    flash(visitor.translated("Done: {transition}", transition=label(state.label) if state else name))
    return make_response(redirect(entity_url(key, identity), 303))


@blueprint.post("/<app>/<entity>/preview", endpoint="preview_new")
def preview_new(app: str, entity: str) -> Response:
    """What a new record would be, while it is typed."""
    with _reading() as transaction:
        return _preview(transaction, _openable_new(transaction, f"{app}.{entity}"))


@blueprint.post("/<app>/<entity>/<int:identity>/preview", endpoint="preview")
def preview(app: str, entity: str, identity: int) -> Response:
    """What a record would be with what is typed."""
    with _reading() as transaction:
        return _preview(transaction, open_record(transaction, f"{app}.{entity}", identity))


@blueprint.post("/<app>/<entity>/choices/<field>", endpoint="choices")
def choices(app: str, entity: str, field: str) -> Response:
    """Records for the search box of a link field; the rest of the form decides with `only`.

    `path` names the box: `account-title`, `lines-0-product-title`; `text` is what was typed.
    """
    key = f"{app}.{entity}"
    with _reading() as transaction:
        compiled = transaction.catalog.entity(key)
        each = compiled.fields.get(field)
        if each is None or each.type.target(each.definition.options) is None:
            raise NotFound(say("{entity} has no link '{name}'.", entity=compiled.definition.label, name=field))
        prefix = request.form.get("path", "").removesuffix(f"{field}-title")
        own = MultiDict((name.removeprefix(prefix), value) for name, value in request.form.items(multi=True) if name.startswith(prefix))
        everything = frozenset(compiled.fields) - {field}
        values = {} if prefix else _saved(transaction, key)
        form = layout(transaction, compiled, values, everything)
        values |= {name: bare(value) for name, value in bind(transaction, form.fields, own).values.items()}
        found = candidates(transaction, key, field, request.form.get("text", ""), values)
        return jsonify({"choices": [{"id": str(link.id), "title": link.title} for link in found]})


def _reading() -> Any:
    return visitor.workspace().reading(visitor.person())


def _openable_new(transaction: Transaction, key: str) -> Opened:
    opened = open_new(transaction, key, {})
    if not opened.rights.writable:
        raise NotAllowed(say("No rule lets you create {entity}.", entity=opened.entity.definition.label))
    return opened


def _revision() -> int | None:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isdigit() else None


def _saved(transaction: Transaction, key: str) -> dict[str, Any]:
    identity = request.args.get("record", "")
    if not identity.isdigit():
        return {}
    return dict(open_record(transaction, key, int(identity)).record)


def _again(key: str, identity: int | None, bound: Bound, error: Exception) -> Response:
    """The form once more, after writing was refused."""
    with _reading() as transaction:
        opened = open_record(transaction, key, identity) if identity else open_new(transaction, key, {})
        return _refused(transaction, opened, bound, error)


def _refused(transaction: Transaction, opened: Opened, bound: Bound, error: Exception) -> Response:
    """The same form with what was typed and what is wrong with it."""
    problems = dict(bound.problems)
    if isinstance(error, InputRefused):
        for path, messages in problems_by_path(error.problems).items():
            problems[path] = (*problems.get(path, ()), *messages)
    trouble = Trouble(
        typed=Typed(bound.texts, bound.titles, problems),
        values=bound.values,
        stale=error.message if isinstance(error, Stale) else None,
        refusal=error.message if isinstance(error, Refused) and not isinstance(error, Stale) else None,
    )
    page = render_template("record.html", **record_page(transaction, opened, trouble))
    return make_response(page, answer_to(error).status)


def _ask(transaction: Transaction, opened: Opened, name: str, typed: Typed, status: int) -> Response:
    state = state_of(transaction, opened, name)
    if state is None:
        workflow = opened.entity.definition.workflow
        if workflow is None or name not in workflow.transitions:
            raise NotFound(say("{entity} has no transition '{name}'.", entity=opened.entity.definition.label, name=name))
        raise NotPossible(
            say("“{transition}” is not possible in the present stage.", transition=workflow.transitions[name].label)
        )
    if not state.enabled and state.reason is not None:
        raise NotPossible(state.reason)
    context = record_page(transaction, opened)
    comment_problem = typed.problems.get("transition-comment")
    return _dialog(
        context,
        opened,
        status,
        label=label(state.label),
        action_url=f"{opened.url}/transitions/{name}",
        nodes=transition_nodes(transaction, opened, state.required, typed),
        asks_comment=True,
        comment_required=state.comment_required,
        comment_problem=comment_problem[0].to(visitor.locale()) if comment_problem else None,
        comment=request.form.get("transition-comment", ""),
    )


def _dialog(context: Mapping[str, Any], opened: Opened, status: int, **about: Any) -> Response:
    shared = {name: context[name] for name in ("title", "app_label", "plural", "list_url", "record_id")}
    shared |= {"record_url": opened.url, "revision": opened.record.get("revision"), "nodes": []}
    return make_response(render_template("transition.html", **shared | about), status)


def _beneath_transition(error: InputRefused) -> dict[str, Any]:
    return {f"transition-{path}": messages for path, messages in problems_by_path(error.problems).items()}


def _without_same_rows(opened: Opened, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out child rows that are as they are saved: those of the form hold only what can be changed."""
    found = dict(changed)
    for name in opened.entity.children:
        if name not in found:
            continue
        saved = [bare(row) if not isinstance(row, dict) else {k: bare(v) for k, v in row.items()} for row in opened.record.get(name) or ()]
        same = len(saved) == len(found[name]) and all(
            sent.get("id") == row.get("id") and all(bare(value) == row.get(each) for each, value in sent.items())
            for sent, row in zip(found[name], saved, strict=True)
        )
        if same:
            del found[name]
    return found


def _preview(transaction: Transaction, opened: Opened) -> Response:
    """Shown values and states of all fields, under the paths by which the page knows them."""
    bound = bind(transaction, opened.form.fields, request.form)
    values = unsaved_values(transaction, opened.entity, bound.values, opened.identity)
    form = layout(transaction, opened.entity, values, opened.rights.writable)
    sent_as = {
        f"{name}-{number}": path for name, paths in bound.row_paths.items() for number, path in enumerate(paths)
    }
    shown, states = {}, {}
    for node in every_node(form.fields):
        path = _sent_path(node.path, sent_as)
        states[path] = {"hidden": node.hidden, "required": node.required, "locked": node.locked}
        if node.read_only and node.rows is None:
            shown[path] = str(show(node.field, node.value)) or BLANK
    return jsonify(
        {
            "values": shown,
            "states": states,
            "hidden_sections": sorted(hidden_sections(transaction, opened.entity, values)),
        }
    )


BLANK = '<span class="value-blank">–</span>'


def _sent_path(path: str, sent_as: Mapping[str, str]) -> str:
    row = "-".join(path.split("-")[:2])
    return path.replace(row, sent_as[row], 1) if row in sent_as else path
