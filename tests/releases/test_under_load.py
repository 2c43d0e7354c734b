"""Publishing while people work: no request fails, no write is lost between two releases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.publish_load import under_load
from engine.commands import create_record
from engine.problems import InputRefused, ReleaseChanged
from engine.releases.apply import apply_plan
from engine.releases.history import all_releases
from engine.schema.database import open_database
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace
from tests.releases.publishing import EVERYTHING, checked, crm, publish, rows

BEFORE = crm("name: {type: text, required: true}\nvalue: {type: integer}")
AFTER = crm("name: {type: text, required: true}\namount: {type: integer, was: value}")


@pytest.mark.slow
def test_no_request_fails_while_something_is_published(database_url: str, tmp_path: Path) -> None:
    load = under_load(database_url, tmp_path, publishes=4, clients=3)
    assert load.publishes == 4
    assert load.requests > 50
    assert dict(load.failed) == {}


def test_what_is_written_while_a_release_comes_is_in_its_table(database_url: str) -> None:
    """Writers and publishes take turns: every record that was said to be written is there, with its value."""
    first, second = open_workspace(database_url), open_workspace(database_url)
    publish(first.database, BEFORE)
    written: list[int] = []
    done = threading.Event()

    def write(workspace: Workspace) -> None:
        number = 0
        while not done.is_set():
            number += 1
            name = "amount" if workspace.catalog.release % 2 == 0 else "value"
            try:
                record = create_record(workspace, SYSTEM, "crm.deal", {"name": "N", name: 7})
            except (InputRefused, ReleaseChanged):
                # The field was called otherwise when the transaction began.
                with workspace.reading():
                    pass
                continue
            written.append(record["id"])

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, workspace) for workspace in (first, second)]
        other = open_database(database_url)
        back = crm("name: {type: text, required: true}\nvalue: {type: integer, was: amount}")
        for number in range(6):
            publish(other, AFTER if number % 2 == 0 else back)
        done.set()
        for each in writers:
            each.result()
    with other.reading() as connection:
        found = rows(connection, "crm__deal", "id", "value")
    assert len(found) == len(written)
    assert {identity for identity, _ in found} == set(written)
    assert {value for _, value in found} == {7}
    for workspace in (first, second):
        workspace.close()
    other.close()


def test_a_writer_holds_up_a_publish_and_a_publish_the_next_writer(postgresql_url: str) -> None:
    workspace = open_workspace(postgresql_url)
    publish(workspace.database, BEFORE)
    other = open_database(postgresql_url)
    order: list[str] = []

    def publish_it() -> None:
        publish(other, AFTER)
        order.append("published")

    with ThreadPoolExecutor(1) as pool:
        with workspace.writing() as transaction:
            published = pool.submit(publish_it)
            threading.Event().wait(0.3)
            transaction.connection.execute(
                text(
                    "INSERT INTO crm__deal (name, value, created_at, updated_at, revision) "
                    "VALUES ('N', 3, now(), now(), 1)"
                )
            )
            order.append("written")
        published.result()
    assert order == ["written", "published"]
    with other.reading() as connection:
        assert rows(connection, "crm__deal", "amount") == [(3,)]
    workspace.close()
    other.close()


def test_many_who_publish_at_once_make_one_release_after_the_other(database_url: str) -> None:
    texts = [
        crm(f"name: {{type: text, required: true}}\nfield_{number}: {{type: text}}") for number in range(4)
    ]
    open_database(database_url).close()

    def go(text: str) -> int:
        database = open_database(database_url)
        try:
            return apply_plan(database, checked(text), "", "ada", EVERYTHING).number
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(go, texts))
    assert numbers == [1, 2, 3, 4]
    database = open_database(database_url)
    with database.reading() as connection:
        found = all_releases(connection)
        assert {each.apps["crm"]["crm_app.yaml"] for each in found} == set(texts)
        columns = rows(connection, "crm__deal", "*")
    assert columns == []
    database.close()
