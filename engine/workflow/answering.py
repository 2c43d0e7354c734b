"""What people do with their tasks (rule 11): one entry an action."""

from collections.abc import Mapping
from typing import Any

from engine.definition.approval import Ask, Collect
from engine.text import Message, say
from engine.workflow import asking, course
from engine.workflow.machine import advance
from engine.workflow.state import Task
from engine.workflow.task_action import STATUS_WORDS, Doing, TaskAction


def _approve(doing: Doing) -> None:
    _decide(doing, "approved")


def _reject(doing: Doing) -> None:
    _decide(doing, "rejected")


def _decide(doing: Doing, status: str) -> None:
    running, task, comment = doing.running, doing.task, doing.answer.comment
    opinion = task.relation == "delegated" or _is_only_heard(doing, status)
    answered = running.answer(task, "answered" if opinion else status, comment, detail=_said(task, status))
    running.note(
        "answered_for" if opinion else status, task=answered, comment=comment, detail={"answer": status}
    )
    if task.relation == "delegated" or (task.relation == "before" and (opinion or status == "approved")):
        _give_back(doing)
    if status == "approved" and not opinion:
        for each in running.seat(task):
            if each.origin == task.id and each.relation == "after" and each.status == "waiting":
                _ask(doing, running.open(each))
    advance(running, doing.flow, doing.around)


def _said(task: Task, status: str) -> dict[str, Any]:
    return {**task.detail, "said": status}


def _is_only_heard(doing: Doing, status: str) -> bool:
    """In a vote, and before the one who decides alone, an added person is heard and does not decide."""
    kind = doing.step.decide.kind if isinstance(doing.step, Ask) else "all"
    if doing.task.relation == "before":
        return kind == "vote" or (kind == "any" and status == "rejected")
    return doing.task.relation == "after" and kind == "vote"


def _give_back(doing: Doing) -> None:
    """The one who delegated, or who let others speak first, is asked again once nobody is left."""
    running, task = doing.running, doing.task
    holder = running.tasks.get(task.origin) if task.origin is not None else None
    if holder is None or holder.status not in ("delegated", "waiting"):
        return
    before = [
        each
        for each in running.seat(task)
        if each.origin == holder.id
        and each.relation in ("before", "delegated")
        and each.status in ("open", "delegated", "waiting")
    ]
    if not before:
        _ask(doing, running.open(holder))


def _ask(doing: Doing, task: Task) -> None:
    message = say("Please decide '{step}': {title}.", step=doing.step.label, title=doing.around.title())
    round_ = sum(each.kind == task.kind for each in doing.running.happenings)
    doing.running.tell(
        "task", [task.person], message, f"task:{{task}}:again:{doing.running.now}:{round_}", task
    )


def _return(doing: Doing) -> None:
    answer = doing.answer
    again = doing.flow.approval.after_return == "start_again" if answer.again is None else answer.again
    doing.running.answer(doing.task, "returned", answer.comment)
    course.give_back(
        doing.running, doing.flow, doing.around, doing.task, answer.step, answer.comment, again=again
    )


def _refuse_return(doing: Doing) -> Message | None:
    if doing.task.relation in ("delegated", "before", "after"):
        return say("Only the one who was asked at first can send it back.")
    return course.refuse_return(doing.running, doing.flow, doing.task, doing.answer.step)


def _transfer(doing: Doing) -> None:
    running, task, (person,) = doing.running, doing.task, doing.answer.to[:1]
    done = running.answer(task, "transferred", doing.answer.comment)
    given = running.add_task(
        doing.state,
        task.kind,
        person,
        seat=task.seat,
        weight=task.weight,
        origin=task.id,
        relation="transferred" if task.relation is None or task.relation == "escalated" else task.relation,
        due_at=task.due_at,
        detail={key: value for key, value in task.detail.items() if key == "veto"},
    )
    if task.relation in ("before", "after", "delegated"):
        # Whoever waits for the one who gave it away now waits for the new one.
        running.change_task(given, origin=task.origin)
    running.note("transferred", task=done, comment=doing.answer.comment, detail={"to": person})
    _ask(doing, given)


def _delegate(doing: Doing) -> None:
    running, task, (person,) = doing.running, doing.task, doing.answer.to[:1]
    running.change_task(task, status="delegated")
    given = running.add_task(
        doing.state,
        task.kind,
        person,
        seat=task.seat,
        origin=task.id,
        relation="delegated",
        due_at=task.due_at,
    )
    running.note("delegated", task=task, comment=doing.answer.comment, detail={"to": person})
    _ask(doing, given)


