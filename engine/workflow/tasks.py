"""Deciding a task: who may, once and only once, and what is answered when it is asked again (rule 14)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from engine.access.scopes import require_scope
from engine.definition.approval import Collect
from engine.definition.check_flows import links_between
from engine.problems import InputRefused, NotAllowed, NotFound, NotPossible, Problem, beneath, unknown
from engine.records import write
from engine.records.lock import hold
from engine.schema.workflow_tables import workflow_request
from engine.text import Message, say
from engine.transaction import Transaction
from engine.workflow import store
from engine.workflow.answering import ACTIONS
from engine.workflow.firing import fire_by_itself
from engine.workflow.gate import Gate, open_gate, settle
from engine.workflow.mentions import tell_mentioned, tell_mentioned_by_somebody
from engine.workflow.state import Task
from engine.workflow.task_action import Answer, Doing, TaskAction, reason_against, refuse_people
from engine.workflow.work import Work


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent with a decision; `request` names it, so that it can be sent again."""

    comment: str = ""
    to: tuple[int, ...] = ()
    where: str = "before"
    step: str | None = None
    again: bool | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    request: str | None = None


def decide(transaction: Transaction, task_id: int, decision: str, sent: Sent) -> dict[str, Any]:
    """Does an action on a task and tells how things stand then.

    `{"task", "decision", "status", "instance", "instance_status", "stage"}`. Raises NotFound, NotAllowed
    (somebody else's task), NotPossible (already decided: by whom and when), InputRefused.
    """
    if decision not in ACTIONS:
        sentence = say("There is no decision '{name}'.", name=decision)
        raise NotFound(unknown(sentence, decision, ACTIONS))
    gate = open_gate(Work(transaction, fire_by_itself), store.instance_of_task(transaction, task_id))
    require_scope(transaction, "update", gate.entity)
    # Looked for behind the lock: of two equal requests the second waits, and finds the first one's answer.
    earlier = _answered(transaction, task_id, sent.request)
    if earlier is not None:
        return earlier
    task = gate.running.tasks[task_id]
    action = ACTIONS[decision]
    doing = Doing(gate.running, gate.flow, gate.around, task, _answer(sent))
    _refuse(transaction, gate, action, doing, sent)
    if isinstance(doing.step, Collect) and decision == "answer":
        doing.answer = _answer(sent, _write_answer(transaction, gate, doing.step, sent))
    action.do(doing)
    settle(gate)
    hidden = isinstance(doing.step, Collect) and doing.step.hide_from
    tell = tell_mentioned_by_somebody if hidden else tell_mentioned
    tell(transaction, gate.entity.key, gate.instance.record_id, sent.comment)
    answer = {
        "task": task_id,
        "decision": decision,
        "status": gate.running.tasks[task_id].status,
        "instance": gate.instance.id,
        "instance_status": gate.instance.status,
        "stage": _stage(transaction, gate),
    }
    _keep(transaction, task_id, sent.request, answer)
    return answer


def _answer(sent: Sent, record: int | None = None) -> Answer:
    return Answer(
        sent.comment.strip(), tuple(dict.fromkeys(sent.to)), sent.where, sent.step, sent.again, record
    )


def _refuse(transaction: Transaction, gate: Gate, action: TaskAction, doing: Doing, sent: Sent) -> None:
    actor, task = transaction.actor, doing.task
    if action.own and task.person != actor.id and not (task.person is None and actor.administrator):
        raise NotAllowed(_not_yours(gate, task))
    reason = reason_against(action, doing)
    if reason is not None:
        raise NotPossible(reason)
    problems = []
    if action.needs_people:
        problems += _people_problems(gate, action, doing)
    if action.name == "comment" and not sent.comment.strip():
        problems.append(Problem("comment", say("Write the comment.")))
    if problems:
        raise InputRefused(problems)


def _not_yours(gate: Gate, task: Task) -> Message:
    if task.person is None:
        return say("This is a task of the administrators.")
    return say("This task is {person}'s, not yours.", person=gate.around.name(task.person))


def _people_problems(gate: Gate, action: TaskAction, doing: Doing) -> list[Problem]:
    to = doing.answer.to
    if not to:
        return [Problem("to", say("Name the people: 'to' is a list of ids."))]
    if action.name in ("transfer", "delegate") and len(to) != 1:
        return [Problem("to", say("Name one person, not {count}.", count=len(to)))]
    present = gate.around.directory.active(to)
    for person in to:
        if person not in present:
            return [Problem("to", say("There is no active person {id}.", id=person))]
    refused = refuse_people(doing) if action.name in ("transfer", "delegate", "add_approver") else None
    return [Problem("to", refused)] if refused else []


def _write_answer(transaction: Transaction, gate: Gate, step: Collect, sent: Sent) -> int:
    """The form of a collection as a new record that links to the one that is asked about."""
    form = transaction.catalog.entity(step.form)
    link = links_between(form.definition, gate.entity.key)[0]
    acting = gate.work.whole if step.hide_from else transaction
    if link in sent.values:
        raise InputRefused([Problem(f"values.{link}", say("It is known already what this is about."))])
    try:
        return write.answer(acting, form.key, {**sent.values}, {link: gate.instance.record_id})
    except InputRefused as refused:
        raise InputRefused(beneath("values", each) for each in refused.problems) from refused


def _stage(transaction: Transaction, gate: Gate) -> str:
    """Where the record stands now; it moves only when the approval ends."""
    if gate.instance.status == gate.before.instance.status:
        return gate.held.stage or ""
    return hold(gate.work.whole, gate.entity, gate.instance.record_id).stage or ""


def _answered(transaction: Transaction, task_id: int, request: str | None) -> dict[str, Any] | None:
    """What the same request was answered before; InputRefused when it was about another task."""
    if request is None:
        return None
    table = workflow_request
    row = transaction.connection.execute(
        select(table.c.task_id, table.c.answer).where(
            table.c.user_id == transaction.actor.id, table.c.request == request
        )
    ).first()
    if row is None:
        return None
    if row.task_id != task_id:
        sentence = say(
            "The request “{request}” was about another task; a new one needs a new name.", request=request
        )
        raise InputRefused([Problem("request", sentence)])
    answer: dict[str, Any] = row.answer
    return answer


def _keep(transaction: Transaction, task_id: int, request: str | None, answer: Mapping[str, Any]) -> None:
    if request is not None and transaction.actor.id is not None:
        transaction.connection.execute(
            insert(workflow_request).values(
                user_id=transaction.actor.id,
                request=request,
                task_id=task_id,
                at=transaction.now,
                answer=dict(answer),
            )
        )
