"""Indexes of large tables on PostgreSQL are made after the release, while others write."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, text

from dougong.cli import main
from engine.releases import apply, index_builds
from engine.releases.history import current_number
from engine.releases.plan import make_plan
from engine.schema.database import Database, open_database
from tests.releases.publishing import checked, crm, insert, publish

BEFORE = crm("name: {type: text}")
AFTER = crm("name: {type: text, index: true}")
INDEX = "ix_crm__deal__name"
BUILD = f"CREATE INDEX CONCURRENTLY {INDEX} ON crm__deal (name)"


@pytest.fixture
def server(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr("engine.releases.index_steps.MANY", 2)
    opened = open_database(postgresql_url)
    publish(opened, BEFORE)
    with opened.writing() as connection:
        for name in ("A", "B"):
            insert(connection, checked(BEFORE), "crm.deal", name=name)
    yield opened
    opened.close()


def is_valid(database: Database) -> bool | None:
    """Whether the index is there and whole; None when it is not there."""
    with database.reading() as connection:
        found = text(f"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{INDEX}')")
        valid: bool | None = connection.execute(found).scalar()
        return valid


def number(database: Database) -> int:
    with database.reading() as connection:
        return current_number(connection)


def make_invalid(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('{INDEX}')")
        )


def test_an_index_is_made_after_the_release(server: Database) -> None:
    (step,) = make_plan(server, checked(AFTER)).steps[-1:]
    assert str(step.sentence) == "Adds an index on Name to Deal."
    assert step.to_json()["sql"] == [BUILD]
    assert not step.blocks_writers
    publish(server, AFTER)
    assert is_valid(server)
    assert make_plan(server, checked(AFTER)).nothing_to_do


def test_few_records_and_unique_indexes_need_no_build(server: Database) -> None:
    unique = make_plan(server, checked(crm("name: {type: text, unique: true}")))
    assert unique.builds == ()
    with server.writing() as connection:
        connection.execute(text("DELETE FROM crm__deal WHERE name = 'B'"))
    assert make_plan(server, checked(AFTER)).builds == ()


def test_others_write_while_an_index_is_made(server: Database) -> None:
    """A transaction that has written already keeps the build waiting; meanwhile yet others write."""
    begun = Event()

    def note(_connection: Any, _cursor: Any, statement: str, *_further: Any) -> None:
        if statement == BUILD:
            begun.set()

    publisher = open_database(server.url.render_as_string(hide_password=False))
    event.listen(publisher.engine, "before_cursor_execute", note)
    with ThreadPoolExecutor(1) as pool:
        with server.engine.connect() as slow, slow.begin():
            # It does not join the writers, so the release itself need not wait for it.
            slow.exec_driver_sql("SET TRANSACTION READ WRITE")
            slow.exec_driver_sql("LOCK TABLE crm__deal IN ROW EXCLUSIVE MODE")
            publishing = pool.submit(publish, publisher, AFTER)
            assert begun.wait(20)
            while is_valid(server) is None:
                sleep(0.02)
            with server.writing() as connection:
                insert(connection, checked(AFTER), "crm.deal", name="C")
            assert (number(server), is_valid(server)) == (2, False)
        assert publishing.result(20).number == 2
    assert is_valid(server)
    publisher.close()


def test_killed_before_the_index_the_release_stands_and_the_next_apply_makes_it(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(apply, "build_indexes", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(server, AFTER)
    assert (number(server), is_valid(server)) == (2, None)
    assert [step.kind for step in make_plan(server, checked(AFTER)).steps] == ["index_added"]
    assert publish(server, AFTER).number == 2
    assert (number(server), is_valid(server)) == (2, True)


def test_an_invalid_index_is_built_again_by_the_command(server: Database, tmp_path: Path) -> None:
    file = tmp_path / "crm_app.yaml"
    file.write_text(AFTER, encoding="utf-8")
    publish(server, AFTER)
    make_invalid(server)
    assert is_valid(server) is False
    arguments = ["apply", str(file), "--database", server.url.render_as_string(hide_password=False)]
    result = CliRunner().invoke(main, arguments, env={"LC_ALL": "C"})
    assert "Adds an index on Name to Deal." in result.output
    assert "Release 2 stands as it was; its indexes are there again." in result.output
    assert (number(server), is_valid(server)) == (2, True)


def test_an_invalid_index_of_a_small_table_is_made_inside_the_transaction(
    server: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server, AFTER)
    make_invalid(server)
    monkeypatch.setattr("engine.releases.index_steps.MANY", 100)
    publish(server, AFTER)
    assert is_valid(server)


def test_a_table_that_went_meanwhile_needs_no_index(server: Database) -> None:
    build = index_builds.IndexBuild("ix_gone", "CREATE INDEX CONCURRENTLY ix_gone ON gone (name)")
    index_builds.build_indexes(server, [build])
    assert is_valid(server) is None
