"""The writes of a three-step approval by hand: the flow is known, and statements are compiled once.

The record, instance, steps, tasks, events, notifications and history are written as the commands write them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from engine.schema.prepared import Prepared, PreparedChange
from engine.schema.system_tables import history, notification
from engine.schema.workflow_tables import workflow_event, workflow_instance, workflow_step, workflow_task
from engine.transaction import Actor
from engine.workspace import Workspace

STEPS = ("one", "two", "three")
PAPER = "bench.paper"
WORDS = {"en": "Please decide", "zh": "请审批"}


class ByHand:
    """The statements, compiled once, and what is done with them."""

    def __init__(self, workspace: Workspace, actors: list[Actor]) -> None:
        self.workspace, self.actors = workspace, actors
        self.dialect = workspace.database.engine.dialect
        paper = workspace.catalog.entity(PAPER).table
        locked = select(paper).where(paper.c.id == bindparam("id")).with_for_update()
        mine = (workflow_task.c.person == bindparam("person"), workflow_task.c.status == "open")
        instance = (
            select(workflow_instance).where(workflow_instance.c.id == bindparam("id")).with_for_update()
        )
        self.lock_paper = Prepared(locked, self.dialect)
        self.lock_instance = Prepared(instance, self.dialect)
        columns = (workflow_task.c.id, workflow_task.c.instance_id, workflow_task.c.step_id)
        self.my_task = Prepared(select(*columns).where(*mine), self.dialect)
        self.change_paper = self.changing(paper, "stage", "revision", "updated_at", "updated_by")
        self.end_instance = self.changing(workflow_instance, "status", "ended_at")
        self.end_step = self.changing(workflow_step, "status", "ended_at")
        self.decide = PreparedChange(
            update(workflow_task).where(
                workflow_task.c.id == bindparam("_id"), workflow_task.c.status == "open"
            ),
            self.dialect,
            ("status", "decided_at", "decided_by"),
        )
        self.made = {
            each.name: PreparedChange(
                insert(each).returning(each.c.id),
                self.dialect,
                tuple(column.name for column in each.c if column.name != "id"),
            )
            for each in (
                workflow_instance,
                workflow_step,
                workflow_task,
                workflow_event,
                notification,
                history,
            )
        }

    def changing(self, table: Table, *columns: str) -> PreparedChange:
        return PreparedChange(update(table).where(table.c.id == bindparam("_id")), self.dialect, columns)

    def make(self, connection: Connection, table: Table, **values: Any) -> int:
        row: Mapping[str, Any] = dict.fromkeys(each.name for each in table.c) | values
        (identity,) = self.made[table.name].returned(connection, [row])
        return identity or 0

    def __call__(self, identities: list[int]) -> None:
        for identity in identities:
            self.submit(identity)
            for number in range(len(STEPS)):
                self.approve(identity, number)

    def submit(self, identity: int) -> None:
        with self.workspace.writing(self.actors[0]) as transaction:
            connection, now = transaction.connection, transaction.now
            self.move(connection, identity, "draft", "waiting", now)
            instance = self.make(
                connection, workflow_instance, entity=PAPER, record_id=identity, transition="submit",
                release=1, status="open", submitter=self.actors[0].id, source="draft", started_at=now,
            )  # fmt: skip
            self.ask(connection, identity, instance, 0, now)
            self.note(connection, identity, instance, ("moved", "submitted", "asked"), now)

    def approve(self, identity: int, number: int) -> None:
        actor = self.actors[number + 1]
        with self.workspace.writing(actor) as transaction:
            connection, now = transaction.connection, transaction.now
            ((task, instance, step),) = self.my_task.rows(connection, {"person": actor.id})
            self.lock_paper.rows(connection, {"id": identity})
            self.lock_instance.rows(connection, {"id": instance})
            taken = {"_id": task, "status": "approved", "decided_at": now, "decided_by": actor.id}
            assert self.decide.run(connection, [taken]) == 1
            self.end_step.run(connection, [{"_id": step, "status": "approved", "ended_at": now}])
            if number + 1 < len(STEPS):
                self.ask(connection, identity, instance, number + 1, now)
                self.note(connection, identity, instance, ("approved", "step_approved", "asked"), now)
                return
            self.end_instance.run(connection, [{"_id": instance, "status": "approved", "ended_at": now}])
            self.move(connection, identity, "waiting", "done", now)
            kinds = ("approved", "step_approved", "flow_approved", "moved")
            self.note(connection, identity, instance, kinds, now)
            self.tell(connection, self.actors[0].id or 0, identity, f"ended:{instance}", now)

    def move(self, connection: Connection, identity: int, source: str, to: str, now: datetime) -> None:
        (paper,) = self.lock_paper.rows(connection, {"id": identity})
        revision = paper[self.lock_paper.names.index("revision")] + 1
        changed = {"_id": identity, "stage": to, "revision": revision, "updated_at": now, "updated_by": 1}
        self.change_paper.run(connection, [changed])
        self.make(
            connection, history, entity=PAPER, record_id=identity, at=now, by=1, kind="transition",
            transition="submit", from_stage=source, to_stage=to, changes={}, release=1,
        )  # fmt: skip

    def ask(self, connection: Connection, identity: int, instance: int, number: int, now: datetime) -> None:
        name, person = STEPS[number], self.actors[number + 1].id
        step = self.make(
            connection, workflow_step, instance_id=instance, name=name, status="active", counts=True,
            started_at=now, detail={},
        )  # fmt: skip
        task = self.make(
            connection, workflow_task, instance_id=instance, step_id=step, step=name, entity=PAPER,
            record_id=identity, kind="decide", person=person, status="open", seat=0, weight="1",
            opened_at=now, comment="", detail={},
        )  # fmt: skip
        self.tell(connection, person or 0, identity, f"task:{task}", now)

    def note(
        self, connection: Connection, identity: int, instance: int, kinds: tuple[str, ...], now: datetime
    ) -> None:
        for kind in kinds:
            self.make(
                connection, workflow_event, entity=PAPER, record_id=identity, instance_id=instance, at=now,
                by=1, kind=kind, transition="submit", comment="", release=1, detail={},
            )  # fmt: skip

    def tell(self, connection: Connection, person: int, identity: int, key: str, now: datetime) -> None:
        self.make(
            connection, notification, user_id=person, key=f"hand:{identity}:{key}", kind="task", at=now,
            words=WORDS, entity=PAPER, record_id=identity,
        )  # fmt: skip
