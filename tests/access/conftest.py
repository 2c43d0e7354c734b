"""The office of the matrix of rights, made once for each database: nothing that is tried in it stays."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.access.matrix_world import Office, furnish
from tests.apps.office import open_with_apps


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def furnished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Both applications with everybody and everything of `matrix_world`."""
    if request.param == "sqlite":
        workspace = open_with_apps(f"sqlite:///{tmp_path_factory.mktemp('matrix') / 'matrix.db'}")
        yield furnish(workspace)
        workspace.close()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"matrix_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        workspace = open_with_apps(server.get_uri(name, driver="psycopg"))
        yield furnish(workspace)
        workspace.close()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
