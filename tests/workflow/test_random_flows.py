"""Random flows and random actions on the pure machine: it is never stuck and never in two places."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.definition.approval import (
    Approval,
    Approver,
    Ask,
    Branch,
    Choose,
    Copy,
    Decide,
    Parallel,
    Step,
    Subflow,
)
from engine.formula.expression import Expression
from engine.problems import Place
from engine.text import Text
from engine.workflow import course
from engine.workflow.answering import ACTIONS
from engine.workflow.flow import Flow, lay_out
from engine.workflow.machine import advance
from engine.workflow.running import Running
from engine.workflow.state import Instance, Task
from engine.workflow.surroundings import Asked, Found
from engine.workflow.task_action import Answer, Doing, reason_against, refuse_people

PLACE = Place("flow.yaml", 1, 1)
PEOPLE = tuple(range(1, 8))
SUBMITTER = 100
DECISIONS = ("any", "all", "in_order", "vote")
ENDS = {
    "flow_approved": "approved",
    "flow_rejected": "rejected",
    "submitted_again": "open",
    "withdrawn": "withdrawn",
    "cancelled": "cancelled",
}


class Fake:
    """A world in which conditions hold or not by their text, and a step asks the people in its name."""

    def holds(self, condition: Expression) -> bool:
        return condition.text == "true"

    def people(self, step: Any, _chosen: Sequence[int]) -> Found:
        asked = tuple(Asked(int(each.name)) for each in step.approvers)
        return Found(asked, None if asked else "skip")

    def everyone(self, approvers: Sequence[Approver]) -> tuple[int, ...]:
        return tuple(int(each.name) for each in approvers)

    def weights(self, _path: str) -> dict[int, Fraction]:
        return {}

    def after(self, _wait: Any) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    def begin_subflow(self, _step: Subflow) -> str:
        return "approved"

    def collected(self, _step: Any, _answers: Sequence[int]) -> None:
        return

    def title(self) -> str:
        return "Paper"

    def name(self, person: int) -> str:
        return str(person)


def approver(person: int) -> Approver:
    return Approver("user", str(person), PLACE, str(person))


def condition(holds: bool | None) -> Expression | None:
    return None if holds is None else Expression("true" if holds else "false", PLACE)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    numbers = count(1)
    after_return = draw(st.sampled_from(["resume", "start_again"]))
    return lay_out(Approval(PLACE, draw(steps(numbers, 2)), after_return=after_return), Text({"en": "Go"}))


@st.composite
def steps(draw: st.DrawFn, numbers: Any, depth: int) -> tuple[Step, ...]:
    size = draw(st.integers(1, 3))
    return tuple(draw(step(numbers, depth)) for _ in range(size))


@st.composite
def step(draw: st.DrawFn, numbers: Any, depth: int) -> Step:
    name = f"s{next(numbers)}"
    common: dict[str, Any] = {"name": name, "label": Text({"en": name}), "place": PLACE}
    common["when"] = condition(draw(st.sampled_from([None, None, True, False])))
    kind = draw(st.sampled_from(["ask", "ask", "ask", "copy", "choose", "parallel"] if depth else ["ask"]))
    if kind == "copy":
        return Copy(**common, to=(approver(draw(st.sampled_from(PEOPLE))),))
    if kind == "ask":
        people = draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))
        decide = Decide(
            draw(st.sampled_from(DECISIONS)), Fraction(draw(st.sampled_from(["1/2", "2/3", "1"])))
        )
        repeat = draw(st.sampled_from(["ask", "skip_consecutive", "skip_all"]))
        return Ask(**common, approvers=tuple(map(approver, people)), decide=decide, repeat_approver=repeat)
    branches = []
    for number in range(draw(st.integers(1, 2))):
        holds = draw(st.sampled_from([None, True, False]))
        inner = draw(steps(numbers, depth - 1))
        label = Text({"en": str(number)})
        branches.append(
            Branch(name=str(number), label=label, place=PLACE, when=condition(holds), steps=inner)
        )
    if kind == "choose":
        return Choose(**common, branches=tuple(branches))
    return Parallel(**common, branches=tuple(branches), waits=draw(st.booleans()))


class Approvals(RuleBasedStateMachine):
    """One approval at a time, on which people do whatever they may."""

    @initialize(flow=flows())
    def submit(self, flow: Flow) -> None:
        self.flow, self.around = flow, Fake()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        instance = Instance(1, "x.y", 1, "go", 1, "open", SUBMITTER, "draft", self.now)
        self.running = Running(instance, self.now, SUBMITTER)
        advance(self.running, flow, self.around)

    def _tasks(self, statuses: Sequence[str] = ("open",)) -> list[Task]:
        return [each for each in self.running.tasks.values() if each.status in statuses]

    def _act_as(self, person: int | None) -> None:
        self.now += timedelta(minutes=1)
        self.running.now, self.running.actor = self.now, person

    @precondition(lambda self: self.running.instance.status == "open")
    @rule(data=st.data(), name=st.sampled_from(sorted(set(ACTIONS) - {"choose", "answer"})))
    def decide(self, data: st.DataObject, name: str) -> None:
        action = ACTIONS[name]
        fitting = [each for each in self._tasks(action.statuses) if each.kind in action.kinds and each.person]
        if not fitting:
            return
        task = data.draw(st.sampled_from(fitting))
        holder = self.running.tasks.get(task.origin or 0)
        self._act_as(task.person if action.own or holder is None else holder.person)
        to = tuple(data.draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=1)))
        passed = course.returnable(self.running, self.flow, task.step)
        target = data.draw(st.sampled_from([None, *passed])) if name == "return" else None
        where = data.draw(st.sampled_from(["before", "after"]))
        doing = Doing(self.running, self.flow, self.around, task, Answer("x", to, where, target))
        needs = action.needs_people and name != "copy"
        if reason_against(action, doing) is None and not (needs and refuse_people(doing)):
            action.do(doing)

    @precondition(lambda self: self.running.instance.status == "returned")
    @rule()
    def submit_again(self) -> None:
        self._act_as(SUBMITTER)
        self.running.note("submitted_again")
        course.resume(self.running, self.flow, self.around)

    @precondition(lambda self: self.running.instance.status == "open")
    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(sorted(self.flow.steps)))
        if course.refuse_jump(self.running, self.flow, target) is None:
            self._act_as(SUBMITTER)
            course.jump(self.running, self.flow, self.around, target, "x")

    @precondition(lambda self: self.running.instance.status in ("open", "returned"))
    @rule(sure=st.integers(0, 5))
    def withdraw(self, sure: int) -> None:
        if sure == 5:
            self._act_as(SUBMITTER)
            course.withdraw(self.running, "")

    @rule()
    def wait(self) -> None:
        """Nothing happens, which is all that can happen to an approval that has ended."""

    @invariant()
    def nothing_is_stuck(self) -> None:
        status, left = self.running.instance.status, self.running.undecided()
        if status in ("open", "returned"):
            assert any(each.status == "open" for each in left), (
                status,
                self.running.steps,
                self.running.tasks,
            )
        else:
            assert left == []
            assert self.running.active() == []

    @invariant()
    def every_step_is_in_one_state(self) -> None:
        counting = [each.name for each in self.running.steps.values() if each.counts]
        assert len(counting) == len(set(counting))

    @invariant()
    def the_history_replays_to_the_state(self) -> None:
        status = "open"
        said: dict[int, str] = {}
        for happening in self.running.happenings:
            status = ENDS.get(happening.kind, status)
            if happening.kind == "returned":
                status = "returned" if happening.detail["to"] is None else "open"
            if happening.task is not None and happening.kind in ("approved", "rejected", "approved_earlier"):
                said[happening.task] = happening.kind.removesuffix("_earlier")
            if happening.task is not None and happening.kind == "taken_back":
                said.pop(happening.task, None)
        assert status == self.running.instance.status
        decided = {
            each.id: each.status
            for each in self.running.tasks.values()
            if each.status in ("approved", "rejected") and each.kind in ("decide", "tie")
        }
        assert said == decided


Approvals.TestCase.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)
TestApprovals = Approvals.TestCase
