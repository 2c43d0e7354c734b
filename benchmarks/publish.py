"""How long publishing takes over 1,000,000 records, and how long people who save wait meanwhile.

Each change is published by Dougong while a thread saves one record after the other through the engine; beside
it the same change is made by SQL written by hand on a table of the same rows, while a thread writes single
rows. `seconds` is the change from beginning to end, `wait` the longest time that one write took.

Usage: python benchmarks/publish.py [--records N] [--database sqlite|postgresql] [--json]
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.records import DATABASES
from engine.commands import create_record, update_record
from engine.definition.check import check_texts
from engine.problems import ReleaseChanged
from engine.releases.apply import apply_plan
from engine.releases.step import Risk
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace

RECORDS = 1_000_000
PAUSE = 0.002
FIELDS = {
    "name": "{type: text}",
    "value": "{type: money}",
    "count": "{type: integer}",
    "phone": "{type: text}",
    "code": "{type: text}",
}
COLUMNS = "name, value, count, phone, code"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the definition's fields (None takes one out), and what somebody would write by hand."""

    name: str
    fields: Mapping[str, str | None]
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


CHANGES = (
    Change(
        "add a field",
        {"discount": "{type: decimal}"},
        ("ALTER TABLE plain ADD COLUMN discount BIGINT",),
        ("ALTER TABLE plain ADD COLUMN discount NUMERIC(18, 2)",),
    ),
    Change(
        "add a field with a default",
        {"kind": "{type: choice, options: [old, new], default: old}"},
        ("ALTER TABLE plain ADD COLUMN kind VARCHAR", "UPDATE plain SET kind = 'old'"),
        ("ALTER TABLE plain ADD COLUMN kind VARCHAR", "UPDATE plain SET kind = 'old'"),
    ),
    Change(
        "rename",
        {"value": None, "amount": "{type: money, was: value}"},
        ("ALTER TABLE plain RENAME COLUMN value TO amount",),
        ("ALTER TABLE plain RENAME COLUMN value TO amount",),
    ),
    Change(
        "widen (whole number to two decimals)",
        {"count": "{type: decimal}"},
        ("UPDATE plain SET count = count * 100",),
        ("ALTER TABLE plain ALTER COLUMN count TYPE NUMERIC(18, 2)",),
    ),
    Change(
        "change type (text to whole number)",
        {"phone": "{type: integer}"},
        (
            "ALTER TABLE plain RENAME COLUMN phone TO old_phone",
            "ALTER TABLE plain ADD COLUMN phone BIGINT",
            "UPDATE plain SET phone = CAST(old_phone AS INTEGER) WHERE old_phone NOT GLOB '*[^0-9]*'",
        ),
        (
            "ALTER TABLE plain RENAME COLUMN phone TO old_phone",
            "ALTER TABLE plain ADD COLUMN phone BIGINT",
            "UPDATE plain SET phone = CAST(old_phone AS BIGINT) WHERE old_phone ~ '^[0-9]+$'",
        ),
    ),
    Change(
        "remove a field",
        {"code": None},
        ("ALTER TABLE plain DROP COLUMN code",),
        ("ALTER TABLE plain DROP COLUMN code",),
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds."""

    database: str
    change: str
    dougong: float
    dougong_wait: float
    by_hand: float
    by_hand_wait: float


def main() -> None:
    """Measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=RECORDS)
    arguments.add_argument("--database", choices=list(DATABASES), action="append")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    found = []
    for name in given.database or list(DATABASES):
        with tempfile.TemporaryDirectory() as folder, DATABASES[name](Path(folder)) as address:
            found += list(measure(name, address, given.records))
    if given.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
        return
    print(f"{given.records:,} records; seconds, and the longest wait of somebody who saves\n")
    print(f"{'database':<11} {'change':<38} {'Dougong':>8} {'wait':>6} {'by hand':>9} {'wait':>6}")
    for each in found:
        print(
            f"{each.database:<11} {each.change:<38} {each.dougong:>8.2f} {each.dougong_wait:>6.2f} "
            f"{each.by_hand:>9.2f} {each.by_hand_wait:>6.2f}"
        )


def measure(name: str, address: str, records: int) -> Iterator[Measured]:
    """Every change, by Dougong and by hand."""
    workspace = open_workspace(address)
    fields = dict(FIELDS)
    publish(workspace, fields)
    fill(workspace, records)
    for change in CHANGES:
        for field, definition in change.fields.items():
            if definition is None:
                del fields[field]
            else:
                fields[field] = definition
        with writer(lambda: save(workspace)) as waits:
            ours = seconds(lambda: publish(workspace, fields))
        with by_hand(name, address) as one, by_hand(name, address) as two:
            statements = getattr(change, name)
            with writer(lambda each=two: write_plainly(each)) as plain_waits:  # type: ignore[misc]
                plain = seconds(lambda each=one, sql=statements: carry_out(each, sql))  # type: ignore[misc]
        yield Measured(name, change.name, ours, max(waits), plain, max(plain_waits))
    workspace.close()


def publish(workspace: Workspace, fields: Mapping[str, str]) -> None:
    """Publishes the app with these fields."""
    lines = [f"      {name}: {definition}" for name, definition in fields.items()]
    text = "\n".join(["app: crm", "entities:", "  deal:", "    fields:", *lines, ""])
    checked = check_texts([{"crm_app.yaml": text}])
    apply_plan(workspace.database, checked, "benchmark", "benchmark", frozenset(Risk))


def fill(workspace: Workspace, records: int) -> None:
    """Rows in both tables; every thousandth phone is none."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})"
    phone = "CASE WHEN i / 1000 * 1000 = i THEN 'n/a' ELSE CAST(1380000000 + i AS VARCHAR) END"
    sqlite = workspace.database.dialect == "sqlite"
    now = "'2026-11-21 00:00:00.000000'" if sqlite else "now()"
    into = f"INSERT INTO crm__deal ({COLUMNS}, created_at, updated_at, revision)"
    rows = f"SELECT 'Deal ' || i, i, i, {phone}, 'C' || i, {now}, {now}, 1 FROM n"
    key = "INTEGER PRIMARY KEY" if sqlite else "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    number = "BIGINT" if sqlite else "NUMERIC(18, 2)"
    columns = f"id {key}, name VARCHAR, value {number}, count BIGINT, phone VARCHAR, code VARCHAR"
    with workspace.database.writing() as connection:
        connection.exec_driver_sql(f"{numbers} {into} {rows}" if sqlite else f"{into} {numbers} {rows}")
        connection.exec_driver_sql(f"CREATE TABLE plain ({columns})")
        connection.exec_driver_sql(f"INSERT INTO plain ({COLUMNS}) SELECT {COLUMNS} FROM crm__deal")
    workspace.database.take_stock()


def save(workspace: Workspace) -> None:
    """One change of one record, as a page does it."""
    try:
        update_record(workspace, SYSTEM, "crm.deal", 7, {"name": f"Deal {time.monotonic_ns()}"})
    except ReleaseChanged:
        create_record(workspace, SYSTEM, "crm.deal", {"name": "again"})


@contextmanager
def writer(write: Callable[[], None]) -> Iterator[list[float]]:
    """Writes again and again while the block lasts, and notes how long each took."""
    waits: list[float] = []
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            waits.append(seconds(write))
            time.sleep(PAUSE)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.1)
    yield waits
    done.set()
    thread.join()


def seconds(do: Callable[[], None]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


@contextmanager
def by_hand(name: str, address: str) -> Iterator[Any]:
    """A connection without Dougong."""
    if name == "sqlite":
        file = address.removeprefix("sqlite:///")
        plain: Any = sqlite3.connect(file, timeout=600, isolation_level=None, check_same_thread=False)
    else:
        plain = psycopg.connect(address.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    yield plain
    plain.close()


def carry_out(connection: Any, statements: tuple[str, ...]) -> None:
    """All statements in one transaction."""
    connection.execute("BEGIN")
    for statement in statements:
        connection.execute(statement)
    connection.execute("COMMIT")


def write_plainly(connection: Any) -> None:
    """One change of one row."""
    connection.execute("UPDATE plain SET name = 'again' WHERE id = 7")


if __name__ == "__main__":
    main()
