"""Ten publishes while people work: how many requests fail? The aim is none.

A site with two workers is served; threads read lists and records, create records and change them, as fast as
they can, while fields are added, renamed, removed and get other types. A request fails when its status is not
the one that it has without publishing.

Usage: python benchmarks/publish_load.py [--database sqlite|postgresql] [--publishes N] [--clients N] [--json]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.records import DATABASES
from engine.access.accounts import grant_roles
from engine.access.tokens import new_token
from engine.commands import create_record
from engine.definition.check import check_texts
from engine.records.write import create
from engine.releases.apply import apply_plan
from engine.releases.step import Risk
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace

RECORDS = 200
WORKERS = 2
SERVE = [sys.executable, "-c", "from dougong.cli import main; main()", "serve", "--no-jobs"]
HEAD = """
app: crm
roles: {sales: {}}
entities:
  deal:
    access: {role:sales: {read: true, create: true, update: true}}
    fields:
      name: {type: text, required: true}
"""
CHANGES = (
    "      value: {type: money}\n      phone: {type: text}\n",
    "      value: {type: money}\n      phone: {type: text}\n      note: {type: text, default: new}\n",
    "      amount: {type: money, was: value}\n      phone: {type: text}\n      note: {type: text}\n",
    "      amount: {type: money}\n      phone: {type: integer}\n      note: {type: text}\n",
    "      amount: {type: decimal}\n      phone: {type: integer}\n",
    "      value: {type: decimal, decimals: 4, was: amount}\n      phone: {type: text}\n",
)
"""What is published, again and again from the first to the last."""


@dataclass(slots=True)
class Load:
    """What came back: statuses by kind of request, and those that should not have."""

    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    publishes: int = 0


def main() -> None:
    """Runs and prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", choices=list(DATABASES), action="append")
    arguments.add_argument("--publishes", type=int, default=10)
    arguments.add_argument("--clients", type=int, default=6)
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    found = {}
    for name in given.database or list(DATABASES):
        with tempfile.TemporaryDirectory() as folder, DATABASES[name](Path(folder)) as address:
            found[name] = under_load(address, Path(folder), given.publishes, given.clients)
    if given.json:
        print(json.dumps({name: asdict(each) for name, each in found.items()}, indent=2))
        return
    for name, each in found.items():
        print(
            f"{name}: {each.publishes} publishes, {each.requests:,} requests, {each.failed.total()} failed, "
            f"the slowest took {each.slowest:.2f} s"
        )
        for what, count in each.failed.items():
            print(f"    {count} × {what}")


def under_load(address: str, folder: Path, publishes: int, clients: int) -> Load:
    """Publishes so many times while clients work, and gives what became of their requests."""
    workspace = open_workspace(address)
    publish(workspace, CHANGES[0])
    for number in range(RECORDS):
        create_record(workspace, SYSTEM, "crm.deal", {"name": f"N{number}", "phone": str(number)})
    token = _token(workspace)
    load, lock, done = Load(), threading.Lock(), threading.Event()
    with serving(address, folder) as port:
        threads = [
            threading.Thread(target=_work, args=(port, token, number, load, lock, done))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        time.sleep(1)
        for number in range(publishes):
            publish(workspace, CHANGES[(number + 1) % len(CHANGES)])
            load.publishes += 1
            time.sleep(0.5)
        done.set()
        for thread in threads:
            thread.join()
    workspace.close()
    return load


def publish(workspace: Workspace, fields: str) -> None:
    """Publishes the app with these fields; a rename that is the other way round is stated too."""
    checked = check_texts([{"crm_app.yaml": HEAD + fields}])
    apply_plan(workspace.database, checked, "load", "load", frozenset(Risk))


def _token(workspace: Workspace) -> str:
    with workspace.writing(SYSTEM) as transaction:
        person = create(
            transaction, "system.user", {"username": "load", "name": "Load", "email": "l@example.com"}
        )
        grant_roles(transaction, person, ["crm.sales"])
        return new_token(transaction, person, "load")


def _work(
    port: int, token: str, client: int, load: Load, lock: threading.Lock, done: threading.Event
) -> None:
    """One client: its requests in turn, until it is told to stop."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    own = client + 1
    turn = 0
    while not done.is_set():
        turn += 1
        requests: list[tuple[str, str, dict[str, Any] | None, int]] = [
            ("GET", "/api/v1/crm/deal?limit=20", None, 200),
            ("GET", f"/api/v1/crm/deal/{own}", None, 200),
            ("POST", "/api/v1/crm/deal", {"name": f"from {client} {turn}"}, 201),
            ("PATCH", f"/api/v1/crm/deal/{own}", {"name": f"by {client} {turn}"}, 200),
            ("GET", "/api/v1/openapi.json", None, 200),
        ]
        for method, path, body, expected in requests:
            begun = time.perf_counter()
            try:
                sent = json.dumps(body) if body is not None else None
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                connection.request(method, path, sent, headers)
                answer = connection.getresponse()
                text = answer.read().decode()
                status = answer.status
            except OSError as error:
                status, text = 0, repr(error)
                connection.close()
            took = time.perf_counter() - begun
            with lock:
                load.requests += 1
                load.slowest = max(load.slowest, took)
                if status != expected:
                    load.failed[f"{method} {path.rstrip('0123456789')}: {status} {text[:200]}"] += 1
    connection.close()


@contextmanager
def serving(address: str, folder: Path) -> Iterator[int]:
    """The site on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "DOUGONG_DATA": str(folder / "data"),
        "DOUGONG_DATABASE": address,
        # All clients have one token.
        "DOUGONG_API_CALLS_A_MINUTE": "0",
    }
    process = subprocess.Popen(
        [*SERVE, "--port", str(port), "--workers", str(WORKERS)], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            pass
        assert time.monotonic() < until, "the site did not come up"
        time.sleep(0.2)


if __name__ == "__main__":
    main()
