"""How fast pages are, beside the same pages by hand in Flask and Jinja (benchmarks/plain_pages.py).

Both programs run in this process over the same tables: a list of 50 of 1,000,000 records, filtered and
sorted; a record with three child rows; a board of 200 cards; a dashboard of six charts. Rounds alternate.
The plain pages have the same content, to a fifth of the bytes, ask who is signed in and whether they may, and
count what is unread; but they are written for this one application, in one language.

A ratio is plain ÷ Dougong of the processor time of a request: 1.00 is as fast, 0.50 takes twice as long.
Usage: python benchmarks/pages.py [--database sqlite|postgresql] [--rows N] [--rounds N] [--requests N]
"""

import argparse
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import plain_pages
from benchmarks.records import BATCH, DATABASES
from dougong.app import create_app
from dougong.settings import Settings
from engine.access.accounts import grant_roles, set_password
from engine.access.rules import Rules
from engine.access.sessions import Device, begin_session
from engine.definition.files import read_files
from engine.records.write import create
from engine.releases.apply import apply_plan
from engine.releases.proposal import proposed
from engine.schema.database import open_database
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace

NAME = "benchmark-person"
DEFINITION = Path(__file__).with_name("pages_app.yaml")
Address = Callable[[random.Random], str]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--requests", type=int, default=40, help="Of each page in each round.")
    given = arguments.parse_args()
    print(f"{'':28}{'Dougong':>12}{'plain':>12}{'ratio':>8}   (requests a second; ratio of processor time)")
    for database in given.database or ["sqlite", "postgresql"]:
        folder = Path(tempfile.mkdtemp(prefix="dougong-bench-"))
        # PostgreSQL refuses to run as root; its own account has to reach its folder.
        folder.chmod(0o755)
        try:
            with DATABASES[database](folder) as url:
                measure(database, url, folder, given)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def measure(name: str, url: str, folder: Path, given: argparse.Namespace) -> None:
    """All pages on one database."""
    workspace = prepare(url, given.rows)
    ours = create_app(Settings(url, folder), workspace).test_client()
    sign_in(ours)
    engine = create_engine(url)
    plain = plain_pages.make_app(engine).test_client()
    sign_in_plainly(plain, workspace)
    for page, (of_ours, of_plain) in PAGES.items():
        ratios, speeds = [], ([], [])
        for number in range(given.rounds + 1):
            pairs = ((ours, of_ours), (plain, of_plain))
            taken = [seconds(client, address, number, given.requests) for client, address in pairs]
            if number:
                ratios.append(taken[1] / taken[0])
                for speed, each in zip(speeds, taken, strict=True):
                    speed.append(1 / each)
        first, second = (statistics.median(each) for each in speeds)
        print(
            f"{name + ' ' + page:28}{first:12.0f}{second:12.0f}{statistics.median(ratios):8.2f}", flush=True
        )
    engine.dispose()
    workspace.close()


def sign_in(client: FlaskClient) -> None:
    """Signs in by the form, as a person does."""
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    client.post("/sign-in", data={"csrf_token": token, "username": NAME, "password": NAME[::-1]})


def sign_in_plainly(client: FlaskClient, workspace: Workspace) -> None:
    """Gives the plain pages a session of their own for the same person."""
    with workspace.writing(SYSTEM) as transaction:
        users = transaction.catalog.tables.table("system.user")
        person = transaction.connection.execute(
            select(users.c.id).where(users.c.username == NAME)
        ).scalar_one()
        secret = begin_session(transaction, person, Device(None, "", ""), Rules())
    with client.session_transaction() as cookie:
        cookie["secret"] = secret


def prepare(url: str, rows: int) -> Workspace:
    """Publishes the definition and fills its tables, with a person who may read them."""
    database = open_database(url)
    apply_plan(database, proposed(None, read_files([DEFINITION]).values()), message="benchmark", by="")
    database.close()
    workspace = open_workspace(url)
    chance = random.Random(1)
    with workspace.writing(SYSTEM) as transaction:
        person = create(transaction, "system.user", {"username": NAME, "name": NAME})
        grant_roles(transaction, person, ["bench.sales"])
        set_password(
            transaction, person, NAME[::-1], PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        )
        tables, connection = transaction.catalog.tables, transaction.connection
        kept = {"created_at": datetime.now(UTC), "updated_at": datetime.now(UTC), "revision": 1}
        for start in range(1, rows + 1, BATCH):
            deals = [
                {
                    "name": f"Deal {number}",
                    "amount": Decimal(chance.randint(1_000, 50_000_000)) / 100,
                    "status": status(chance),
                    "close_date": date(2026, 1, 1) + timedelta(days=chance.randrange(730)),
                    **kept,
                }
                for number in range(start, min(start + BATCH, rows + 1))
            ]
            connection.execute(insert(tables.table("bench.deal")), deals)
        lines = [
            {"deal": deal, "text": f"Line {at}", "quantity": at, "price": Decimal(5), "position": at, **kept}
            for deal in range(1, 1_001)
            for at in (1, 2, 3)
        ]
        connection.execute(insert(tables.table("bench.deal_line")), lines)
    workspace.database.take_stock()
    return workspace


def seconds(client: FlaskClient, address: Address, seed: int, requests: int) -> float:
    """Processor time of one request, on average."""
    chance = random.Random(seed)
    sent = [address(chance) for _ in range(requests)]
    began = time.process_time()
    for each in sent:
        answer = client.get(each)
        if answer.status_code != 200:
            raise SystemExit(f"{each}: {answer.status} {answer.location}")
        answer.get_data()
    return (time.process_time() - began) / requests


def status(chance: random.Random) -> str:
    return chance.choice(tuple(plain_pages.STATUSES))


PAGES: dict[str, tuple[Address, Address]] = {
    "list": (
        lambda chance: "/bench/deal?filter=" + quote(f'status == "{status(chance)}" and amount <= 250000'),
        lambda chance: f"/deals?status={status(chance)}",
    ),
    "record": (
        lambda chance: f"/bench/deal/{chance.randint(1, 1_000)}",
        lambda chance: f"/deals/{chance.randint(1, 1_000)}",
    ),
    "board": (lambda _: "/bench/deal?view=board", lambda _: "/board"),
    "dashboard": (lambda _: "/dashboards/bench/sales", lambda _: "/dashboard"),
}

if __name__ == "__main__":
    main()
