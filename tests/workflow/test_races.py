"""Two people at once, with real concurrent transactions: one outcome, a consistent history, nothing stuck.

SQLite has one writer, which hides such races; so they run on PostgreSQL, many rounds each.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands
from engine.definition.check import check_texts
from engine.problems import InputRefused, NotPossible, Refused
from engine.releases.apply import apply_plan
from engine.schema.workflow_tables import workflow_event, workflow_instance, workflow_task, workflow_timer
from engine.transaction import Actor
from engine.workflow.tasks import Sent
from engine.workspace import Workspace, open_workspace
from tests.workflow.office import APP, Office, open_office, paper

ROUNDS = 200
FLOWS = {
    "one": "desk: {approvers: [role:desk], decide: any}",
    "two": "desk: {approvers: [role:desk], decide: all}\nlast: {approvers: [owner.manager]}",
    "timed": 'one: {approvers: [owner.manager], due: 1 day, overdue: {escalate: ["manager(2)"]}}',
}
Act = Callable[[], Any]


@pytest.fixture
def office(postgresql_url: str) -> Iterator[Office]:
    workspace: Workspace = open_workspace(postgresql_url)
    yaml = APP + "".join(paper(f"_{name}", steps) for name, steps in FLOWS.items())
    apply_plan(workspace.database, check_texts([{"office_app.yaml": yaml}]), message="test", by="test")
    yield open_office(workspace)
    workspace.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def together(pool: ThreadPoolExecutor, acts: Sequence[Act]) -> list[Any]:
    """Runs the acts at the same moment; gives what they gave, or their refusals."""
    barrier = Barrier(len(acts))

    def run(act: Act) -> Any:
        barrier.wait()
        try:
            return act()
        except (Refused, InputRefused) as refusal:
            return refusal

    return list(pool.map(run, acts))


def submitted(office: Office, flow: str) -> int:
    office.entity = f"office.paper_{flow}"
    office.new_paper()
    office.act("ann: submit")
    return office.paper


def task_of(office: Office, who: str) -> int:
    with office.workspace.reading() as transaction:
        table = workflow_task
        found = transaction.connection.execute(
            select(table.c.id)
            .where(
                table.c.entity == office.entity,
                table.c.record_id == office.paper,
                table.c.person == office.people[who].id,
            )
            .order_by(table.c.id.desc())
        )
        return int(found.scalars().first() or 0)


def decision(office: Office, who: str, name: str, request: str | None = None) -> Act:
    task, actor = task_of(office, who), office.people[who]
    return lambda: commands.decide_task(office.workspace, actor, task, name, Sent(request=request))


def standing(office: Office) -> tuple[str, str, int]:
    """The stage of the paper, the status of its instance, and how often it came to `done`."""
    with office.workspace.reading() as transaction:
        connection = transaction.connection
        table = transaction.catalog.entity(office.entity).table
        stage = connection.execute(select(table.c.stage).where(table.c.id == office.paper)).scalar_one()
        of_paper = connection.execute(
            select(workflow_instance).where(
                workflow_instance.c.entity == office.entity,
                workflow_instance.c.record_id == office.paper,
            )
        ).all()
        moves = connection.execute(
            select(workflow_event.c.detail).where(
                workflow_event.c.entity == office.entity,
                workflow_event.c.record_id == office.paper,
                workflow_event.c.kind == "moved",
            )
        ).scalars()
        done = sum(each["to"] == "done" for each in moves)
        left = connection.execute(
            select(workflow_task.c.id).where(
                workflow_task.c.instance_id.in_([row.id for row in of_paper]),
                workflow_task.c.status.in_(("open", "waiting")),
            )
        ).all()
        (status,) = {row.status for row in of_paper}
        assert (status == "open") == bool(left)
        assert len(of_paper) == 1
        return stage, status, done


def refusals(outcomes: list[Any]) -> list[str]:
    return [str(each) for each in outcomes if isinstance(each, Exception)]


def test_two_approvers_of_an_any_step(office: Office, pool: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        submitted(office, "one")
        outcomes = together(pool, [decision(office, "eve", "approve"), decision(office, "fay", "reject")])
        assert len(refusals(outcomes)) == 1
        assert isinstance(next(each for each in outcomes if isinstance(each, Exception)), NotPossible)
        stage, status, done = standing(office)
        assert (stage, status, done) in {("done", "approved", 1), ("draft", "rejected", 0)}


def test_the_last_two_of_an_all_step(office: Office, pool: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        submitted(office, "two")
        outcomes = together(pool, [decision(office, "eve", "approve"), decision(office, "fay", "approve")])
        assert refusals(outcomes) == []
        assert standing(office) == ("waiting", "open", 0)
        assert office.steps_now() == "desk approved, last active"


def test_approve_against_withdraw(office: Office, pool: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        paper_id = submitted(office, "one")
        ann, entity = office.people["ann"], office.entity
        outcomes = together(
            pool,
            [
                decision(office, "eve", "approve"),
                lambda: commands.withdraw(office.workspace, ann, entity, paper_id),  # noqa: B023
            ],
        )
        assert len(refusals(outcomes)) == 1
        assert standing(office) in {("done", "approved", 1), ("draft", "withdrawn", 0)}


def test_a_timer_against_a_click(office: Office, pool: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        submitted(office, "timed")
        with office.workspace.reading() as transaction:
            timer = transaction.connection.execute(
                select(workflow_timer.c.id, workflow_timer.c.due_at).order_by(workflow_timer.c.id.desc())
            ).first()
        assert timer is not None
        outcomes = together(
            pool,
            [
                decision(office, "bo", "approve"),
                lambda: commands.fire_timer(office.workspace, timer.id, timer.due_at + timedelta(hours=1)),  # noqa: B023
            ],
        )
        if isinstance(outcomes[0], Exception):
            assert outcomes[1] == "done"
            assert standing(office) == ("waiting", "open", 0)
            decision(office, "cy", "approve")()
        else:
            assert outcomes[1] == "stale"
        assert standing(office) == ("done", "approved", 1)


def test_a_double_click(office: Office, pool: ThreadPoolExecutor) -> None:
    for number in range(ROUNDS):
        submitted(office, "one")
        click = decision(office, "eve", "approve", request=f"click {number}")
        first, second = together(pool, [click, click])
        assert first == second
        assert standing(office) == ("done", "approved", 1)


def test_two_submits(office: Office, pool: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        office.entity = "office.paper_one"
        identity = office.new_paper()
        ann, entity = office.people["ann"], office.entity

        def submit(ann: Actor = ann, identity: int = identity, entity: str = entity) -> Any:
            return commands.fire_transition(office.workspace, ann, entity, identity, "submit")

        outcomes = together(pool, [submit, submit])
        assert len(refusals(outcomes)) == 1
        assert standing(office) == ("waiting", "open", 0)
