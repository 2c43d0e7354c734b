"""Moving a record from stage to stage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request

from blueprints import visitor
from blueprints.again import again, dialog_page, reading, refused_page, sent_revision, submitted
from blueprints.approval_view import every_step, forecast_nodes
from blueprints.opened import Opened, open_record
from blueprints.record_page import record_page
from blueprints.values import entity_url, label
from engine.commands import fire_transition
from engine.forms.bind import Bound, bind
from engine.forms.layout import layout, problems_by_path
from engine.forms.nodes import FieldNode, Typed
from engine.problems import InputRefused, NotFound, NotPossible, Refused
from engine.records.compute import bare
from engine.records.preview import preview
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.timeline import approvals, foresee
from engine.workflow.transitions import TransitionState, possible

blueprint = Blueprint("moves", __name__)


@blueprint.get("/<app>/<entity>/<int:identity>/transitions/<name>", endpoint="ask")
def ask(app: str, entity: str, identity: int, name: str) -> Response:
    """Asks for what a move needs: fields, a comment."""
    with reading() as transaction:
        opened = open_record(transaction, f"{app}.{entity}", identity)
        return _ask(transaction, opened, name, Typed(), 200)


@blueprint.post("/<app>/<entity>/<int:identity>/transitions/<name>/ask", endpoint="ask_with")
def ask_with(app: str, entity: str, identity: int, name: str) -> Response:
    """The same about what is typed in the record's form, which is not saved yet."""
    with reading() as transaction:
        opened = open_record(transaction, f"{app}.{entity}", identity)
        bound = bind(transaction, opened.form.fields, request.form)
        typed = {each: bare(value) for each, value in bound.values.items()}
        computed = preview(transaction, opened.entity.key, typed, identity).values
        changed = {each: bare(value) for each, value in {**computed, **typed}.items()}
        return _ask(transaction, opened, name, Typed(), 200, changed)


@blueprint.post("/<app>/<entity>/<int:identity>/transitions/<name>", endpoint="move")
def move(app: str, entity: str, identity: int, name: str) -> Response:
    """Moves a record to another stage, together with what was typed in its form, as one change."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        opened = open_record(transaction, key, identity)
        sent, note = submitted(transaction, key)
        bound = bind(transaction, opened.form.fields, sent)
        release = transaction.catalog.release
        state = state_of(transaction, opened, name)
        asked = bind(
            transaction,
            transition_nodes(transaction, opened, state.required if state else (), Typed()),
            request.form,
        )
        if bound.problems or note:
            return refused_page(transaction, opened, bound, InputRefused([]), note)
        if asked.problems:
            return _ask(transaction, opened, name, asked.typed, 422)
    changed = {
        each: value for each, value in bound.values.items() if bare(value) != bare(opened.record.get(each))
    }
    comment = request.form.get("transition-comment", "")
    values = {**_without_same_rows(opened, changed), **asked.values}
    try:
        fire_transition(
            visitor.workspace(),
            visitor.person(),
            key,
            identity,
            name,
            values,
            comment,
            sent_revision(),
            release,
        )
    except InputRefused as error:
        missing = {str(problem.where) for problem in error.problems}
        if "alone" in request.form and missing <= {"comment", *(state.required if state else ())}:
            with reading() as transaction:
                typed = Typed(asked.texts, asked.titles, _beneath_transition(error))
                return _ask(transaction, open_record(transaction, key, identity), name, typed, 422)
        return again(key, identity, _with_answers(bound, asked), error)
    except Refused as error:
        return again(key, identity, _with_answers(bound, asked), error)
    flash(visitor.translated("Done: {transition}", transition=label(state.label) if state else name))
    return make_response(redirect(entity_url(key, identity), 303))


def _ask(
    transaction: Transaction,
    opened: Opened,
    name: str,
    typed: Typed,
    status: int,
    changed: Mapping[str, Any] | None = None,
) -> Response:
    state = state_of(transaction, opened, name)
    if state is None:
        workflow = opened.entity.definition.workflow
        if workflow is None or name not in workflow.transitions:
            raise NotFound(
                say("{entity} has no transition '{name}'.", entity=opened.entity.definition.label, name=name)
            )
        raise NotPossible(
            say(
                "“{transition}” is not possible in the present stage.",
                transition=workflow.transitions[name].label,
            )
        )
    if not state.enabled and state.reason is not None:
        raise NotPossible(state.reason)
    context = record_page(transaction, opened)
    comment_problem = typed.problems.get("transition-comment")
    return dialog_page(
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
        **_forecast(transaction, opened, state, changed),
    )


def _forecast(
    transaction: Transaction, opened: Opened, state: TransitionState, changed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Who would be asked, as a picture, and why some steps are not needed."""
    if not state.approval or opened.identity is None:
        return {"approval": False}
    key = opened.entity.key
    going_on = next(
        (
            each
            for each in approvals(transaction, key, opened.identity)
            if each.transition == state.name and each.status == "returned"
        ),
        None,
    )
    steps = going_on.steps if going_on else foresee(transaction, key, opened.identity, state.name, changed)
    nodes = forecast_nodes(transaction, key, steps)
    reasons = [f"{node.label}: {node.why}" for node in every_step(nodes) if node.why]
    return {"approval": True, "forecast": nodes, "reasons": reasons}


def _with_answers(bound: Bound, asked: Bound) -> Bound:
    """The record's form as typed, with what was answered in the dialog under the same fields."""
    texts = {path.removeprefix("transition-"): text for path, text in asked.texts.items()}
    return replace(bound, values={**bound.values, **asked.values}, texts={**bound.texts, **texts})


def _beneath_transition(error: InputRefused) -> dict[str, Any]:
    return {f"transition-{path}": messages for path, messages in problems_by_path(error.problems).items()}


def _without_same_rows(opened: Opened, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out child rows that are as they are saved: those of the form hold only what can be changed."""
    found = dict(changed)
    for name in opened.entity.children:
        if name not in found:
            continue
        saved = [
            bare(row) if not isinstance(row, dict) else {k: bare(v) for k, v in row.items()}
            for row in opened.record.get(name) or ()
        ]
        same = len(saved) == len(found[name]) and all(
            sent.get("id") == row.get("id")
            and all(bare(value) == row.get(each) for each, value in sent.items())
            for sent, row in zip(found[name], saved, strict=True)
        )
        if same:
            del found[name]
    return found


def transition_nodes(
    transaction: Transaction, opened: Opened, names: Sequence[str], typed: Typed
) -> list[FieldNode]:
    """The fields that a move asks for, under paths of their own (`transition-lost_reason`)."""
    form = layout(transaction, opened.entity, opened.record, frozenset(names))
    known = {node.field.name: node for node in form.fields}
    nodes = []
    for name in names:
        each = opened.entity.fields[name]
        path = f"transition-{name}"
        node = known.get(name) or FieldNode(path, each, opened.entity.key, None, "")
        nodes.append(
            replace(
                node,
                path=path,
                hidden=False,
                locked=False,
                read_only=False,
                required=True,
                text=typed.texts.get(path, node.text),
                typed=typed.titles.get(path),
                problems=typed.problems.get(path, ()),
            )
        )
    return nodes


def state_of(transaction: Transaction, opened: Opened, name: str) -> TransitionState | None:
    """How a move stands at present; None when it does not start from the record's stage."""
    states = possible(transaction, opened.entity.key, dict(opened.record))
    return next((each for each in states if each.name == name), None)
