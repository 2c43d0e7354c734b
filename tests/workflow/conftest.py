"""A workspace for all scenarios of a module: publishing once costs less than once for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.workspace import Workspace
from tests.fixtures.databases import empty_database
from tests.fixtures.published import published

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
                    url = stack.enter_context(empty_database(server))
                opened[yaml] = stack.enter_context(_published(url, yaml))
            return opened[yaml]

        yield open_with


@contextmanager
def _published(url: str, yaml: str) -> Iterator[Workspace]:
    workspace = published(url, yaml)
    yield workspace
    workspace.close()
