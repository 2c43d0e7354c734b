"""One task: its page, which also opens beside the inbox, and what is done with it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

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

from blueprints import visitor
from blueprints.again import reading
from blueprints.answer_form import answer_nodes
from blueprints.approval_view import shown_approval
from blueprints.key_facts import facts_of
from blueprints.navigation import plural
from blueprints.people_picker import sent_people
from blueprints.small_form import SmallForm, came_from, form_page
from blueprints.task_actions import TASK_ACTIONS
from blueprints.values import entity_url, label
from engine import commands
from engine.forms.bind import Bound, bind
from engine.forms.layout import problems_by_path
from engine.forms.nodes import Typed
from engine.problems import InputRefused, NotFound, Problem, Refused, unknown
from engine.records.query import Query
from engine.records.read import page, titles
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.task_sheet import TaskSheet, task_sheet
from engine.workflow.tasks import Sent

blueprint = Blueprint("tasks", __name__)
OFFERED = 8


@blueprint.get("/inbox/tasks/<int:identity>", endpoint="show")
def show(identity: int) -> str:
    """A task with all that is needed to decide it."""
    with reading() as transaction:
        sheet = task_sheet(transaction, identity)
        entity = transaction.catalog.entity(sheet.entity)
        title = _title(transaction, sheet)
        back = came_from(url_for("inbox.show"))
        return render_template(
            "task.html",
            sheet=sheet,
            title=title,
            approval=shown_approval(transaction, sheet.entity, sheet.record_id, sheet.approval, back),
            step=label(sheet.step.label) if sheet.step else "",
            facts=facts_of(transaction, sheet.entity, sheet.record_id) if sheet.readable else None,
            record_url=entity_url(sheet.entity, sheet.record_id) if sheet.readable else None,
            singular=label(entity.definition.label),
            plural=plural(entity, visitor.locale()),
            icon_name=entity.definition.icon or "file",
        )


@blueprint.get("/inbox/tasks/<int:identity>/<action>", endpoint="act")
def ask(identity: int, action: str) -> Response:
    """Asks for what an action needs."""
    with reading() as transaction:
        sheet = task_sheet(transaction, identity)
        return form_page(transaction, _form(transaction, sheet, identity, action, Typed()))


@blueprint.post("/inbox/tasks/<int:identity>/<action>", endpoint="do")
def act(identity: int, action: str) -> Response:
    """Does an action on a task; what is refused stands in the form again."""
    to: tuple[int, ...] = ()
    typed = Typed()
    try:
        with reading() as transaction:
            sheet = task_sheet(transaction, identity)
            _known(action)
            to = sent_people(transaction)
            bound = _bound(transaction, sheet)
            typed = bound.typed
        DOING.get(action, _decide)(identity, action, to, _readable(bound))
    except (InputRefused, Refused) as error:
        with reading() as transaction:
            sheet = task_sheet(transaction, identity)
            if isinstance(error, InputRefused):
                typed = _with_problems(typed, error)
            asked = _form(transaction, sheet, identity, action, typed)
            return form_page(transaction, asked, error, to)
    flash(visitor.translated(TASK_ACTIONS[action].done.template))
    return make_response(redirect(came_from(url_for("inbox.show")), 303))


@blueprint.get("/inbox/people", endpoint="people")
def people() -> Response:
    """People for a mention: `text` is the beginning of a name or user name."""
    with reading() as transaction:
        query = Query(
            filter="active",
            search=request.args.get("text", ""),
            limit=OFFERED,
            fields=frozenset({"id", "name", "username"}),
        )
        found = page(transaction, "system.user", query).records
    return jsonify({"people": [{"username": each["username"], "name": each["name"]} for each in found]})


def _decide(identity: int, action: str, to: tuple[int, ...], values: Mapping[str, Any]) -> None:
    again = request.form.get("again")
    sent = Sent(
        comment=request.form.get("comment", ""),
        to=to,
        where=request.form.get("where", "before"),
        step=request.form.get("step") or None,
        again=None if again is None else again == "yes",
        values=values,
        request=request.form.get("request") or None,
    )
    commands.decide_task(visitor.workspace(), visitor.person(), identity, action, sent)


def _reassign(identity: int, _: str, to: tuple[int, ...], __: Mapping[str, Any]) -> None:
    reason = request.form.get("comment", "")
    commands.reassign_task(visitor.workspace(), visitor.person(), identity, to, reason)


DOING: Mapping[str, Callable[[int, str, tuple[int, ...], Mapping[str, Any]], None]] = {"reassign": _reassign}


def _known(action: str) -> None:
    if action not in TASK_ACTIONS:
        raise NotFound(unknown(say("There is no decision '{name}'.", name=action), action, TASK_ACTIONS))


def _form(transaction: Transaction, sheet: TaskSheet, identity: int, action: str, typed: Typed) -> SmallForm:
    _known(action)
    steps = {each.name: label(each.label) for each in sheet.approval.steps}
    returnable = sheet.step.returnable if sheet.step else ()
    form = sheet.step.form if sheet.step and action == "answer" else None
    title = _title(transaction, sheet)
    own = url_for("tasks.show", identity=identity)
    return SmallForm(
        action=TASK_ACTIONS[action],
        about=" · ".join(each for each in (label(sheet.step.label) if sheet.step else "", title) if each),
        url=url_for("tasks.do", identity=identity, action=action),
        back=came_from(own),
        crumbs=((visitor.translated("Inbox"), url_for("inbox.show")), (title, own)),
        steps=[(name, steps[name]) for name in returnable],
        nodes=answer_nodes(transaction, form, sheet.entity, typed) if form else (),
        request=uuid4().hex,
    )


def _bound(transaction: Transaction, sheet: TaskSheet) -> Bound:
    form = sheet.step.form if sheet.step else None
    if form is None:
        return Bound({})
    return bind(transaction, answer_nodes(transaction, form, sheet.entity, Typed()), request.form)


def _readable(bound: Bound) -> Mapping[str, Any]:
    """The values of an answer; InputRefused when one of them could not be read."""
    if bound.problems:
        raise InputRefused([])
    return {name: value for name, value in bound.values.items() if value is not None}


def _with_problems(typed: Typed, error: InputRefused) -> Typed:
    """What was typed, with the sentences of the engine at their fields."""
    named = [Problem(str(each.where).removeprefix("values."), each.message) for each in error.problems]
    found = {f"answer-{path}": messages for path, messages in problems_by_path(named).items()}
    return Typed(typed.texts, typed.titles, {**typed.problems, **found})


def _title(transaction: Transaction, sheet: TaskSheet) -> str:
    found = titles(transaction, sheet.entity, [sheet.record_id])
    return found.get(sheet.record_id) or f"#{sheet.record_id}"
