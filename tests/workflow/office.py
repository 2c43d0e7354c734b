"""An office in which papers are approved: the app, its people, and scenarios as lines of text.

A line is `who: action name=value …`, and after ` ! ` the beginning of the sentence with which it is refused.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine import commands
from engine.access.accounts import find_actor, grant_roles
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
from tests.fixtures.workspaces import Publish, person

APP = """
app: office
roles:
  staff: {}
  desk: {}
  board: {}
  empty: {}
entities:
  team_member:
    parent: paper
    fields:
      member: {type: user}
      share: {type: integer}
  opinion:
    fields:
      paper: {type: link, to: paper}
      score: {type: integer, required: true, min: 1, max: 5}
  log:
    fields:
      paper: {type: link, to: paper}
      text: {type: text}
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
  paper:
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
      team: {type: table, of: team_member}
    workflow:
      stages:
        draft: {}
        waiting: {edit: []}
        done: {final: true}
        refused: {}
        lost: {final: true}
      transitions:
        submit:
          from: [draft, refused]
          to: done
          by: [owner]
          set: {decided_on: =today()}
%(extra)s
          approval:
            pending: waiting
%(approval)s
            steps:
%(steps)s
        drop: {from: [draft, waiting], to: lost, by: [owner], comment: optional}
        reopen: {from: [done, lost], to: draft, by: [owner]}
%(transitions)s
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


def app(steps: str, approval: str = "", extra: str = "", transitions: str = "") -> str:
    """The app with these steps in the approval of `submit`."""
    return APP % {
        "steps": indented(steps, 14),
        "approval": indented(approval, 12),
        "extra": indented(extra, 10),
        "transitions": indented(transitions, 8),
    }


