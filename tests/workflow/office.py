"""An office in which papers are approved: the app, its people, and scenarios as lines of text.

A line is `who: action name=value …`, and after ` ! ` the beginning of the sentence with which it is refused.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from string import Template
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from engine import commands
from engine.access.accounts import grant_roles
from engine.access.actors import find_actor
from engine.problems import InputRefused, Refused
from engine.records import read
from engine.schema.workflow_tables import (
    workflow_event,
    workflow_instance,
    workflow_step,
    workflow_substitute,
    workflow_task,
    workflow_timer,
)
from engine.transaction import SYSTEM, Actor
from engine.workflow.tasks import Sent
from engine.workspace import Workspace
from tests.fixtures.workspaces import person

APP = """
app: office
roles:
  staff: {}
  desk: {}
  board: {}
  empty: {}
entities:
  annex:
    title: name
    fields:
      name: {type: text}
      state: {type: text}
    workflow:
      stages: {open: {}, checking: {}, closed: {final: true}}
      transitions:
        check:
          from: open
          to: closed
          when: name != "broken"
          approval: {pending: checking, steps: {reader: {approvers: [role:desk], decide: any}}}
    access:
      role:staff: {read: true, create: true, update: true}
"""
FURTHER = {
    "team": """
  member@:
    parent: paper@
    fields:
      member: {type: user}
      share: {type: integer}
""",
    "opinion@": """
  opinion@:
    fields:
      paper: {type: link, to: paper@}
      score: {type: integer, required: true, min: 1, max: 5}
""",
    "log@": """
  log@:
    fields:
      paper: {type: link, to: paper@}
      text: {type: text}
""",
}
"""Further entities, made where a flow names them."""
PAPER = """
  paper@:
    title: name
    fields:
      name: {type: text, required: true}
      amount: {type: money}
      kind: {type: text}
      owner: {type: user, default: =user}
      other: {type: user}
      annex: {type: link, to: annex}
      score: {type: decimal, decimals: 2}
      decided_on: {type: date, read_only: true}
      note: {type: text}
      reason: {type: text}
$team
    workflow:
      stages:
        draft: {}
        waiting: {edit: []}
        done: {final: true}
        refused: {}
        lost: {final: true}
$stages
      transitions:
        submit:
          from: [draft, refused]
          to: done
          by: [owner]
          set: {decided_on: =today()}
$extra
          approval:
            pending: waiting
$approval
            steps:
$steps
        drop: {from: [draft, waiting], to: lost, by: [owner]}
        reopen: {from: [done, lost], to: draft, by: [owner]}
$transitions
    access:
      role:staff: {read: true, create: true, update: true, delete: true}
