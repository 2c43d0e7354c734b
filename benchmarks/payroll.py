"""A whole payroll, live and frozen, beside SQL written by hand and beside Python row by row.

Everybody has a frozen payslip of January and a draft of February; there are ten deals a person. Measured are
the totals of all drafts (every formula of every payslip), the freezing of all of them, and one record and a
page of a list with and without their live fields. A ratio is Dougong ÷ SQL by hand of the processor time of
our process and of the database's. Row by row is what plain simpleeval with one query a payslip takes for a
sample, scaled to all.

Usage: python benchmarks/payroll.py [--people N] [--deals N] [--database sqlite|postgresql]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
from simpleeval import SimpleEval
from sqlalchemy import Connection, bindparam, func, select, text, update

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import payroll_by_hand, payroll_data
from benchmarks.records import DATABASES
from engine.definition.files import read_files
from engine.formula.compile_sql import moment_parameters
from engine.records.freeze import store_values
from engine.records.query import Query
from engine.records.read import page
from engine.records.select import Narrowing, matching_rows, record_statement
from engine.releases.apply import apply_plan
from engine.releases.proposal import proposed
from engine.row_sources import RowSources
from engine.schema.database import open_database
from engine.transaction import SYSTEM, Transaction
from engine.workspace import open_workspace

DEFINITION = Path(__file__).with_name("payroll_app.yaml")
SAMPLE = 200
PAGES, LISTED = 40, 50
SCALE = {"sqlite": 100, "postgresql": 1}


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds on the clock and of processors: our process and the database's together."""

    wall: float
    cpu: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--database", choices=list(DATABASES), action="append")
    arguments.add_argument("--people", type=int, default=100_000)
    arguments.add_argument("--deals", type=int, default=1_000_000)
    given = arguments.parse_args()
    for database in given.database or DATABASES:
        folder = Path(tempfile.mkdtemp(prefix="dougong-payroll-"))
        folder.chmod(0o755)
        try:
            with DATABASES[database](folder) as url:
                measure(database, url, given.people, given.deals)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def measure(database: str, url: str, people: int, deals: int) -> None:
    """Fills one database and prints what everything took."""
    opened = open_database(url)
    apply_plan(opened, proposed(None, read_files([DEFINITION]).values()), message="benchmark", by="")
    opened.close()
    workspace = open_workspace(url)
    with workspace.writing(SYSTEM) as transaction:
        payroll_data.fill(transaction.connection, people, deals)
        draft(transaction, people, 1)
    print(f"{database}: {people:,} people, {deals:,} deals", flush=True)
    with workspace.writing(SYSTEM) as transaction:
        identities = payslips(transaction, 1)
        with memory_watched() as before:
            time.sleep(0.1)
        with memory_watched() as memory:
            first = timed(
                transaction, lambda: store_values(transaction, payslip(transaction), identities, "approved")
            )
        draft(transaction, people, 2)
    print_line("freeze January", first)
    print(f"  own memory of our process: {before[0]} MB before it, at most {memory[0]} MB in it")
    with workspace.writing(SYSTEM) as transaction:
        ours, by_hand, wrong = compare_totals(transaction)
        print_ratio("totals of all drafts", ours, by_hand)
        print(f"  totals that differ from SQL by hand: {wrong}")
        print_line(f"row by row in Python, {SAMPLE} scaled", row_by_row(transaction, people))
        with_live, without = one_record(transaction)
        print(f"  one record: {with_live * 1000:.2f} ms with live fields, {without * 1000:.2f} ms without")
        with_live, without = list_pages(transaction)
        print(f"  a page of {LISTED}: {with_live * 1000:.2f} ms with, {without * 1000:.2f} ms without")
        copy_payslips(transaction)
    with workspace.writing(SYSTEM) as transaction:
        identities = payslips(transaction, 2)
        ours = timed(
            transaction, lambda: store_values(transaction, payslip(transaction), identities, "approved")
        )
        statement = text(payroll_by_hand.freeze(database, 2))
        by_hand = timed(transaction, lambda: transaction.connection.execute(statement))
        print_ratio("freeze February", ours, by_hand)
    with workspace.reading(SYSTEM) as transaction:
        different = wrong_payslips(transaction, people, deals)
        print(f"  payslips that differ from fractions: {different} of {2 * people:,}", flush=True)
    workspace.close()


def payslip(transaction: Transaction) -> Any:
    return transaction.catalog.entity("pay.payslip")


