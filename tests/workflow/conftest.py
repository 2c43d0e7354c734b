"""A workspace for all scenarios of a module: publishing once costs less than once for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from engine.definition.check import check_texts
from engine.releases.apply import apply_plan
from engine.workspace import Workspace, open_workspace

OpenWorkspace = Callable[[str], Workspace]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_workspace(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[OpenWorkspace]:
    """`shared_workspace(yaml)`: the app published in a database of this module; the same one every time."""
    opened: dict[str, Workspace] = {}
    with ExitStack() as stack:
        folder: Path = tmp_path_factory.mktemp("office")

        def open_with(yaml: str) -> Workspace:
            if yaml not in opened:
                url = f"sqlite:///{folder / 'office.db'}"
                if request.param == "postgresql":
                    server = request.getfixturevalue("postgresql_server")
                    url = stack.enter_context(_database(server))
                opened[yaml] = stack.enter_context(_published(url, yaml))
            return opened[yaml]

        yield open_with


@contextmanager
def _database(server: Any) -> Iterator[str]:
    """The URL of an empty database on the PostgreSQL of the test run."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} STRATEGY FILE_COPY").format(sql.Identifier(name)))
        yield server.get_uri(name, driver="psycopg")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _published(url: str, yaml: str) -> Iterator[Workspace]:
    workspace = open_workspace(url)
    checked = check_texts([{"office_app.yaml": yaml}])
    apply_plan(workspace.database, checked, message="test", by="test")
    yield workspace
    workspace.close()