"""
PEOPLE = {
    "dee": (None, ("office.staff", "office.board")),
    "cy": ("dee", ("office.staff",)),
    "bo": ("cy", ("office.staff",)),
    "ann": ("bo", ("office.staff",)),
    "eve": ("cy", ("office.staff", "office.desk")),
    "fay": ("cy", ("office.staff", "office.desk")),
    "gus": ("dee", ("office.staff", "office.board")),
    "hal": ("dee", ("office.staff", "office.board")),
    "ida": ("bo", ("office.staff",)),
    "root": (None, ("office.staff", "system.administrator")),
}
"""Name → manager and roles; root is the administrator."""


def indented(text: str, depth: int) -> str:
    lines = text.strip("\n").splitlines()
    shift = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(" " * depth + line[shift:] for line in lines)


def paper(
    number: int | str,
    steps: str,
    approval: str = "",
    extra: str = "",
    transitions: str = "",
    stages: str = "",
) -> str:
    """The entity `paper<number>` with these steps in the approval of `submit`."""
    parts = {
        "steps": indented(steps, 14),
        "approval": indented(approval, 12),
        "extra": indented(extra, 10),
        "transitions": indented(transitions, 8),
        "stages": indented(stages, 8),
    }
    named = f"{steps}{extra}{transitions}"
    parts["team"] = "      team: {type: table, of: member@}" if "team" in named else ""
    whole = "".join(text for word, text in FURTHER.items() if word in named) + Template(PAPER).substitute(
        parts
    )
    return whole.replace("@", str(number)).replace("\n\n", "\n")


def app(steps: str, **parts: str) -> str:
    """The app with one kind of paper."""
    return APP + paper("", steps, **parts)


@dataclass
class Office:
    """The published app with people, and one paper."""

    workspace: Workspace
    people: dict[str, Actor]
    entity: str = "office.paper"
    paper: int = 0

    @property
    def transitions(self) -> frozenset[str]:
        workflow = self.workspace.catalog.entity(self.entity).definition.workflow
        assert workflow is not None
        return frozenset(workflow.transitions)

    @property
    def names(self) -> dict[int, str]:
        return {actor.id: name for name, actor in self.people.items() if actor.id is not None}

    def new_paper(self, **values: Any) -> int:
        sent = {"name": "Paper", "amount": "100", **self._sent(values)}
        record = commands.create_record(self.workspace, self.people["ann"], self.entity, sent)
        self.paper = record["id"]
        return self.paper

    def _sent(self, values: dict[str, Any]) -> dict[str, Any]:
        """Names of people become ids, pairs of a name and a share become rows of the team."""
        sent = {
            name: self.people[value].id if isinstance(value, str) and value in self.people else value
            for name, value in values.items()
        }
        if isinstance(sent.get("team"), tuple):
            sent["team"] = [{"member": self.people[who].id, "share": share} for who, share in sent["team"]]
        return sent

    def act(self, line: str) -> None:
        """Does what a line says; with ` ! ` it has to be refused with that sentence."""
        written, _, refusal = line.partition(" ! ")
        who, _, rest = written.partition(":")
        name, *pairs = shlex.split(rest)
        given = dict(pair.partition("=")[::2] for pair in pairs)
        if refusal:
            with pytest.raises((Refused, InputRefused), match=re.escape(refusal.strip())):
                self._do(who.strip(), name, given)
        else:
            self._do(who.strip(), name, given)

    def _do(self, who: str, name: str, given: dict[str, str]) -> None:
        actor = self.people.get(who, SYSTEM)
        special = getattr(self, f"_{name}", None)
        if special is not None:
            special(actor, given)
            return
        if name in self.transitions:
            values = {key: value for key, value in given.items() if key != "comment"}
            commands.fire_transition(
                self.workspace,
                actor,
                self.entity,
                self.paper,
                name,
                self._sent(values),
                given.get("comment", ""),
            )
            return
        task = int(given["task"]) if "task" in given else self.task_of(given.get("of", who), name)
        sent = Sent(
            comment=given.get("comment", ""),
            to=tuple(self.people[each].id or 0 for each in given.get("to", "").split(",") if each),
            where=given.get("where", "before"),
            step=given.get("step"),
            again={"true": True, "false": False}.get(given.get("again", "")),
            values={"score": given["score"]} if "score" in given else {},
            request=given.get("request"),
        )
        commands.decide_task(self.workspace, actor, task, name, sent)

    def _withdraw(self, actor: Actor, given: dict[str, str]) -> None:
        commands.withdraw(self.workspace, actor, self.entity, self.paper, given.get("comment", ""))

    def _remind(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.remind(self.workspace, actor, self.entity, self.paper)

    def _edit(self, actor: Actor, given: dict[str, str]) -> None:
        commands.update_record(self.workspace, actor, self.entity, self.paper, self._sent(dict(given)))

    def _delete(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.delete_record(self.workspace, actor, self.entity, self.paper)

    def _cancel(self, actor: Actor, given: dict[str, str]) -> None:
        commands.cancel_approval(self.workspace, actor, self.instance()["id"], given.get("reason", ""))

    def _jump(self, actor: Actor, given: dict[str, str]) -> None:
        commands.jump_to_step(
            self.workspace, actor, self.instance()["id"], given["step"], given.get("reason", "")
        )

    def _reassign(self, actor: Actor, given: dict[str, str]) -> None:
        task = self.task_of(given.get("of", ""), "approve")
        to = [self.people[each].id or 0 for each in given["to"].split(",")]
        commands.reassign_task(self.workspace, actor, task, to, given.get("reason", ""))

    def _annex(self, actor: Actor, given: dict[str, str]) -> None:
        """Adds an annex to the paper."""
        values = {"name": given.get("name", "Annex")}
        made = commands.create_record(self.workspace, actor, "office.annex", values)
        commands.update_record(self.workspace, actor, self.entity, self.paper, {"annex": made["id"]})

    def _approve_annex(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.decide_task(self.workspace, actor, self._annex_task(actor), "approve")

    def _reject_annex(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.decide_task(self.workspace, actor, self._annex_task(actor), "reject")

    def _annex_task(self, actor: Actor) -> int:
        rows = self.rows(workflow_task)
        mine = [row["id"] for row in rows if row["person"] == actor.id and row["entity"] == "office.annex"]
        return int(mine[-1])

    def _leaves(self, actor: Actor, _given: dict[str, str]) -> None:
        """The person is not active any more; the last administrator neither, which no door allows."""
        with self.workspace.writing() as transaction:
            people = transaction.catalog.entity("system.user").table
            transaction.connection.execute(update(people).where(people.c.id == actor.id).values(active=False))

    def all_return(self) -> None:
        """Those who left are there again, for the next scenario."""
        with self.workspace.writing() as transaction:
            users = transaction.catalog.tables.table("system.user")
            transaction.connection.execute(update(users).values(active=True))

    def task_of(self, name: str, action: str) -> int:
        """The task of a person that an action is about; that of the administrators for nobody."""
        wanted = {"take_back": ("approved",)}.get(action, ("open", "waiting", "delegated"))
        identity = self.people[name].id if name in self.people else None
        rows = [row for row in self.rows(workflow_task) if row["person"] == identity and self.is_mine(row)]
        fitting = [row for row in rows if row["status"] in wanted] or rows
        assert fitting, f"{name} has no task"
        return int(fitting[-1]["id"])

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.workspace.reading() as transaction:
            return [
                dict(row)
                for row in transaction.connection.execute(select(table).order_by(table.c.id)).mappings()
            ]

    def is_mine(self, row: dict[str, Any]) -> bool:
        return row["record_id"] == self.paper and row["entity"] == self.entity

    def instance(self) -> dict[str, Any]:
        found = [row for row in self.rows(workflow_instance) if self.is_mine(row)]
        return found[-1]

    def record(self) -> dict[str, Any]:
        with self.workspace.reading() as transaction:
            return read.get(transaction, self.entity, self.paper)

    def tasks(self) -> str:
        """`bo approved, eve open` in the order in which people were asked."""
        names = self.names
        return ", ".join(
            f"{names.get(row['person'], 'nobody')} {row['status']}"
            for row in self.rows(workflow_task)
            if self.is_mine(row)
        )

    def steps(self) -> str:
        """`first approved, second active`: the steps that count."""
        latest = self.instance()["id"]
        return ", ".join(
            f"{row['name']} {row['status']}"
            for row in self.rows(workflow_step)
            if row["counts"] and row["instance_id"] == latest
        )

    def steps_now(self) -> str:
        """The steps that count, of the paper's only instance, by one small statement."""
        with self.workspace.reading() as transaction:
            mine = select(workflow_instance.c.id).where(
                workflow_instance.c.entity == self.entity, workflow_instance.c.record_id == self.paper
            )
            rows = transaction.connection.execute(
                select(workflow_step.c.name, workflow_step.c.status)
                .where(workflow_step.c.instance_id.in_(mine), workflow_step.c.counts)
                .order_by(workflow_step.c.id)
            )
            return ", ".join(f"{row.name} {row.status}" for row in rows)

    def events(self) -> list[str]:
        """What happened: `ann submitted`, `ann moved draft>waiting` and so on."""
        names = self.names
        found = []
        for row in self.rows(workflow_event):
            if self.is_mine(row):
                detail = row["detail"]
                where = f" {detail['from']}>{detail['to']}" if row["kind"] == "moved" else ""
                found.append(f"{names.get(row['by'], 'time')} {row['kind']}{where}")
        return found

    def sleep(self, **length: int) -> None:
        """So much time passes in which nobody fires timers; then all that are due are fired at once."""
        with self.workspace.reading() as transaction:
            now = transaction.now + timedelta(**length)
        for row in self.rows(workflow_timer):
            if row["fired_at"] is None and row["due_at"] <= now:
                commands.fire_timer(self.workspace, row["id"], now)

    def pass_time(self, **length: int) -> None:
        """Fires every timer that is due when so much time has passed, in order, as the runner does."""
        with self.workspace.reading() as transaction:
            now = transaction.now + timedelta(**length)
        for _ in range(50):
            due = sorted(
                (row["due_at"], row["id"])
                for row in self.rows(workflow_timer)
                if row["fired_at"] is None and row["due_at"] <= now
            )
            if not due:
                return
            commands.fire_timer(self.workspace, due[0][1], due[0][0])
        raise AssertionError("timers without end")


