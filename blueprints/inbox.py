"""`/inbox`: what waits for me or for others, what I have done, what I was told; several at once."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Blueprint, Response, make_response, render_template, request, url_for

from blueprints import visitor
from blueprints.again import reading
from blueprints.key_facts import key_facts
from blueprints.results import Result
from blueprints.task_actions import TASK_ACTIONS
from blueprints.values import entity_url, label
from engine import commands
from engine.problems import InputRefused, Malformed, Refused
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.inbox import BOXES, Entry, Question, box_labels, inbox
from engine.workflow.tallies import COUNTED_AT_MOST, subjects, tally
from engine.workflow.task_action import STATUS_WORDS
from engine.workflow.tasks import Sent

blueprint = Blueprint("inbox", __name__)
SHOWN = 25
MOST = 100
KEPT = ("box", "app", "entity", "transition", "overdue", "q")
BULK = ("approve", "reject")


@blueprint.get("/inbox", endpoint="show")
def show() -> Response:
    """A box of the inbox."""
    return _page([])


@blueprint.post("/inbox/decide", endpoint="decide")
def decide() -> Response:
    """Approves or rejects several tasks, each in a transaction of its own, and tells what came of each."""
    decision = request.form.get("decision", "")
    if decision not in BULK:
        raise Malformed(say("Several tasks can be approved or rejected, nothing else."))
    chosen = list(dict.fromkeys(each for each in request.form.getlist("task") if each.isdigit()))[:MOST]
    sent_as = request.form.get("request") or uuid4().hex
    comment = request.form.get("comment", "")
    results = []
    for each in chosen:
        title = request.form.get(f"title-{each}", "") or f"#{each}"
        url = url_for("tasks.show", identity=int(each))
        sent = Sent(comment=comment, request=f"{sent_as}:{each}")
        try:
            commands.decide_task(visitor.workspace(), visitor.person(), int(each), decision, sent)
        except Refused as refused:
            results.append(Result(title, url, done=False, sentence=refused.message.to(visitor.locale())))
        except InputRefused as refused:
            sentence = refused.problems[0].message.to(visitor.locale())
            results.append(Result(title, url, done=False, sentence=sentence))
        else:
            done = visitor.translated(TASK_ACTIONS[decision].done.template)
            results.append(Result(title, url, done=True, sentence=done))
    return _page(results, nothing_chosen=not chosen)


def _page(results: list[Result], *, nothing_chosen: bool = False) -> Response:
    asked = {name: request.values.get(name, "").strip() for name in KEPT}
    box = asked["box"] or "mine"
    question = Question(
        box=box,
        app=asked["app"] or None,
        entity=asked["entity"] or None,
        transition=asked["transition"] or None,
        overdue=asked["overdue"] == "1",
        search=asked["q"],
        limit=SHOWN,
        after=request.args.get("after") or None,
    )
    with reading() as transaction:
        found = inbox(transaction, question)
        counts = tally(transaction)
        about = subjects(transaction, box)
        facts = key_facts(transaction, [(each.entity, each.record.id) for each in found.entries])
        rows = [_row(transaction, each, facts, asked) for each in found.entries]
    kept = {name: value for name, value in asked.items() if value}
    narrowed = any(value for name, value in asked.items() if name != "box")
    page = render_template(
        "inbox.html",
        box=box,
        tabs=[_tab(name, words.template, counts[name], box) for name, words in box_labels()],
        rows=rows,
        asked=asked,
        kept=kept,
        narrowed=narrowed,
        clear_url=url_for("inbox.show", box=box),
        next_url=f"{url_for('inbox.show')}?{urlencode({**kept, 'after': found.next})}"
        if found.next
        else None,
        first_url=f"{url_for('inbox.show')}?{urlencode(kept)}" if question.after else None,
        apps={each.app: label(each.app_label) for each in about},
        entities={each.entity: label(each.entity_label) for each in about},
        transitions={each.transition: label(each.transition_label) for each in about},
        bulk=box == "mine" and any(row["bulk"] for row in rows),
        request_id=uuid4().hex,
        results=results,
        nothing_chosen=nothing_chosen,
        answers={status: words.template for status, words in STATUS_WORDS.items()},
        failed=sum(not each.done for each in results),
    )
    return make_response(page)


def _tab(name: str, words: str, count: int, box: str) -> dict[str, Any]:
    return {
        "label": visitor.translated(words),
        "count": f"{COUNTED_AT_MOST}+" if count > COUNTED_AT_MOST else str(count),
        "url": url_for("inbox.show", box=None if name == next(iter(BOXES)) else name),
        "current": name == box,
    }


def _row(transaction: Transaction, each: Entry, facts: Any, asked: dict[str, str]) -> dict[str, Any]:
    entity = transaction.catalog.entity(each.entity).definition
    here = f"{url_for('inbox.show')}?{urlencode({name: value for name, value in asked.items() if value})}"
    revise = each.kind == "revise"
    url = url_for("tasks.show", identity=each.id, next=here.rstrip("?"))
    return {
        "entry": each,
        "asks": _asks(each),
        "title": each.record.title or f"#{each.record.id}",
        "icon": entity.icon or "file",
        "url": entity_url(each.entity, each.record.id) if revise else url,
        "opens": not revise,
        "facts": facts.get((each.entity, each.record.id), ()),
        "entity": label(each.entity_label),
        "incident": each.incident.to(visitor.locale()) if each.incident else "",
        "bulk": "approve" in each.decisions,
        "decisions": [
            {
                "name": name,
                "label": TASK_ACTIONS[name].words,
                "icon": TASK_ACTIONS[name].icon,
                "url": url_for("tasks.act", identity=each.id, action=name, next=here.rstrip("?")),
            }
            for name in BULK
            if name in each.decisions
        ],
    }


def _asks(each: Entry) -> str:
    """What is asked, in a few words."""
    step, transition = label(each.step_label), label(each.transition_label)
    if each.kind in ASKS:
        return visitor.translated(ASKS[each.kind].template, step=step, transition=transition)
    return f"{transition} · {step}"


ASKS = {
    "answer": say("Fill in: {step}"),
    "choose": say("Choose who is asked: {step}"),
    "tie": say("Decide the tie: {step}"),
    "revise": say("Sent back to you: {transition}"),
    "incident": say("Cannot go on: {transition} · {step}"),
}
