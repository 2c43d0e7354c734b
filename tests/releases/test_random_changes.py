"""Random changes of definitions: after each publish the tables are as if made anew, and values survive.

A few examples on each database; the environment variable DOUGONG_SOAK says how many to try at length.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.releases.plan import make_plan
from engine.schema.database import Database, open_database
from engine.schema.tables import entity_tables
from tests.fixtures.databases import empty_database
from tests.releases.drawn import FIELD_TYPES, Drawn, change, first_definition, stage_now, surviving
from tests.releases.publishing import NOW, checked, live_schema, publish

Empty = Callable[[], AbstractContextManager[Database]]
"""An empty database, there as long as a block runs."""

Values = Mapping[str, Mapping[str, list[Any]]]
"""Entity → column → the values of its records."""

EXAMPLES = int(os.environ.get("DOUGONG_SOAK", "4"))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@contextmanager
def _empty_sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder, _opened(f"sqlite:///{Path(folder) / 'd.db'}") as database:
        yield database


@contextmanager
def _empty_postgresql(server: Any) -> Iterator[Database]:
    with empty_database(server) as url, _opened(url) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Empty:
    if request.param == "sqlite":
        return _empty_sqlite
    return partial(_empty_postgresql, request.getfixturevalue("postgresql_server"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_changes_leave_tables_as_if_made_anew(empty: Empty, data: st.DataObject) -> None:
    with empty() as database:
        drawn = first_definition(data)
        publish(database, drawn.text())
        _fill(database, drawn)
        for _ in range(data.draw(st.integers(1, 3))):
            after = change(data, drawn)
            before = _values(database, drawn)
            publish(database, after.text())
            assert make_plan(database, checked(after.text())).nothing_to_do
            with empty() as other:
                publish(other, after.text())
                assert live_schema(database) == live_schema(other)
            _all_survived(drawn, after, before, _values(database, after))
            drawn = after.settled()
            publish(database, drawn.text())
            _fill(database, drawn)


def _all_survived(drawn: Drawn, after: Drawn, before: Values, now: Values) -> None:
    for entity, name, old_entity, old_name in surviving(drawn, after):
        filled = after.entities[entity].fields.get(name) == "filled"
        expected = ["x" if filled and each is None else each for each in before[old_entity][old_name]]
        assert now[entity][name] == expected, (entity, name)
    for name, each in after.entities.items():
        old = drawn.entities.get(each.called_before or name)
        if old and old.stages and each.stages:
            stood = before[each.called_before or name]["stage"]
            assert now[name]["stage"] == [stage_now(each, stage) for stage in stood], name


def _values(database: Database, drawn: Drawn) -> Values:
    definitions = checked(drawn.text())
    tables = entity_tables(definitions)
    found: dict[str, dict[str, list[Any]]] = {}
    with database.reading() as connection:
        for name in drawn.entities:
            table = tables.table(f"crm.{name}")
            rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
            found[name] = {column.name: [row[column.name] for row in rows] for column in table.c}
    return found


def _fill(database: Database, drawn: Drawn) -> None:
    """Two records for each entity that has none; one gets a value in every field that may have one."""
    definitions = checked(drawn.text())
    tables = entity_tables(definitions)
    with database.writing() as connection:
        for name in drawn.entities:
            table = tables.table(f"crm.{name}")
            if connection.execute(select(table.c.id).limit(1)).first() is None:
                _insert_two(connection, table, drawn, name)
        for name, entity in drawn.entities.items():
            table = tables.table(f"crm.{name}")
            values = {each: FIELD_TYPES[kind][1] for each, kind in entity.fields.items()}
            given = {each: value for each, value in values.items() if value is not None}
            if entity.stages:
                given["stage"] = entity.stages[-1]
            if given:
                connection.execute(table.update().where(table.c.id == 1).values(given))


def _insert_two(connection: Any, table: Any, drawn: Drawn, name: str) -> None:
    entity = drawn.entities[name]
    system: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "revision": 1}
    if entity.stages:
        system["stage"] = entity.stages[0]
    filled = {each: "x" for each, kind in entity.fields.items() if kind == "filled"}
    for number, letter in enumerate("AB", 1):
        connection.execute(table.insert().values(id=number, name=letter, **system, **filled))