def open_office(workspace: Workspace) -> Office:
    """An office with its people, who are made the first time."""
    people: dict[str, Actor] = {}
    with workspace.reading() as transaction:
        users = transaction.catalog.tables.table("system.user")
        known = {
            row.username: find_actor(transaction.catalog, transaction.connection, row.id)
            for row in transaction.connection.execute(select(users.c.username, users.c.id))
        }
    if not known:
        for name, (manager, _) in PEOPLE.items():
            values = {"manager": people[manager].id} if manager else {}
            people[name] = person(workspace, name, **values)
        with workspace.writing() as transaction:
            for name, (_, roles) in PEOPLE.items():
                grant_roles(transaction, people[name].id or 0, roles)
        return open_office(workspace)
    return Office(workspace, {name: actor for name, actor in known.items() if actor})


@dataclass(frozen=True)
class Scenario:
    """A flow, what people do, and what there is then. What is empty is not looked at.

    A line `later 3 days` fires timers as they become due, `asleep 3 days` all of them at the end.
    """

    rule: str
    name: str
    steps: str
    acts: tuple[str, ...] | str
    stage: str = ""
    instance: str = ""
    tasks: str = ""
    state: str = ""
    events: tuple[str, ...] = ()
    approval: str = ""
    extra: str = ""
    transitions: str = ""
    stages: str = ""
    paper: tuple[tuple[str, Any], ...] = ()
    substitutes: tuple[tuple[str, str], ...] = ()

    @property
    def flow(self) -> tuple[str, ...]:
        return self.steps, self.approval, self.extra, self.transitions, self.stages

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.name}"

    @property
    def lines(self) -> tuple[str, ...]:
        return lines(self.acts) if isinstance(self.acts, str) else self.acts


