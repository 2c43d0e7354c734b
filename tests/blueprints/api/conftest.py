"""The shop that the tests of the API call."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blueprints.api.shop import Shop, open_shop


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """An empty shop: on SQLite, and on PostgreSQL."""
    with open_shop(database_url, tmp_path / "data") as opened:
        yield opened
