"""Backup and restore: what comes back is what was there, on both databases."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import MetaData, inspect, select

from dougong.cli import main
from engine.backup.archive import MANIFEST
from engine.commands import create_record, fire_transition
from engine.schema.database import open_database
from engine.schema.system_tables import schema_version
from engine.schema.upgrade import migrations
from engine.transaction import SYSTEM
from engine.workspace import Workspace, open_workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line on the test's database and a data folder with a key and an attached file."""
    data = tmp_path / "data"
    (data / "files" / "ab").mkdir(parents=True)
    (data / "files" / "ab" / "offer.pdf").write_bytes(b"%PDF")
    (data / "secret.key").write_text("k" * 48)
    monkeypatch.setenv("DOUGONG_DATABASE", database_url)
    monkeypatch.setenv("DOUGONG_DATA", str(data))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return lambda *arguments: CliRunner().invoke(main, arguments, catch_exceptions=False)


def furnish(workspace: Workspace) -> None:
    """Records of every kind: links, child rows, a sequence, a frozen value, history."""
    person(workspace, "ann", "shop.clerk")
    customer = create_record(workspace, SYSTEM, "shop.customer", {"name": "Ä%s\t“quoted” \\N 第二行"})
    lines = [{"text": "cup", "quantity": 2, "price": "1234.50"}]
    order = create_record(workspace, SYSTEM, "shop.order", {"customer": customer["id"], "lines": lines})
    fire_transition(workspace, SYSTEM, "shop.order", order["id"], "ship")


def contents(url: str) -> dict[str, Any]:
    """Every table with its rows, indexes and foreign keys; the audit, which goes on, is left out."""
    database = open_database(url)
    try:
        found = MetaData()
        with database.reading() as connection:
            found.reflect(connection)
            looking = inspect(connection)
            return {
                name: {
                    "rows": sorted(map(repr, connection.execute(select(table)))),
                    "indexes": sorted(str(each["name"]) for each in looking.get_indexes(name)),
                    "links": sorted(str(each["name"]) for each in looking.get_foreign_keys(name)),
                    "columns": [str(each["type"]) for each in looking.get_columns(name)],
                }
                for name, table in found.tables.items()
                if name != "dougong_audit"
            }
    finally:
        database.close()


def test_what_is_restored_is_what_was_there(
    publish: Publish, run: Run, database_url: str, tmp_path: Path
) -> None:
    workspace = publish(SHOP)
    furnish(workspace)
    before = contents(database_url)
    file = tmp_path / "all.zip"
    assert "The keys are not in it" in run("backup", str(file)).stdout
    create_record(workspace, SYSTEM, "shop.customer", {"name": "Later"})
    (tmp_path / "data" / "files" / "ab" / "offer.pdf").unlink()
    workspace.close()

    refused = run("restore", str(file))
    assert refused.exit_code == 1
    assert "There is something in the database" in refused.stderr
    assert contents(database_url) != before

    restored = run("restore", str(file), "--replace")
    assert restored.exit_code == 0, restored.output
    assert contents(database_url) == before
    assert (tmp_path / "data" / "files" / "ab" / "offer.pdf").read_bytes() == b"%PDF"


def test_work_goes_on_after_restoring(publish: Publish, run: Run, database_url: str, tmp_path: Path) -> None:
    workspace = publish(SHOP)
    furnish(workspace)
    file = tmp_path / "all.zip"
    run("backup", str(file))
    workspace.close()
    assert run("restore", str(file), "--replace").exit_code == 0
    again = open_workspace(database_url)
    try:
        values = {"customer": 1, "lines": [{"text": "pen", "price": "1"}]}
        made = create_record(again, SYSTEM, "shop.order", values)
        assert (made["id"], str(made["number"])[-3:]) == (2, "002")
        assert again.catalog.release == 1
        with (
            pytest.raises(Exception, match="cannot be changed or removed"),
            again.database.writing() as connection,
        ):
            connection.exec_driver_sql("DELETE FROM dougong_audit")
    finally:
        again.close()


