"""What rights cost: lists and single records with rules for rows and fields beside the same without.

Two actors read the same table: one for whom everything is open, and one whose rows are narrowed by a path
through a link and whose fields are narrowed by a person. Both see the same number of rows, so that only the
rules differ. Rounds alternate. Usage: python benchmarks/rights.py [--database URL] [--rows 1000000]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import insert

from engine.definition.check import check_texts
from engine.records.query import Query
from engine.records.read import get, page
from engine.records.write import create
from engine.releases.apply import apply_plan
from engine.transaction import SYSTEM, Actor
from engine.workspace import Workspace, open_workspace

APP = """
app: bench
roles: {open: {}, ruled: {}}
entities:
  team:
    title: name
    fields: {name: {type: text, required: true}, lead: {type: user}}
    access: {everyone: {read: true}}
  deal:
    title: name
    fields:
      name: {type: text, required: true}
      team: {type: link, to: team, index: true}
      owner: {type: user, index: true}
      amount: {type: money}
      note: {type: text}
    access:
      role:open: {read: true}
      role:ruled: {read: owner == user or owner.manager == user or team.lead == user}
      fields:
        amount: {read: [role:open, owner, owner.manager, team.lead]}
        note: {read: [role:open, role:ruled]}
"""
BATCH = 20_000
TEAMS = 50
ROUNDS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="An empty database; a new SQLite file without it.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(chosen.database or f"sqlite:///{folder}/rights.db")
        open_, ruled = fill(workspace, chosen.rows)
        print(f"{chosen.rows:,} rows, {workspace.database.dialect}; the fastest tenth of {ROUNDS} rounds")
        for name, do in OPERATIONS.items():
            plain, narrowed = measure(workspace, (open_, ruled), do)
            print(f"{name:22} {plain * 1e3:8.2f} ms   {narrowed * 1e3:8.2f} ms   {narrowed / plain:5.2f}")
        workspace.close()


def fill(workspace: Workspace, rows: int) -> tuple[Actor, Actor]:
    """The app with its rows, all of them of teams that the ruled actor leads; both actors."""
    apply_plan(workspace.database, check_texts([{"bench.yaml": APP}]), message="", by="")
    with workspace.writing(SYSTEM) as transaction:
        people = [{"username": f"u{number}", "name": f"U {number}"} for number in range(2)]
        users = [create(transaction, "system.user", each) for each in people]
        named = [{"name": f"T {number}", "lead": users[1]} for number in range(TEAMS)]
        teams = [create(transaction, "bench.team", each) for each in named]
        table = transaction.catalog.entity("bench.deal").table
        kept = {"created_at": transaction.now, "updated_at": transaction.now, "revision": 1}
        for first in range(0, rows, BATCH):
            transaction.connection.execute(
                insert(table),
                [
                    {
                        **kept, "name": f"Deal {number}", "team": teams[number % TEAMS], "owner": users[0],
                        "amount": number, "note": "x",
                    }
                    for number in range(first, min(rows, first + BATCH))
                ],
            )  # fmt: skip
    workspace.database.take_stock()
    roles = ("bench.open", "bench.ruled")
    made = [
        replace(SYSTEM, id=user, username=f"u{n}", roles=frozenset({role}), administrator=False)
        for n, (user, role) in enumerate(zip(users, roles, strict=True))
    ]
    return made[0], made[1]


def read_one(workspace: Workspace, actor: Actor, number: int) -> None:
    with workspace.reading(actor) as transaction:
        get(transaction, "bench.deal", 1 + number * 997)


def read_list(workspace: Workspace, actor: Actor, _number: int) -> None:
    with workspace.reading(actor) as transaction:
        assert len(page(transaction, "bench.deal", Query(limit=50)).records) == 50


def read_list_and_count(workspace: Workspace, actor: Actor, _number: int) -> None:
    with workspace.reading(actor) as transaction:
        assert page(transaction, "bench.deal", Query(limit=50, count="capped")).count


OPERATIONS: dict[str, Callable[[Workspace, Actor, int], None]] = {
    "get": read_one,
    "list of 50": read_list,
    "list with capped count": read_list_and_count,
}


def measure(
    workspace: Workspace, actors: tuple[Actor, Actor], do: Callable[[Workspace, Actor, int], None]
) -> tuple[float, float]:
    """The time of each actor's requests in seconds: of the fastest tenth the slowest.

    Other processes of the machine lengthen rounds and never shorten them.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 5):
        for actor, times in zip(actors, taken, strict=True):
            begun = time.perf_counter()
            do(workspace, actor, number % 200)
            if number >= 5:
                times.append(time.perf_counter() - begun)
    fast = ROUNDS // 10
    return sorted(taken[0])[fast], sorted(taken[1])[fast]


if __name__ == "__main__":
    main()
