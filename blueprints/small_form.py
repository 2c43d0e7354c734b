"""The small form of an action: comment, people, step; a page of its own that scripts show as a dialog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request

from blueprints import visitor
from blueprints.errors import answer_to
from blueprints.people_picker import picked
from blueprints.sign_in import own_address
from blueprints.task_actions import PageAction
from engine.forms.nodes import FieldNode
from engine.problems import InputRefused, Problem, Refused
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class SmallForm:
    """What is asked for an action, and about what: `crumbs` are (words, address)."""

    action: PageAction
    about: str
    url: str
    back: str
    crumbs: tuple[tuple[str, str], ...] = ()
    steps: Sequence[tuple[str, str]] = ()
    """Steps to choose from: (name, words)."""
    mapping: Sequence[Any] = ()
    nodes: Sequence[FieldNode] = ()
    request: str = ""
    explained: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    """What is sent along: (name, value)."""


def came_from(fallback: str) -> str:
    """The own address where the visitor goes afterwards."""
    sent = request.values.get("next")
    return own_address(sent) if sent else fallback


def form_page(
    transaction: Transaction, asked: SmallForm, error: Exception | None = None, to: Sequence[int] = ()
) -> Response:
    """The form, with what is wrong and what was typed."""
    problems: Mapping[str, list[str]] = {}
    refusal = None
    if isinstance(error, InputRefused):
        problems = _problems(error.problems, asked)
    elif isinstance(error, Refused):
        refusal = error.message.to(visitor.locale())
    page = render_template(
        "small_form.html",
        form=asked,
        label=asked.action.words,
        lead=visitor.translated(asked.action.lead.template) if asked.action.lead else "",
        problems=problems,
        loose=problems.get("", []),
        refusal=refusal,
        typed=request.form,
        people=picked(transaction, to),
    )
    return make_response(page, answer_to(error).status if error else 200)


def _problems(found: Sequence[Problem], asked: SmallForm) -> Mapping[str, list[str]]:
    """Sentences by the control at which they stand; those of no control under ""."""
    places = {"comment": "comment", "reason": "comment", "to": "to", "step": "step"}
    shown = {node.path for node in asked.nodes}
    sentences: dict[str, list[str]] = {}
    for each in found:
        path = str(each.where)
        at = places.get(path, "")
        if not at and f"answer-{path.removeprefix('values.')}" in shown:
            continue
        sentences.setdefault(at, []).append(each.message.to(visitor.locale()))
    return sentences