@dataclass
class Office:
    """The published app with people, and one paper."""

    workspace: Workspace
    people: dict[str, Actor]
    paper: int = 0
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        return {actor.id: name for name, actor in self.people.items() if actor.id is not None}

    def new_paper(self, **values: Any) -> int:
        sent = {"name": "Paper", "amount": "100", **self._sent(values)}
        record = commands.create_record(self.workspace, self.people["ann"], "office.paper", sent)
        self.paper = record["id"]
        return self.paper

    def _sent(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self.people[value].id if isinstance(value, str) and value in self.people else value
            for name, value in values.items()
        }

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
        if name in ("submit", "drop", "reopen", "cold", "again"):
            values = {key: value for key, value in given.items() if key != "comment"}
            commands.fire_transition(
                self.workspace,
                actor,
                "office.paper",
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
        commands.withdraw(self.workspace, actor, "office.paper", self.paper, given.get("comment", ""))

    def _remind(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.remind(self.workspace, actor, "office.paper", self.paper)

    def _edit(self, actor: Actor, given: dict[str, str]) -> None:
        commands.update_record(self.workspace, actor, "office.paper", self.paper, self._sent(dict(given)))

    def _delete(self, actor: Actor, _given: dict[str, str]) -> None:
        commands.delete_record(self.workspace, actor, "office.paper", self.paper)

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

    def _leaves(self, actor: Actor, _given: dict[str, str]) -> None:
        """The person is not active any more."""
        commands.update_record(self.workspace, SYSTEM, "system.user", actor.id or 0, {"active": False})

    def task_of(self, name: str, action: str) -> int:
        """The task of a person that an action is about; that of the administrators for nobody."""
        wanted = {"take_back": ("approved",)}.get(action, ("open", "waiting", "delegated"))
        identity = self.people[name].id if name in self.people else None
        rows = [
            row
            for row in self.rows(workflow_task)
            if row["person"] == identity and row["record_id"] == self.paper
        ]
        fitting = [row for row in rows if row["status"] in wanted] or rows
        assert fitting, f"{name} has no task"
        return int(fitting[-1]["id"])

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.workspace.reading() as transaction:
            return [
                dict(row)
                for row in transaction.connection.execute(select(table).order_by(table.c.id)).mappings()
            ]

    def instance(self) -> dict[str, Any]:
        found = [
            row
            for row in self.rows(workflow_instance)
            if row["record_id"] == self.paper and row["entity"] == "office.paper"
        ]
        return found[-1]

    def record(self) -> dict[str, Any]:
        with self.workspace.reading() as transaction:
            return read.get(transaction, "office.paper", self.paper)

    def tasks(self) -> str:
        """`bo approved, eve open` in the order in which people were asked."""
        names = self.names
        return ", ".join(
            f"{names.get(row['person'], 'nobody')} {row['status']}"
            for row in self.rows(workflow_task)
            if row["record_id"] == self.paper and row["entity"] == "office.paper"
        )

    def steps(self) -> str:
        """`first approved, second active`: the steps that count."""
        latest = self.instance()["id"]
        return ", ".join(
            f"{row['name']} {row['status']}"
            for row in self.rows(workflow_step)
            if row["counts"] and row["instance_id"] == latest
        )

    def events(self) -> list[str]:
        """What happened: `ann submitted`, `ann moved draft>waiting` and so on."""
        names = self.names
        found = []
        for row in self.rows(workflow_event):
            if row["record_id"] == self.paper and row["entity"] == "office.paper":
                detail = row["detail"]
                where = f" {detail['from']}>{detail['to']}" if row["kind"] == "moved" else ""
                found.append(f"{names.get(row['by'], 'time')} {row['kind']}{where}")
        return found

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
            commands.fire_timer(self.workspace, due[0][1], now)
        raise AssertionError("timers without end")


def open_office(publish: Publish, yaml: str) -> Office:
    """The app published, with its people."""
    workspace = publish(yaml)
    people: dict[str, Actor] = {}
    for name, (manager, _) in PEOPLE.items():
        values = {"manager": people[manager].id} if manager else {}
        people[name] = person(workspace, name, **values)
    with workspace.writing() as transaction:
        for name, (_, roles) in PEOPLE.items():
            grant_roles(transaction, people[name].id or 0, roles)
    with workspace.reading() as transaction:
        for name, actor in list(people.items()):
            found = find_actor(transaction.catalog, transaction.connection, actor.id or 0)
            assert found is not None
            people[name] = found
    return Office(workspace, people)


@dataclass(frozen=True)
class Scenario:
    """A flow, what people do, and what there is then. What is empty is not looked at."""

    rule: str
    name: str
    steps: str
    acts: tuple[str, ...]
    stage: str = ""
    instance: str = ""
    tasks: str = ""
    state: str = ""
    events: tuple[str, ...] = ()
    approval: str = ""
    extra: str = ""
    transitions: str = ""
    paper: tuple[tuple[str, Any], ...] = ()
    substitutes: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.name}"


def play(publish: Publish, scenario: Scenario) -> Office:
    """Does what a scenario says and compares what there is then."""
    yaml = app(scenario.steps, scenario.approval, scenario.extra, scenario.transitions)
    office = open_office(publish, yaml)
    for absent, substitute in scenario.substitutes:
        stand_in(office, absent, substitute)
    office.new_paper(**dict(scenario.paper))
    for line in scenario.acts:
        if line.startswith("later "):
            days, _, unit = line.removeprefix("later ").partition(" ")
            office.pass_time(**{unit: int(days)})
        else:
            office.act(line)
    expect(office, scenario)
    return office


def expect(office: Office, scenario: Scenario) -> None:
    found = {
        "stage": office.record()["stage"],
        "tasks": office.tasks(),
    }
    wanted = {"stage": scenario.stage, "tasks": scenario.tasks}
    if scenario.instance or scenario.state:
        found |= {"instance": office.instance()["status"], "state": office.steps()}
        wanted |= {"instance": scenario.instance, "state": scenario.state}
    checked = {key: value for key, value in wanted.items() if value}
    assert {key: found[key] for key in checked} == checked
    if scenario.events:
        events = iter(office.events())
        missing = [each for each in scenario.events if each not in events]
        assert missing == [], office.events()


def stand_in(office: Office, absent: str, substitute: str) -> None:
    """From yesterday to tomorrow somebody is asked instead of another person."""
    with office.workspace.writing() as transaction:
        day = transaction.now.date()
        transaction.connection.execute(
            insert(workflow_substitute).values(
                person=office.people[absent].id,
                substitute=office.people[substitute].id,
                first_day=day - timedelta(days=1),
                last_day=day + timedelta(days=1),
                created_at=transaction.now,
            )
        )


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without blank ones."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def every_open_instance(office: Office) -> Iterator[dict[str, Any]]:
    """The instances that go on."""
    yield from (row for row in office.rows(workflow_instance) if row["status"] == "open")
