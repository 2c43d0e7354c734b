"""Lists of a thousand and of a million records: milliseconds (median) of a page, whatever it asks for.

`python benchmarks/lists.py [most] [database address]`. The records are made by the database itself and then
indexed as a publish does it. On SQLite it is the time of the processor, which does not hang on what else the
machine does; on PostgreSQL, which works in processes of its own, the time that passes.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import text

from engine.definition.check import check_texts
from engine.records.best_hits import search_everywhere
from engine.records.groups import groups
from engine.records.query import Query
from engine.records.read import page
from engine.releases.apply import apply_plan
from engine.schema import search_index
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace

APP = """
app: bench
entities:
  deal:
    title: name
    indexes: [[amount], [stage], [day]]
    fields:
      name: {type: text, required: true}
      note: {type: text}
      amount: {type: money, required: true}
      stage: {type: choice, required: true, options: [lead, offer, won, lost]}
      day: {type: date, required: true}
    views:
      all: {type: list, columns: [name, amount, stage, day], sort: [-amount], totals: {amount: sum}}
      plain: {type: list, columns: [name, amount, stage, day], sort: [-amount]}
"""
ROUNDS = 15
CLOCKS = {"sqlite": time.process_time, "postgresql": time.perf_counter}
CITIES = ("北京", "上海", "广州", "深圳", "成都", "Berlin", "Lyon", "Oslo", "Austin", "Kyoto")
THINGS = ("自动化改造", "能源管理", "设备更新", "retrofit", "new plant", "spare parts", "仓储自动化")

QUERIES = {
    "first page": Query(view="plain"),
    "counted (capped)": Query(view="plain", count="capped"),
    "filtered, sorted by date": Query(
        view="plain", filter='stage == "won" and amount > 500', sort=(("day", False),)
    ),
    "search: one record": Query(view="plain", search="n4217", count="capped"),
    "search: two words": Query(view="plain", search="上海 n42", count="capped"),
    "search: a word in 1 of 10": Query(view="plain", search="oslo", count="capped"),
    "search: in 4 of 7": Query(view="plain", search="自动", count="capped"),
    "search: nothing": Query(view="plain", search="zzz 请假", count="capped"),
}


def fill(workspace: Workspace, count: int) -> float:
    """Makes the records, then indexes them; the seconds that the index took."""

    def either(values: tuple[str, ...], by: int) -> str:
        cases = " ".join(f"WHEN {n} THEN '{value}'" for n, value in enumerate(values))
        return f"CASE (n / {by}) % {len(values)} {cases} END"

    numbers = (
        f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count})"
        if workspace.database.dialect == "sqlite"
        else f"WITH c(n) AS (SELECT generate_series(1, {count}))"
    )
    amount = "(n * CAST(7919 AS bigint)) % 1000003"
    day = (
        "date('2020-01-01', '+' || (n % 3000) || ' days')"
        if workspace.database.dialect == "sqlite"
        else ("date '2020-01-01' + (n % 3000)")
    )
    now = "'2026-01-01 00:00:00'" + ("" if workspace.database.dialect == "sqlite" else "::timestamptz")
    with workspace.writing(SYSTEM) as transaction:
        connection = transaction.connection
        connection.execute(
            text(
                f"INSERT INTO bench__deal (name, note, amount, stage, day, created_at, updated_at, revision) "
                f"{numbers} SELECT {either(CITIES, 1)} || ' ' || {either(THINGS, 3)} || ' n' || n, "
                f"'note ' || (n % 977), {amount}, {either(('lead', 'offer', 'won', 'lost'), 7)}, {day}, "
                f"{now}, {now}, 1 FROM c"
            )
        )
        clock = CLOCKS[transaction.dialect]
        started = clock()
        number, fields = search_index.numbers(connection)["bench.deal"]
        search_index.rebuild(connection, number, fields, transaction.catalog.entity("bench.deal").table)
        took = clock() - started
        if transaction.dialect == "postgresql":
            connection.execute(text("ANALYZE bench__deal"))
            connection.execute(text("ANALYZE dougong_search"))
        else:
            connection.execute(text("ANALYZE"))
    return took


def median(act: object, clock: Callable[[], float] = time.process_time) -> float:
    """Milliseconds of a call, the median of several."""
    assert callable(act)
    taken = []
    for _ in range(ROUNDS):
        started = clock()
        act()
        taken.append((clock() - started) * 1000)
    return statistics.median(taken)


def measure(workspace: Workspace) -> dict[str, float]:
    """What each kind of page takes."""
    timed = partial(median, clock=CLOCKS[workspace.database.dialect])
    with workspace.reading(SYSTEM) as transaction:
        found = {
            name: timed(lambda query=query: page(transaction, "bench.deal", query))
            for name, query in QUERIES.items()
        }
        after = None
        for _ in range(20):
            after = page(transaction, "bench.deal", Query(view="plain", after=after)).next
        deep = Query(view="plain", after=after)
        found["twentieth page"] = timed(lambda: page(transaction, "bench.deal", deep))
        found["search everywhere"] = timed(lambda: search_everywhere(transaction, "上海 n421"))
        found["totals of all"] = timed(
            lambda: page(transaction, "bench.deal", Query(view="all", totals={"amount": "sum"}))
        )
        found["groups with totals"] = timed(
            lambda: groups(transaction, "bench.deal", Query(totals={"amount": "sum"}), "stage")
        )
    return found


def main() -> None:
    """Prints a line for each kind of page: at a thousand records and at the most."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = []
    for count in (1_000, most):
        with tempfile.TemporaryDirectory() as folder:
            address = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}"
            workspace = open_workspace(address)
            apply_plan(workspace.database, check_texts([{"bench.yaml": APP}]), "bench", "bench")
            if len(sys.argv) > 2:
                with workspace.writing(SYSTEM) as transaction:
                    transaction.connection.execute(text("TRUNCATE bench__deal RESTART IDENTITY CASCADE"))
            print(f"{count:,} records, indexed in {fill(workspace, count):.1f} s", flush=True)
            results.append(measure(workspace))
            workspace.close()
    print(f"{'milliseconds':32} {'1,000':>10} {most:>10,}")
    for name, few in results[0].items():
        print(f"{name:32} {few:10.2f} {results[1][name]:10.2f}")


if __name__ == "__main__":
    main()
