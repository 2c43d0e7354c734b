"""Approvals over HTTP: the inbox, decisions, the timeline of a record, substitutes, administration."""

from datetime import date
from typing import Any

from flask import request

from blueprints.api.answers import Answer, record_answer
from blueprints.api.approvals_json import entry_json, instance_json, standing_json, step_json
from blueprints.api.bodies import body_of, members
from blueprints.api.caller import Joined
from blueprints.api.parameters import read_limit
from engine import commands
from engine.fields.field_type import ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.problems import InputRefused, Malformed, Problem, unknown
from engine.records.read import get
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.inbox import Question, inbox
from engine.workflow.overview import standings
from engine.workflow.substitutes import Substitute, substitutes
from engine.workflow.tasks import Sent
from engine.workflow.timeline import approvals, foresee

STATES = {"open": "mine", "mine": "mine", "waiting": "waiting", "done": "done", "copied": "copied"}
SENT = {
    "comment": str,
    "to": list,
    "where": str,
    "step": str,
    "again": bool,
    "values": dict,
    "request": str,
    "reason": str,
}
"""What can be sent with a decision."""


def list_tasks(transaction: Transaction) -> Answer:
    """My inbox: `state` open (waiting for me), waiting (for others), done or copied."""
    parameters = request.args
    state = parameters.get("state", "open")
    if state not in STATES:
        sentence = say(
            "“{value}” is no state of tasks; it is one of {known}.", value=state, known=tuple(STATES)
        )
        raise Malformed(unknown(sentence, state, STATES))
    question = Question(
        box=STATES[state],
        app=parameters.get("app"),
        entity=parameters.get("entity"),
        transition=parameters.get("transition"),
        overdue=parameters.get("overdue") == "true",
        search=parameters.get("search", ""),
        limit=read_limit(parameters.get("limit")),
        after=parameters.get("after"),
    )
    page = inbox(transaction, question)
    locale = transaction.actor.locale
    return Answer({"tasks": [entry_json(each, locale) for each in page.entries], "next": page.next})


def post_decision(transaction: Transaction, task_id: int, decision: str) -> Answer:
    """Does an action on a task: approve, reject, return, transfer …; how things stand then."""
    body = body_of(request)
    members(body, SENT)
    workspace, actor = Joined(transaction), transaction.actor
    to = tuple(_people(body.get("to", [])))
    if decision == "reassign":
        commands.reassign_task(workspace, actor, task_id, to, body.get("reason", body.get("comment", "")))
        return Answer({"task": task_id, "decision": decision})
    sent = Sent(
        comment=body.get("comment", ""),
        to=to,
        where=body.get("where", "before"),
        step=body.get("step"),
        again=body.get("again"),
        values=body.get("values", {}),
        request=body.get("request"),
    )
    return Answer(commands.decide_task(workspace, actor, task_id, decision, sent))


def _people(sent: list[Any]) -> list[int]:
    """Ids of people, written as numbers or as `{"id"}`."""
    return _ids("to", sent)


def _ids(path: str, sent: list[Any]) -> list[int]:
    found = []
    for number, each in enumerate(sent):
        identity = each.get("id") if isinstance(each, dict) else each
        if not isinstance(identity, int) or isinstance(identity, bool):
            raise Malformed(
                say("“{path}” has to be {kind}.", path=f"{path}[{number}]", kind=say("a whole number"))
            )
        found.append(identity)
    return found


