"""`dougong serve` as a process: it answers, survives a killed worker, finishes when it is told to stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from dougong.commands.server import refuse_taken
from engine.problems import Refused

SERVE = [sys.executable, "-c", "from dougong.cli import main; main()", "serve"]


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A served site and its port; stopped at the end."""
    port = free_port()
    environment = {**os.environ, "DOUGONG_DATA": str(folder), "DOUGONG_DATABASE": "", "LC_ALL": "C"}
    process = subprocess.Popen(
        [*SERVE, "--port", str(port), *arguments], env=environment, stdout=subprocess.PIPE
    )
    try:
        wait_for(port)
        yield process, port
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            if asked(port, "/readyz")[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < until, "the site did not come up"
        time.sleep(0.2)


@pytest.mark.slow
def test_the_site_is_served_survives_a_killed_worker_and_stops_when_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as (process, port):
        assert asked(port, "/healthz") == (200, b'{"status":"ok"}')
        assert json.loads(asked(port, "/readyz")[1]) == {"status": "ok", "release": 0}
        status, body = asked(port, "/api/v1/system/user")
        assert (status, json.loads(body)["status"]) == (401, 401)
        workers, jobs = children(process)
        assert (len(workers), len(jobs)) == (2, 1)
        workers[0].kill()
        jobs[0].kill()
        for _ in range(10):
            assert asked_until(port, "/healthz") == 200
        until = time.monotonic() + 60
        while not children(process)[1] or children(process)[1] == jobs:
            assert time.monotonic() < until, "nobody took the place of the process that works on jobs"
            time.sleep(0.1)
        (beside,) = children(process)[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not beside.is_running()
        assert process.stdout
        assert f"Dougong runs at http://127.0.0.1:{port}.".encode() in process.stdout.read()


def children(process: subprocess.Popen[bytes]) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """The processes that serve, and those that work on jobs."""
    found = psutil.Process(process.pid).children()
    found = [each for each in found if each.status() != psutil.STATUS_ZOMBIE]
    jobs = [each for each in found if "--beside-server" in each.cmdline()]
    return [each for each in found if each not in jobs], jobs


def asked_until(port: int, path: str) -> int:
    """The status, asked again while nobody listens: the killed worker may have been the only one ready."""
    until = time.monotonic() + 60
    while True:
        try:
            return asked(port, path)[0]
        except OSError:
            assert time.monotonic() < until, "no worker took the place of the killed one"
            time.sleep(0.1)


def test_a_taken_port_is_named_with_how_to_choose_another() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refused) as refused:
            refuse_taken("127.0.0.1", port)
    assert str(refused.value).startswith(f"Port {port} of 127.0.0.1 is taken by another program.")
    assert f"dougong serve --port {port + 1 if port < 65535 else port - 1}" in str(refused.value)


def test_an_address_of_another_machine_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match=r"Dougong cannot listen at 192\.0\.2\.1, port 8000: "):
        refuse_taken("192.0.2.1", 8000)
