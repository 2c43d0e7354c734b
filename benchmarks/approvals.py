"""Three-step approvals through the commands, beside the same writes by hand: milliseconds, and the ratio.

`python benchmarks/approvals.py [count] [database address]`. Both write the record, instance, steps, tasks,
events, notifications and history; by hand the flow is known, so nothing is looked up but what is locked.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine import commands
from engine.access.accounts import find_actor
from engine.definition.check import check_texts
from engine.records.bulk import insert_many
from engine.releases.apply import apply_plan
from engine.schema.system_tables import history, notification
from engine.schema.workflow_tables import workflow_event, workflow_instance, workflow_step, workflow_task
from engine.transaction import Actor
from engine.workspace import Workspace, open_workspace

APP = """
app: bench
entities:
  paper:
    fields:
      name: {type: text}
      owner: {type: user}
    workflow:
      stages: {draft: {}, waiting: {}, done: {}}
      transitions:
        submit:
          from: draft
          to: done
          approval:
            pending: waiting
            steps:
              one: {approvers: [user:a1]}
              two: {approvers: [user:a2]}
              three: {approvers: [user:a3]}
    access:
      everyone: {read: true, create: true, update: true}
"""
STEPS = ("one", "two", "three")


def people(workspace: Workspace) -> list[Actor]:
    rows = [{"username": name, "name": name} for name in ("a0", "a1", "a2", "a3")]
    with workspace.writing() as transaction:
        ids = insert_many(transaction, "system.user", rows)
    with workspace.reading() as transaction:
        found = [find_actor(transaction.catalog, transaction.connection, each) for each in ids]
    return [actor for actor in found if actor]


def papers(workspace: Workspace, count: int) -> list[int]:
    with workspace.writing() as transaction:
        return insert_many(
            transaction, "bench.paper", [{"name": f"Paper {number}"} for number in range(count)]
        )


def by_commands(workspace: Workspace, actors: list[Actor], identities: list[int]) -> None:
    for identity in identities:
        commands.fire_transition(workspace, actors[0], "bench.paper", identity, "submit")
        for actor in actors[1:]:
            with workspace.reading(actor) as transaction:
                mine = select(workflow_task.c.id).where(
                    workflow_task.c.person == actor.id, workflow_task.c.status == "open"
                )
                task = transaction.connection.execute(mine).scalar_one()
            commands.decide_task(workspace, actor, task, "approve")


class ByHand:
    """The same rows, written by statements that know the flow."""

    def __init__(self, workspace: Workspace, actors: list[Actor]) -> None:
        self.workspace, self.actors = workspace, actors
        self.paper = workspace.catalog.entity("bench.paper").table

    def __call__(self, identities: list[int]) -> None:
        for identity in identities:
            self.submit(identity)
            for number in range(len(STEPS)):
                self.approve(identity, number)

    def submit(self, identity: int) -> None:
        with self.workspace.writing(self.actors[0]) as transaction:
            connection, now = transaction.connection, transaction.now
            connection.execute(select(self.paper).where(self.paper.c.id == identity).with_for_update())
            self.move(connection, identity, "draft", "waiting", now)
            made = connection.execute(
                insert(workflow_instance).values(
                    entity="bench.paper", record_id=identity, transition="submit", release=1, status="open",
                    submitter=self.actors[0].id, source="draft", started_at=now,
                )
            )  # fmt: skip
            instance = made.inserted_primary_key[0]
            self.ask(connection, identity, instance, 0, now)
            self.events(connection, identity, instance, ("moved", "submitted", "asked"), now)

    def approve(self, identity: int, number: int) -> None:
        actor = self.actors[number + 1]
        with self.workspace.writing(actor) as transaction:
            connection, now = transaction.connection, transaction.now
            mine = select(workflow_task).where(
                workflow_task.c.person == actor.id, workflow_task.c.status == "open"
            )
            task = connection.execute(mine).one()
            connection.execute(select(self.paper).where(self.paper.c.id == identity).with_for_update())
            instance = connection.execute(
                select(workflow_instance).where(workflow_instance.c.id == task.instance_id).with_for_update()
            ).one()
            taken = connection.execute(
                update(workflow_task)
                .where(workflow_task.c.id == task.id, workflow_task.c.status == "open")
                .values(status="approved", decided_at=now, decided_by=actor.id)
            )
            assert taken.rowcount == 1
            connection.execute(
                update(workflow_step)
                .where(workflow_step.c.id == task.step_id)
                .values(status="approved", ended_at=now)
            )
            if number + 1 < len(STEPS):
                self.ask(connection, identity, instance.id, number + 1, now)
                self.events(connection, identity, instance.id, ("approved", "step_approved", "asked"), now)
                return
            connection.execute(
                update(workflow_instance)
                .where(workflow_instance.c.id == instance.id)
                .values(status="approved", ended_at=now)
            )
            self.move(connection, identity, "waiting", "done", now)
            self.events(
                connection,
                identity,
                instance.id,
                ("approved", "step_approved", "flow_approved", "moved"),
                now,
            )
            self.tell(connection, self.actors[0].id or 0, identity, f"ended:{instance.id}", now)

    def move(self, connection: Connection, identity: int, source: str, to: str, now: datetime) -> None:
        row = connection.execute(select(self.paper.c.revision).where(self.paper.c.id == identity)).one()
        connection.execute(
            update(self.paper)
            .where(self.paper.c.id == identity)
            .values(stage=to, revision=row.revision + 1, updated_at=now)
        )
        connection.execute(
            insert(history).values(
                entity="bench.paper", record_id=identity, at=now, by=1, kind="transition",
                transition="submit",
                from_stage=source, to_stage=to, changes={}, release=1,
            )
        )  # fmt: skip

    def ask(self, connection: Connection, identity: int, instance: int, number: int, now: datetime) -> None:
        made = connection.execute(
            insert(workflow_step).values(
                instance_id=instance,
                name=STEPS[number],
                status="active",
                counts=True,
                started_at=now,
                detail={},
            )
        )
        person = self.actors[number + 1].id
        task = connection.execute(
            insert(workflow_task).values(
                instance_id=instance, step_id=made.inserted_primary_key[0], step=STEPS[number],
                entity="bench.paper", record_id=identity, kind="decide", person=person, status="open", seat=0,
                weight="1", opened_at=now, comment="", detail={},
            )
        )  # fmt: skip
        self.tell(connection, person or 0, identity, f"task:{task.inserted_primary_key[0]}", now)

    def events(
        self, connection: Connection, identity: int, instance: int, kinds: tuple[str, ...], now: datetime
    ) -> None:
        rows = [
            {
                "entity": "bench.paper", "record_id": identity, "instance_id": instance, "at": now, "by": 1,
                "kind": kind, "transition": "submit", "comment": "", "release": 1, "detail": {},
            }
            for kind in kinds
        ]  # fmt: skip
        connection.execute(insert(workflow_event), rows)

    def tell(self, connection: Connection, person: int, identity: int, key: str, now: datetime) -> None:
        words = {"en": "Please decide", "zh": "请审批"}
        connection.execute(
            insert(notification).values(
                user_id=person, key=f"hand:{key}", kind="task", at=now, words=words, entity="bench.paper",
                record_id=identity,
            )
        )  # fmt: skip


def timed(work: Callable[[], Any], count: int) -> float:
    """Milliseconds for each approval."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000 / count


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as folder:
        address = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}"
        workspace = open_workspace(address)
        apply_plan(workspace.database, check_texts([{"bench.yaml": APP}]), message="bench", by="bench")
        actors = people(workspace)
        by_commands(workspace, actors, papers(workspace, 20))
        hand = ByHand(workspace, actors)
        hand(papers(workspace, 20))
        of_commands, of_hand = papers(workspace, count), papers(workspace, count)
        slow = timed(lambda: by_commands(workspace, actors, of_commands), count)
        fast = timed(lambda: hand(of_hand), count)
        print(f"{datetime.now(UTC):%Y-%m-%d}  {count} approvals of three steps, {workspace.database.dialect}")
        print(f"  commands  {slow:8.2f} ms each")
        print(f"  by hand   {fast:8.2f} ms each")
        print(f"  ratio     {slow / fast:8.2f}")
        workspace.close()


if __name__ == "__main__":
    main()