def list_approvals(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """The approvals of a record, the latest first, with what happened, who is asked and what comes next."""
    found = approvals(transaction, f"{app}.{entity}", record_id)
    return Answer({"approvals": [instance_json(each, transaction.actor.locale) for each in found]})


def get_route(transaction: Transaction, app: str, entity: str, record_id: int, name: str) -> Answer:
    """The steps that a transition would have to pass if the caller fired it now."""
    key = f"{app}.{entity}"
    get(transaction, key, record_id)
    steps = foresee(transaction, key, record_id, name)
    return Answer({"steps": [step_json(each, transaction.actor.locale) for each in steps]})


def post_withdraw(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Takes back what was submitted for approval; the record as it then is."""
    body = body_of(request)
    members(body, {"comment": str})
    key = f"{app}.{entity}"
    comment = body.get("comment", "")
    record = commands.withdraw(Joined(transaction), transaction.actor, key, record_id, comment)
    return record_answer(transaction, key, record)


def post_remind(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Reminds those who are asked, once an hour at most."""
    body = body_of(request)
    members(body, {"comment": str})
    key, comment = f"{app}.{entity}", body.get("comment", "")
    commands.remind(Joined(transaction), transaction.actor, key, record_id, comment)
    return Answer(None, 204)


def post_remark(transaction: Transaction, app: str, entity: str, record_id: int) -> Answer:
    """Keeps a `{comment}` on the approval of a record; who is mentioned as @username is told."""
    body = body_of(request)
    members(body, {"comment": str})
    commands.remark(
        Joined(transaction), transaction.actor, f"{app}.{entity}", record_id, body.get("comment", "")
    )
    return Answer(None, 204)


def post_instance(transaction: Transaction, instance_id: int, action: str) -> Answer:
    """What an administrator does with an approval: cancel, jump or migrate, each with a reason."""
    body = body_of(request)
    members(body, {"reason": str, "step": str, "mapping": dict})
    workspace, actor, reason = Joined(transaction), transaction.actor, body.get("reason", "")
    if action == "cancel":
        commands.cancel_approval(workspace, actor, instance_id, reason)
    elif action == "jump":
        commands.jump_to_step(workspace, actor, instance_id, body.get("step", ""), reason)
    else:
        mapping = {str(old): str(new) for old, new in body.get("mapping", {}).items()}
        commands.migrate_approval(workspace, actor, instance_id, mapping, reason)
    return Answer(None, 204)


def list_standings(transaction: Transaction) -> Answer:
    """Where the approvals that go on stand, by step and release; for administrators."""
    return Answer(
        {"standings": [standing_json(each, transaction.actor.locale) for each in standings(transaction)]}
    )


def post_migrate(transaction: Transaction) -> Answer:
    """Moves `{approvals, mapping, reason}` to the current release, each whole or not; for administrators."""
    body = body_of(request)
    members(body, {"approvals": list, "mapping": dict, "reason": str})
    ids = _ids("approvals", body.get("approvals", []))
    mapping = {str(old): str(new) for old, new in body.get("mapping", {}).items()}
    workspace, actor, reason = Joined(transaction), transaction.actor, body.get("reason", "")
    outcomes = commands.migrate_approvals(workspace, actor, dict.fromkeys(ids, mapping), reason)
    results = [
        {"id": each, "moved": refused is None, "reason": refused.to(actor.locale) if refused else None}
        for each, refused in outcomes.items()
    ]
    return Answer({"results": results})


def list_substitutes(transaction: Transaction) -> Answer:
    """Who is asked instead of me and when; for administrators of everybody."""
    return Answer({"substitutes": [_substitute(each) for each in substitutes(transaction)]})


def post_substitute(transaction: Transaction) -> Answer:
    """Names a substitute with `{substitute, first_day, last_day}`; administrators also say `person`."""
    body = body_of(request)
    members(body, {"substitute": int, "first_day": str, "last_day": str, "person": (int, type(None))})
    for name in ("substitute", "first_day", "last_day"):
        if name not in body:
            raise Malformed(say("“{path}” is missing.", path=name))
    identity = commands.name_substitute(
        Joined(transaction),
        transaction.actor,
        body["substitute"],
        _day(body, "first_day"),
        _day(body, "last_day"),
        body.get("person"),
    )
    return Answer({"id": identity}, 201)


def _day(body: dict[str, Any], name: str) -> date:
    try:
        day: date = FIELD_TYPES["date"].accept({}, body[name])
    except ValueRefused as refused:
        raise InputRefused([Problem(name, refused.message)]) from refused
    return day


def delete_substitute(transaction: Transaction, substitute_id: int) -> Answer:
    """Ends a substitution; tasks that were given stay where they are."""
    commands.remove_substitute(Joined(transaction), transaction.actor, substitute_id)
    return Answer(None, 204)


def _substitute(each: Substitute) -> dict[str, Any]:
    return {
        "id": each.id,
        "person": {"id": each.person.id, "title": each.person.title},
        "substitute": {"id": each.substitute.id, "title": each.substitute.title},
        "first_day": each.first_day.isoformat(),
        "last_day": each.last_day.isoformat(),
    }
