"""An open, empty database for each test of the schema, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from engine.schema.database import Database, open_database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()