def _add_approver(doing: Doing) -> None:
    running, task, answer = doing.running, doing.task, doing.answer
    before = answer.where == "before"
    for person in answer.to:
        added = running.add_task(
            doing.state,
            "decide",
            person,
            status="open" if before else "waiting",
            seat=task.seat,
            origin=task.id,
            relation=answer.where,
            due_at=task.due_at,
        )
        if before:
            _ask(doing, added)
    if before:
        running.change_task(task, status="waiting")
    running.note(
        "approver_added",
        task=task,
        comment=answer.comment,
        detail={"to": list(answer.to), "where": answer.where},
    )


def _refuse_add(doing: Doing) -> Message | None:
    if doing.task.kind != "decide" or doing.answer.where not in ("before", "after"):
        return say("People are added 'before' or 'after' the one who was asked.")
    return None


def _remove_approver(doing: Doing) -> None:
    running, task = doing.running, doing.task
    removed = running.answer(task, "cancelled", doing.answer.comment)
    running.note("approver_removed", task=removed, comment=doing.answer.comment)
    if task.relation == "before":
        _give_back(doing)
    advance(running, doing.flow, doing.around)


def _refuse_remove(doing: Doing) -> Message | None:
    if doing.task.relation not in ("before", "after"):
        return say("Only people who were added can be removed.")
    holder = doing.running.tasks.get(doing.task.origin or 0)
    if holder is None or holder.person != doing.running.actor:
        return say("Only the one who added somebody can remove them.")
    return None


def _copy(doing: Doing) -> None:
    asking.copy_to(doing.running, doing.around, doing.state, doing.answer.to)
    doing.running.note(
        "copied", task=doing.task, comment=doing.answer.comment, detail={"to": list(doing.answer.to)}
    )


def _choose(doing: Doing) -> None:
    running, task, step = doing.running, doing.task, doing.step
    assert isinstance(step, (Ask, Collect))
    chosen = running.answer(task, "chosen", doing.answer.comment, detail={"to": list(doing.answer.to)})
    running.note("chosen", task=chosen, comment=doing.answer.comment, detail={"to": list(doing.answer.to)})
    running.cancel(running.tasks_of(doing.state))
    found = doing.around.people(step, doing.answer.to)
    asking.seat_people(running, doing.flow, doing.around, step, doing.state, found)
    advance(running, doing.flow, doing.around)


def _refuse_choice(doing: Doing) -> Message | None:
    step = doing.step
    assert isinstance(step, (Ask, Collect))
    chooser = next(each for each in step.approvers if each.kind in asking.CHOOSERS)
    count = len(set(doing.answer.to))
    most = 0 if chooser.kind == "previous_approver_chooses" else chooser.last
    if doing.answer.to and (count < chooser.first or 0 < most < count):
        return say(
            "Choose {least} to {most} people; you chose {count}.",
            least=chooser.first,
            most=most or "…",
            count=count,
        )
    return None


def _fill_in(doing: Doing) -> None:
    running = doing.running
    done = running.answer(doing.task, "answered", doing.answer.comment, answer=doing.answer.record)
    running.note("answered", task=done, comment=doing.answer.comment)
    advance(running, doing.flow, doing.around)


def _comment(doing: Doing) -> None:
    doing.running.note("commented", task=doing.task, comment=doing.answer.comment)


def _take_back(doing: Doing) -> None:
    course.take_back(doing.running, doing.flow, doing.task, doing.answer.comment)


def _refuse_take_back(doing: Doing) -> Message | None:
    return course.refuse_take_back(doing.running, doing.task)


ACTIONS: Mapping[str, TaskAction] = {
    action.name: action
    for action in (
        TaskAction("approve", _approve),
        TaskAction("reject", _reject),
        TaskAction("return", _return, kinds=("decide",), right="return", refuses=_refuse_return),
        TaskAction(
            "transfer", _transfer, kinds=("decide", "tie", "answer"), needs_people=True, right="transfer"
        ),
        TaskAction("delegate", _delegate, needs_people=True, right="delegate"),
        TaskAction(
            "add_approver",
            _add_approver,
            kinds=("decide",),
            needs_people=True,
            right="add_approver",
            refuses=_refuse_add,
        ),
        TaskAction(
            "remove_approver",
            _remove_approver,
            kinds=("decide",),
            statuses=("open", "waiting", "delegated"),
            refuses=_refuse_remove,
            own=False,
        ),
        TaskAction(
            "take_back", _take_back, kinds=("decide",), statuses=("approved",), refuses=_refuse_take_back
        ),
        TaskAction("choose", _choose, kinds=("choose",), needs_people=True, refuses=_refuse_choice),
        TaskAction("answer", _fill_in, kinds=("answer",)),
        TaskAction("copy", _copy, kinds=("decide", "tie", "answer"), needs_people=True, right="copy"),
        TaskAction(
            "comment",
            _comment,
            kinds=("decide", "tie", "answer", "choose", "copy", "incident"),
            statuses=tuple(STATUS_WORDS),
        ),
    )
}
"""Every action of a person on a task, by the name that it has in the API."""
