"""How a step asks people: who gets a task, in which order, until when; and what their answers come to."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from engine.definition.approval import Ask, Collect
from engine.text import Message, Text, say
from engine.workflow.flow import Flow
from engine.workflow.running import Running
from engine.workflow.state import StepState, Task, Timer
from engine.workflow.surroundings import Asked, Found, Surroundings
from engine.workflow.verdict import Seat, read_seats, verdict

CHOOSERS = ("chosen_by", "previous_approver_chooses")


def begin_ask(running: Running, flow: Flow, around: Surroundings, step: Ask, state: StepState) -> None:
    """Asks the approvers, or first the one who chooses them."""
    state = _due(running, around, step, state)
    if _ask_who_chooses(running, flow, around, step, state):
        return
    seat_people(running, flow, around, step, state, around.people(step, ()))


def begin_collect(
    running: Running, flow: Flow, around: Surroundings, step: Collect, state: StepState
) -> None:
    """Asks everybody for an answer."""
    state = _due(running, around, step, state)
    if _ask_who_chooses(running, flow, around, step, state):
        return
    seat_people(running, flow, around, step, state, around.people(step, ()))


def _due(running: Running, around: Surroundings, step: Ask | Collect, state: StepState) -> StepState:
    """The step with its due time, an instant from now on, and the timer that watches it."""
    if step.due is None:
        return state
    due = around.after(step.due)
    running.timers.append(Timer("overdue", due, "", state.id))
    return running.change_step(state, due_at=due)


def _ask_who_chooses(
    running: Running, flow: Flow, around: Surroundings, step: Ask | Collect, state: StepState
) -> bool:
    """Whether somebody is asked first whom to ask."""
    chooser = next((each for each in step.approvers if each.kind in CHOOSERS), None)
    if chooser is None:
        return False
    if chooser.kind == "chosen_by":
        people = around.everyone([replace(chooser, kind="path")])
    else:
        deciders = last_deciders(running, flow, step) or (running.instance.submitter,)
        people = tuple(each for each in deciders if each is not None)
    if not people:
        incident(running, state, say("There is nobody to choose who is asked in '{step}'.", step=step.label))
        return True
    for person in people:
        tell_asked(running, around, step, running.add_task(state, "choose", person))
    running.note("choice_asked", step.name, detail={"people": list(people)})
    return True


def last_deciders(running: Running, flow: Flow, step: Ask | Collect) -> tuple[int | None, ...]:
    """Who said yes in the step before that was decided by people."""
    earlier = [
        state
        for state in running.steps.values()
        if state.counts and state.status == "approved" and flow.before(state.name, step.name)
    ]
    for state in sorted(earlier, key=lambda each: flow.order[each.name], reverse=True):
        people = [task.decided_by for task in running.tasks_of(state) if task.status == "approved"]
        if people:
            return tuple(dict.fromkeys(people))
    return ()


def seat_people(
    running: Running, flow: Flow, around: Surroundings, step: Ask | Collect, state: StepState, found: Found
) -> None:
    """Gives each of those who were found a task; with nobody: skipped, rejected or an incident."""
    if found.nobody in ("skip", "reject"):
        outcome = "skipped" if found.nobody == "skip" else "rejected"
        running.change_step(state, status=outcome)
        running.note(f"step_{outcome}", step.name, detail={"because": "nobody"})
        return
    if not found.people:
        incident(running, state, say("In '{step}' nobody is left to ask.", step=step.label))
        return
    if isinstance(step, Ask) and step.decide.kind == "vote" and len(found.people) < step.decide.quorum:
        sentence = "'{step}' needs {quorum} votes, and only {count} people can vote."
        incident(
            running,
            state,
            say(sentence, step=step.label, quorum=step.decide.quorum, count=len(found.people)),
        )
        return
    if isinstance(step, Ask):
        _seat_approvers(running, flow, around, step, state, found.people)
    else:
        tasks = [
            running.add_task(state, "answer", asked.person, seat=seat, instead_of=asked.instead_of)
            for seat, asked in enumerate(found.people)
        ]
        for task in tasks:
            tell_asked(running, around, step, task)
    running.note(
        "asked",
        step.name,
        detail={
            "people": [each.person for each in found.people],
            "instead_of": {str(each.person): each.instead_of for each in found.people if each.instead_of},
        },
    )


def _seat_approvers(
    running: Running, flow: Flow, around: Surroundings, step: Ask, state: StepState, people: Sequence[Asked]
) -> None:
    weights = around.weights(step.decide.weights) if step.decide.weights else {}
    vetoes = around.everyone(step.decide.veto) if step.decide.veto else ()
    earlier = _earlier_approvals(running, flow, step)
    for seat, asked in enumerate(people):
        holder = asked.instead_of or asked.person
        detail = {"veto": True} if holder in vetoes or asked.person in vetoes else {}
        task = running.add_task(
            state,
            "decide",
            asked.person,
            status="waiting",
            seat=seat,
            instead_of=asked.instead_of,
            weight=weights.get(holder, Fraction(1)),
            detail=detail,
        )
        if asked.person in earlier:
            running.change_task(
                task,
                status="approved",
                decided_at=running.now,
                decided_by=asked.person,
                detail={**detail, "earlier": earlier[asked.person]},
            )
            running.note("approved_earlier", task=task, detail={"task": earlier[asked.person]})
    open_next(running, around, step, state)


def _earlier_approvals(running: Running, flow: Flow, step: Ask) -> dict[int, int]:
    """Person → the task in which they said yes already, as far as `repeat_approver` lets it count."""
    if step.repeat_approver == "ask":
        return {}
    passed = [
        state
        for state in running.steps.values()
        if state.counts and state.status == "approved" and flow.before(state.name, step.name)
    ]
    decided = [
        (state, tasks)
        for state in sorted(passed, key=lambda each: flow.order[each.name])
        if (tasks := [task for task in running.tasks_of(state) if task.status == "approved"])
    ]
    if step.repeat_approver == "skip_consecutive":
        decided = decided[-1:]
    return {task.person: task.id for _, tasks in decided for task in tasks if task.person is not None}


def open_next(running: Running, around: Surroundings, step: Ask, state: StepState) -> None:
    """Asks those whose turn it is: everybody, or in order the first who has not answered."""
    tasks = running.tasks_of(state)
    seats = {seat.number: seat for seat in read_seats(step.decide, tasks)}
    for task in tasks:
        if task.status != "waiting" or task.relation in ("before", "after") or _is_held_up(running, task):
            continue
        if step.decide.kind == "in_order" and any(
            seats[number].answer is None for number in seats if number < task.seat
        ):
            continue
        tell_asked(running, around, step, running.open(task))


def _is_held_up(running: Running, task: Task) -> bool:
    """Whether somebody who was added before this person has not answered."""
    return any(
        each.origin == task.id
        and each.relation == "before"
        and each.status in ("open", "waiting", "delegated")
        for each in running.seat(task)
    )


def look_ask(running: Running, _: Flow, around: Surroundings, step: Ask, state: StepState) -> str | None:
    """What the answers come to so far; asks the next one, or who decides a tie."""
    if not any(task.kind in ("decide", "tie") for task in running.tasks_of(state)):
        return None
    seats: list[Seat] = read_seats(step.decide, running.tasks_of(state))
    ties = [task for task in running.tasks_of(state) if task.kind == "tie"]
    answered = next((task for task in ties if task.status in ("approved", "rejected")), None)
    outcome = verdict(step.decide, seats, answered.status == "approved" if answered else None)
    if outcome == "tie":
        if not ties:
            _ask_tie(running, around, step, state)
        return None
    if outcome is None:
        open_next(running, around, step, state)
    return outcome


def _ask_tie(running: Running, around: Surroundings, step: Ask, state: StepState) -> None:
    people = around.everyone(step.decide.tie)
    if not people:
        incident(running, state, say("There is nobody to decide the tie in '{step}'.", step=step.label))
        return
    for person in people:
        tell_asked(running, around, step, running.add_task(state, "tie", person))
    running.note("tie_asked", step.name, detail={"people": list(people)})


def look_collect(
    running: Running, _: Flow, around: Surroundings, step: Collect, state: StepState
) -> str | None:
    """Whether enough have answered; then the results are written."""
    tasks = [task for task in running.tasks_of(state) if task.kind == "answer"]
    answered = [task for task in tasks if task.status == "answered"]
    missing = [task for task in tasks if task.status in ("open", "waiting")]
    enough = bool(step.answers) and len(answered) >= step.answers
    if not tasks or not (enough or (answered and not missing)):
        return None
    around.collected(step, [task.answer for task in answered if task.answer is not None])
    return "approved"


def incident(running: Running, state: StepState, message: Message | Text) -> None:
    """Nothing can go on by itself: the administrators have to look at it (never a silent pass)."""
    words = {locale: message.to(locale) for locale in ("en", "zh")}
    task = running.add_task(state, "incident", None, detail={"words": words})
    running.note("incident", task=task, detail={"words": words})


def copy_to(running: Running, around: Surroundings, state: StepState, people: Sequence[int]) -> None:
    """Tells people; nothing is asked of them."""
    for person in people:
        task = running.add_task(state, "copy", person, status="copied", opened_at=running.now)
        message = say("You were sent a copy: {title}.", title=around.title())
        running.tell("copy", [person], message, "copy:{task}", task)


def tell_asked(running: Running, around: Surroundings, step: Ask | Collect, task: Task) -> None:
    """Tells somebody what they are asked."""
    sentences = {
        "answer": say("Please fill in '{step}': {title}.", step=step.label, title=around.title()),
        "choose": say(
            "Please choose who is asked in '{step}': {title}.", step=step.label, title=around.title()
        ),
    }
    asked = say("Please decide '{step}': {title}.", step=step.label, title=around.title())
    running.tell("task", [task.person], sentences.get(task.kind, asked), "task:{task}", task)