def draft(transaction: Transaction, people: int, period: int) -> None:
    """Draft payslips of everybody, their stored formulas computed."""
    payroll_data.add_payslips(transaction.connection, people, period)
    entity, sources = payslip(transaction), RowSources(transaction.catalog)
    stored = {
        name: sources.value(entity.fields[name].formula, entity.table) for name in entity.stored_formulas
    }
    statement = update(entity.table).values(stored).where(entity.table.c.period == period)
    transaction.connection.execute(statement)
    transaction.connection.execute(text("ANALYZE"))


def copy_payslips(transaction: Transaction) -> None:
    """The payslips again, in a table that SQL by hand may write to: with the same indexes."""
    execute = transaction.connection.exec_driver_sql
    execute("CREATE TABLE plain_payslip AS SELECT * FROM pay__payslip")
    execute("CREATE UNIQUE INDEX plain_payslip_id ON plain_payslip (id)")
    for number, index in enumerate(payslip(transaction).table.indexes):
        columns = ", ".join(each.name for each in index.columns)
        execute(f"CREATE INDEX plain_payslip_{number} ON plain_payslip ({columns})")


def payslips(transaction: Transaction, period: int) -> list[int]:
    table = payslip(transaction).table
    return list(transaction.connection.execute(select(table.c.id).where(table.c.period == period)).scalars())


def compare_totals(transaction: Transaction) -> tuple[Taken, Taken, int]:
    """The sums of all live fields of the drafts: ours, by hand, and how many sums are not the same."""
    entity = payslip(transaction)
    names = (
        "sales_won", "deals_won", "commission", "bonus", "gross", "taxable", "taxable_to_date", "tax_to_date",
        "tax_withheld", "tax", "net",
    )  # fmt: skip
    found: list[Any] = []

    def ours() -> None:
        narrowing = Narrowing(
            early=lambda _sources, rows: [rows.c.period == 2], needs=frozenset(names) & entity.live
        )
        sources, rows, conditions = matching_rows(transaction, entity, narrowing)
        sums = [func.sum(sources.column(rows, entity.key, name)) for name in names]
        statement = select(*sums).select_from(rows).where(*conditions)
        found.append(transaction.connection.execute(statement, moment_parameters(transaction.moment)).one())

    def by_hand() -> None:
        statement = text(payroll_by_hand.totals(transaction.dialect, 2))
        found.append(transaction.connection.execute(statement).one())

    taken = timed(transaction, ours), timed(transaction, by_hand)
    scale = SCALE[transaction.dialect]
    scaled = [1 if name == "deals_won" else scale for name in names]
    wrong = sum(
        Decimal(one) != Decimal(other) / by for one, other, by in zip(found[0], found[1], scaled, strict=True)
    )
    return *taken, wrong


ROW = """SELECT s.base, s.overtime_hours, s.special_deductions, s.overtime_pay, s.social_insurance,
  e.commission_rate,
  (SELECT coalesce(sum(d.amount), 0) FROM pay__deal d WHERE d.owner = e.person AND d.status = 'won'
   AND d.won_on BETWEEN q.start AND q."end") AS won,
  (SELECT count(*) FROM pay__deal d WHERE d.owner = e.person AND d.status = 'won'
   AND d.won_on BETWEEN q.start AND q."end") AS deals,
  (SELECT coalesce(sum(p.taxable), 0) FROM pay__payslip p JOIN pay__period o ON o.id = p.period
   WHERE p.employee = s.employee AND o.start < q.start) AS before,
  (SELECT coalesce(sum(p.tax), 0) FROM pay__payslip p JOIN pay__period o ON o.id = p.period
   WHERE p.employee = s.employee AND o.start < q.start) AS withheld
FROM pay__payslip s JOIN pay__employee e ON e.id = s.employee JOIN pay__period q ON q.id = s.period
WHERE s.id = :id"""
STEPS = {
    "commission": "round(won * commission_rate, 2)",
    "bonus": "round(won / deals * 0.01, 2) if deals > 3 else 0",
    "gross": "base + overtime_pay + commission + bonus",
    "taxable": "gross - 5000 - social_insurance - special_deductions",
    "to_date": "taxable + before",
    "tax_to_date": "round(slices(to_date), 2)",
    "tax": "max(0, tax_to_date - withheld)",
    "net": "gross - social_insurance - tax",
}


