"""Three-step approvals through the commands, beside the same writes by hand, and beside SpiffWorkflow.

Usage: python benchmarks/approvals.py [--count N] [--database sqlite|postgresql]

Milliseconds of this process and of the clock for each approval (a submission and three decisions, a
transaction each), and the ratios. By hand the flow is known: nothing is looked up but what is locked.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import bindparam, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.approvals_by_hand import ByHand
from benchmarks.approvals_spiff import BySpiff
from benchmarks.records import DATABASES
from engine import commands
from engine.access.actors import find_actor
from engine.definition.check import check_texts
from engine.records.bulk import insert_many
from engine.releases.apply import apply_plan
from engine.schema.prepared import Prepared
from engine.schema.workflow_tables import workflow_task
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
ROUNDS = 5


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
    table = workflow_task
    mine = select(table.c.id).where(table.c.person == bindparam("person"), table.c.status == "open")
    my_task = Prepared(mine, workspace.database.engine.dialect)
    for identity in identities:
        commands.fire_transition(workspace, actors[0], "bench.paper", identity, "submit")
        for actor in actors[1:]:
            with workspace.database.reading() as connection:
                ((task,),) = my_task.rows(connection, {"person": actor.id})
            commands.decide_task(workspace, actor, task, "approve")


def warm_up(workspace: Workspace, ways: dict[str, Callable[[list[int]], None]]) -> None:
    """Each way once, so that statements are compiled and connections open."""
    for way in ways.values():
        way(papers(workspace, 10))


def measure(
    workspace: Workspace, ways: dict[str, Callable[[list[int]], None]], count: int
) -> dict[str, tuple[float, float]]:
    """Way → seconds of this process and of the clock; in rounds, so that a busy machine is busy for all."""
    spent = dict.fromkeys(ways, (0.0, 0.0))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            given = papers(workspace, count // ROUNDS)
            processor, clock = time.process_time(), time.perf_counter()
            way(given)
            before = spent[name]
            spent[name] = (
                before[0] + time.process_time() - processor,
                before[1] + time.perf_counter() - clock,
            )
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, DATABASES[given.database](Path(folder)) as address:
        workspace = open_workspace(address)
        apply_plan(workspace.database, check_texts([{"bench.yaml": APP}]), message="bench", by="bench")
        actors = people(workspace)
        ways: dict[str, Callable[[list[int]], None]] = {
            "commands": lambda some: by_commands(workspace, actors, some),
            "by hand": ByHand(workspace, actors),
            "SpiffWorkflow": BySpiff(workspace, actors),
        }
        warm_up(workspace, ways)
        spent = measure(workspace, ways, given.count)
        workspace.close()
    print(f"{datetime.now(UTC):%Y-%m-%d}  {given.count} approvals of three steps, {given.database}")
    print(f"{'':15}{'process ms':>12}{'ratio':>8}{'clock ms':>12}{'ratio':>8}")
    hand = spent["by hand"]
    for name, (processor, clock) in spent.items():
        each = 1000 / given.count
        of_process = f"{processor * each:12.2f}{processor / hand[0]:8.2f}"
        print(f"{name:15}{of_process}{clock * each:12.2f}{clock / hand[1]:8.2f}")


if __name__ == "__main__":
    main()
