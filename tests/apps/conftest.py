"""An office on SQLite and on PostgreSQL for each test of the shipped applications."""

from collections.abc import Iterator

import pytest

from tests.apps.office import Office, open_with_apps


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    workspace = open_with_apps(database_url)
    yield Office(workspace)
    workspace.close()
