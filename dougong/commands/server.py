"""`dougong serve`: the site and the API on a port of this machine."""

import errno
import os
import socket
from contextlib import nullcontext

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from dougong.beside import mail_server, worker_beside
from dougong.commands.options import opened_workspace, tell, with_settings
from dougong.settings import Settings, secret_key
from engine.problems import Refused
from engine.releases.index_mending import mend_indexes
from engine.schema.database import open_database
from engine.text import say

THREADS = 4
"""Requests that one worker process works on at once."""

SECONDS_TO_FINISH = 20
"""How long a stopping worker may take for the requests it has begun."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--jobs/--no-jobs", default=True, help="Also work on jobs: mail, timers. Else `dougong worker` does."
)
@with_settings
def serve(settings: Settings, host: str, port: int, workers: int, jobs: bool) -> None:
    """Serve the site and the API until it is stopped (Ctrl-C).

    A request that has begun is finished first; a worker that dies is replaced.
    """
    refuse_taken(host, port)
    secret_key(settings.data)
    mail_server(settings)
    # Makes the database's own tables. What is wrong is said before any worker starts.
    _open_once(settings, jobs=jobs)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    os.environ.update({**settings.environment(), "DOUGONG_URL": settings.site or address})
    tell("Dougong runs at {address}. Ctrl-C stops it.", address=address)
    with worker_beside() if jobs else nullcontext():
        _serve(host, port, workers)


def _open_once(settings: Settings, *, jobs: bool) -> None:
    """Makes the database's own tables; without a job worker beside it also indexes that are missing."""
    if jobs:
        open_database(settings.database).close()
        return
    with opened_workspace(settings) as workspace:
        catalog = workspace.catalog
        for name in mend_indexes(workspace.database, catalog.tables, catalog.release):
            tell("The index {name} was missing and is there again.", name=name)


def _serve(host: str, port: int, workers: int) -> None:
    Granian(
        "dougong.app:from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def refuse_taken(host: str, port: int) -> None:
    """Says so when the address cannot be used; the server's own sockets share a port without a word."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = (
                "Port {port} of {host} is taken by another program. "
                "Stop that one, or choose another: dougong serve --port {other}"
            )
            other = port + 1 if port < 65535 else port - 1
            raise Refused(say(sentence, port=port, host=host, other=other)) from error
        sentence = "Dougong cannot listen at {host}, port {port}: {reason}."
        raise Refused(say(sentence, host=host, port=port, reason=error.strerror or error)) from error