def flows_of(scenarios: Sequence[Scenario]) -> list[tuple[str, ...]]:
    """The different flows of these scenarios."""
    return list(dict.fromkeys(each.flow for each in scenarios))


def app_of(scenarios: Sequence[Scenario]) -> str:
    """One app in which each flow has its own kind of paper."""
    return APP + "".join(paper(number, *flow) for number, flow in enumerate(flows_of(scenarios)))


def play(workspace: Workspace, number: int, scenario: Scenario) -> Office:
    """Does what a scenario says, with the papers of flow `number`, and compares what there is then."""
    office = open_office(workspace)
    office.entity = f"office.paper{number}"
    with stood_in(office, scenario.substitutes):
        office.new_paper(**dict(scenario.paper))
        try:
            for line in scenario.lines:
                word, _, rest = line.partition(" ")
                count, _, unit = rest.partition(" ")
                if word == "later":
                    office.pass_time(**{unit: int(count)})
                elif word == "asleep":
                    office.sleep(**{unit: int(count)})
                else:
                    office.act(line)
        finally:
            office.all_return()
    expect(office, scenario)
    return office


def expect(office: Office, scenario: Scenario) -> None:
    found = {"stage": office.record()["stage"], "tasks": office.tasks()}
    wanted = {"stage": scenario.stage, "tasks": scenario.tasks}
    if scenario.instance or scenario.state:
        found |= {"instance": office.instance()["status"], "state": office.steps()}
        wanted |= {"instance": scenario.instance, "state": scenario.state}
    checked = {key: value for key, value in wanted.items() if value}
    assert {key: found[key] for key in checked} == checked, office.events()
    if scenario.events:
        events = iter(office.events())
        missing = [each for each in scenario.events if each not in events]
        assert missing == [], office.events()


@contextmanager
def stood_in(office: Office, pairs: Sequence[tuple[str, str]]) -> Iterator[None]:
    """From yesterday to tomorrow somebody is asked instead of another person."""
    table = workflow_substitute
    with office.workspace.writing() as transaction:
        day = transaction.now.date()
        for absent, substitute in pairs:
            transaction.connection.execute(
                insert(table).values(
                    person=office.people[absent].id,
                    substitute=office.people[substitute].id,
                    first_day=day - timedelta(days=1),
                    last_day=day + timedelta(days=1),
                    created_at=transaction.now,
                )
            )
    yield
    with office.workspace.writing() as transaction:
        transaction.connection.execute(delete(table))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without blank ones."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())