def test_keys_go_along_only_when_asked_for(publish: Publish, run: Run, tmp_path: Path) -> None:
    publish(SHOP)
    for name, options, there in (("a.zip", [], False), ("b.zip", ["--with-keys"], True)):
        run("backup", str(tmp_path / name), *options)
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert ("keys/secret.key" in archive.namelist()) is there
    assert "never written over" in run("backup", str(tmp_path / "a.zip")).stderr


def _changed(file: Path, target: Path, part: str, content: bytes | None) -> Path:
    """A copy of the archive in which a part is another one, or missing."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as written:
        for name in source.namelist():
            if name != part:
                written.writestr(name, source.read(name))
            elif content is not None:
                written.writestr(name, content)
    return target


def test_damaged_and_foreign_backups_change_nothing(
    publish: Publish, run: Run, database_url: str, tmp_path: Path
) -> None:
    furnish(publish(SHOP))
    before = contents(database_url)
    file = tmp_path / "all.zip"
    run("backup", str(file))
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    newer = json.dumps({**manifest, "schema_version": 999}).encode()
    foreign = json.dumps({**manifest, "dialect": "oracle"}).encode()
    offer = "files/ab/offer.pdf"
    (tmp_path / "text.zip").write_text("no archive")
    for damaged, sentence in (
        (tmp_path / "text.zip", "cannot be read as a backup"),
        (_changed(file, tmp_path / "1.zip", MANIFEST, None), "it has no manifest"),
        (_changed(file, tmp_path / "2.zip", offer, b"other"), f"{offer} is not what was written"),
        (_changed(file, tmp_path / "3.zip", offer, None), f"{offer} is missing"),
        (_changed(file, tmp_path / "4.zip", MANIFEST, newer), "from a newer Dougong"),
        (_changed(file, tmp_path / "5.zip", MANIFEST, foreign), "of a oracle database"),
    ):
        answer = run("restore", str(damaged), "--replace")
        assert answer.exit_code == 1
        assert sentence in answer.stderr
    assert contents(database_url) == before


MADE_SINCE = {
    13: ("dougong_search", "dougong_searched", "dougong_view", "dougong_view_choice", "dougong_import",
         "dougong_import_row"),
    14: ("dougong_public_form",),
    15: ("ix_dougong_history__deleted", "ix_dougong_history__deleted_by"),
    16: ("ix_dougong_history__by_id",),
}  # fmt: skip
"""Version of our own tables → what it added; the version before the first of these is the old one here."""


def grown_old(url: str) -> int:
    """Makes of a database what an earlier Dougong would have left; gives the version of its tables."""
    assert max(migrations()) == max(MADE_SINCE), "say here what the new migration adds"
    before = min(MADE_SINCE) - 1
    database = open_database(url)
    try:
        with database.writing() as connection:
            for name in (each for tables in MADE_SINCE.values() for each in tables):
                kind = "INDEX" if name.startswith("ix_") else "TABLE"
                connection.exec_driver_sql(f"DROP {kind} {name}")
            connection.execute(schema_version.update().values(version=before))
    finally:
        database.close()
    return before


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    publish: Publish, run: Run, database_url: str, tmp_path: Path
) -> None:
    workspace = publish(SHOP)
    furnish(workspace)
    workspace.close()
    expected = contents(database_url)
    before, file = grown_old(database_url), tmp_path / "old.zip"
    assert run("backup", str(file)).exit_code == 0
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read(MANIFEST))["schema_version"] == before
    restored = run("restore", str(file), "--replace")
    assert restored.exit_code == 0, restored.output
    found = contents(database_url)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name]["columns"] != expected[name]["columns"]] == []
    emptied = {each for tables in MADE_SINCE.values() for each in tables} | {"dougong_schema"}
    kept = [name for name in found if not any(name.startswith(each) for each in emptied)]
    assert [name for name in kept if found[name]["rows"] != expected[name]["rows"]] == []
    again = open_workspace(database_url)
    try:
        values = {"customer": 1, "lines": [{"text": "pen", "price": "1"}]}
        assert create_record(again, SYSTEM, "shop.order", values)["id"] == 2
    finally:
        again.close()