def row_by_row(transaction: Transaction, people: int) -> Taken:
    """One query and eight evaluations of text a payslip, for a sample, scaled to everybody."""

    def slices(amount: float) -> float:
        total, lower = 0.0, 0
        for limit, percent in zip(payroll_data.LIMITS, payroll_data.RATES, strict=True):
            total += max(0.0, min(amount, limit or amount) - lower) * percent / 100
            lower = limit or 0
        return total

    functions = {"round": round, "max": max, "slices": slices}
    identities = payslips(transaction, 2)[:SAMPLE]

    def run() -> None:
        for identity in identities:
            row = transaction.connection.execute(text(ROW), {"id": identity}).mappings().one()
            names = {name: float(value or 0) for name, value in row.items()}
            for name, formula in STEPS.items():
                names[name] = SimpleEval(functions=functions, names=names).eval(formula)

    taken = timed(transaction, run)
    return Taken(taken.wall * people / len(identities), taken.cpu * people / len(identities))


def one_record(transaction: Transaction) -> tuple[float, float]:
    """Seconds to read one draft with its live fields and without them (medians)."""
    identities = payslips(transaction, 2)[:SAMPLE]
    entity = payslip(transaction)
    stored = frozenset(entity.fields) - entity.live
    taken: list[list[float]] = [[], []]
    narrowing = Narrowing(early=lambda _sources, rows: [rows.c.id == bindparam("identity")])
    for fields, each in zip((None, stored), taken, strict=True):
        statement = record_statement(transaction, entity, narrowing, fields)
        for identity in identities:
            started = time.perf_counter()
            statement.rows(transaction, moment_parameters(transaction.moment) | {"identity": identity})
            each.append(time.perf_counter() - started)
    return statistics.median(taken[0]), statistics.median(taken[1])


def list_pages(transaction: Transaction) -> tuple[float, float]:
    """Seconds to read a page of drafts with their live fields and without them (medians)."""
    entity = payslip(transaction)
    stored = frozenset(entity.fields) - entity.live
    taken: list[list[float]] = [[], []]
    for fields, each in zip((frozenset(entity.fields), stored), taken, strict=True):
        after = None
        for _ in range(PAGES):
            # The drafts are the last ones.
            query = Query(sort=(("id", True),), limit=LISTED, fields=fields, after=after)
            started = time.perf_counter()
            after = page(transaction, entity.key, query).next
            each.append(time.perf_counter() - started)
    return statistics.median(taken[0]), statistics.median(taken[1])


def wrong_payslips(transaction: Transaction, people: int, deals: int) -> int:
    """How many frozen payslips are not those of the model in fractions."""
    table, wrong = payslip(transaction).table, 0
    for period, answers in zip((1, 2), payroll_data.expected(people, deals), strict=True):
        statement = select(table.c.employee, table.c.net, table.c.tax).where(table.c.period == period)
        for person, net, tax in transaction.connection.execute(statement):
            wrong += (net, tax) != tuple(Decimal(each).scaleb(-2) for each in answers[person - 1])
    return wrong


def timed(transaction: Transaction, work: Callable[[], Any]) -> Taken:
    processes = [psutil.Process(), *database_processes(transaction.connection)]
    before, started = cpu_seconds(processes), time.perf_counter()
    work()
    return Taken(time.perf_counter() - started, cpu_seconds(processes) - before)


def database_processes(connection: Connection) -> list[psutil.Process]:
    """The server process of the connection, which does all its work: none on SQLite."""
    if connection.dialect.name == "sqlite":
        return []
    connection.execute(text("SET max_parallel_workers_per_gather = 0"))
    return [psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())]


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)


@contextmanager
def memory_watched() -> Iterator[list[int]]:
    """The most memory of its own, in MB, that our process had meanwhile; pages of the database apart.

    Elsewhere than on Linux nothing is watched.
    """
    found, over = [0], Event()
    status = Path("/proc/self/status")

    def watch() -> None:
        while status.exists() and not over.wait(0.02):
            line = next(each for each in status.read_text().splitlines() if each.startswith("RssAnon"))
            found[0] = max(found[0], int(line.split()[1]) // 1024)

    watching = Thread(target=watch)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def print_line(name: str, taken: Taken) -> None:
    print(f"  {name}: {taken.wall:.2f} s wall, {taken.cpu:.2f} s processor", flush=True)


def print_ratio(name: str, ours: Taken, by_hand: Taken) -> None:
    print_line(name, ours)
    print_line(f"{name}, SQL by hand", by_hand)
    print(f"  ratio {ours.wall / by_hand.wall:.2f} wall, {ours.cpu / by_hand.cpu:.2f} processor", flush=True)


if __name__ == "__main__":
    main()
