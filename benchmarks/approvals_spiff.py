"""A three-step approval with SpiffWorkflow, a BPMN engine, its state saved after each step.

The record, its history and the notifications are written as by hand; the flow's own state is one JSON text a
record, so that there are no tasks to list and no events to report.
"""

from itertools import pairwise
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from benchmarks.approvals_by_hand import STEPS, ByHand
from engine.schema.prepared import Prepared, PreparedChange
from engine.transaction import Actor
from engine.workspace import Workspace

PROCESS = "approval"
STATE = Table(
    "bench_spiff",
    MetaData(),
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
)


def bpmn() -> bytes:
    """The flow in BPMN 2.0: a start, a manual task for each step, an end."""
    names = ["start", *STEPS, "end"]
    kinds = ["startEvent", *["manualTask"] * len(STEPS), "endEvent"]
    nodes = "".join(f'<bpmn:{kind} id="{name}"/>' for name, kind in zip(names, kinds, strict=True))
    flows = "".join(
        f'<bpmn:sequenceFlow id="to_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in pairwise(names)
    )
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    return (
        f'<bpmn:definitions xmlns:bpmn="{space}" id="flows" targetNamespace="bench">'
        f'<bpmn:process id="{PROCESS}" isExecutable="true">{nodes}{flows}</bpmn:process></bpmn:definitions>'
    ).encode()


class BySpiff:
    """The parsed flow and its state of each record."""

    def __init__(self, workspace: Workspace, actors: list[Actor]) -> None:
        self.workspace, self.actors = workspace, actors
        self.hand = ByHand(workspace, actors)
        parser = BpmnParser()
        parser.add_bpmn_str(bpmn())
        self.flow = parser.get_spec(PROCESS)
        self.serializer = BpmnWorkflowSerializer()
        with workspace.database.writing() as connection:
            STATE.create(connection)
        dialect, mine = workspace.database.engine.dialect, STATE.c.record_id == bindparam("_id")
        self.read = Prepared(select(STATE.c.state).where(mine).with_for_update(), dialect)
        self.begin = PreparedChange(insert(STATE), dialect, ("record_id", "state"))
        self.save = PreparedChange(update(STATE).where(mine), dialect, ("state",))

    def __call__(self, identities: list[int]) -> None:
        for identity in identities:
            self.submit(identity)
            for number in range(len(STEPS)):
                self.approve(identity, number)

    def submit(self, identity: int) -> None:
        with self.workspace.writing(self.actors[0]) as transaction:
            connection, now = transaction.connection, transaction.now
            running = BpmnWorkflow(self.flow)
            running.do_engine_steps()
            self.hand.move(connection, identity, "draft", "waiting", now)
            state = {"record_id": identity, "state": self.serializer.serialize_json(running)}
            self.begin.run(connection, [state])
            self.tell(connection, identity, running, now)

    def approve(self, identity: int, number: int) -> None:
        with self.workspace.writing(self.actors[number + 1]) as transaction:
            connection, now = transaction.connection, transaction.now
            self.hand.lock_paper.rows(connection, {"id": identity})
            ((state,),) = self.read.rows(connection, {"_id": identity})
            running = self.serializer.deserialize_json(state)
            running.get_next_task(state=TaskState.READY, manual=True).run()
            running.do_engine_steps()
            self.save.run(connection, [{"_id": identity, "state": self.serializer.serialize_json(running)}])
            if running.completed:
                self.hand.move(connection, identity, "waiting", "done", now)
            self.tell(connection, identity, running, now)

    def tell(self, connection: Connection, identity: int, running: Any, now: Any) -> None:
        """Tells who is asked now, or the submitter that it ended."""
        task = running.get_next_task(state=TaskState.READY, manual=True)
        name = task.task_spec.name if task else "ended"
        person = self.actors[STEPS.index(name) + 1 if task else 0]
        self.hand.tell(connection, person.id or 0, identity, f"spiff:{name}", now)
